# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Rolls the workloads of a namespace whose pods name former versions of secrets, and only these."""

from __future__ import annotations

import time
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError, ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.parallel import for_each
from ansible_collections.bunops.platform.plugins.module_utils.runner import redact
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import RolloutError, SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.rollout.masked import MaskedReader, shown_forms
from ansible_collections.bunops.platform.plugins.module_utils.secrets.rollout.references import (
    names_any,
    next_patch,
    replaced_names,
)
from ansible_collections.bunops.platform.plugins.module_utils.secrets.rollout.stuck import remove_stuck_pods
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes_errors import refusals, told

Json = Dict[str, Any]

API_VERSION = "apps/v1"
KINDS = ("Deployment", "StatefulSet", "DaemonSet")
_CONNECTIONS = 8
_ATTEMPTS = 8
# Seconds for former versions to be well again.
_BACK_LIMIT = 60.0


class _Rolled(NamedTuple):
    """A workload that names new versions now. names: the new ones with those it had. live: as it was answered."""

    kind: str
    name: str
    names: Dict[str, str]
    live: Json


class Workloads:
    """names: of former versions, with those of the new ones. values: what must not show in any message."""

    def __init__(self, client: Client, namespace: str, names: Mapping[str, str], values: Iterable[bytes]) -> None:
        self._client = client
        self._namespace = namespace
        self._title = "namespace %s" % namespace
        self._names = names
        self._forms = shown_forms(values)
        self._found: Optional[List[Json]] = None
        self._rolled: List[_Rolled] = []

    def users(self) -> List[str]:
        """See Rollout; with what keeps the pods of one from being replaced. Raises SecretError."""
        with told(self._title):
            return sorted(described(item) for item in self._users())

    def _users(self) -> List[Json]:
        if self._found is None:
            lists = for_each(KINDS, self._users_of_kind, _CONNECTIONS)
            self._found = [item for items in lists for item in items]
        return self._found

    def _users_of_kind(self, kind: str) -> List[Json]:
        items = self._client.list(API_VERSION, kind, self._namespace)
        return [item for item in items if names_any(item, self._names)]

    def roll(self, timeout: float) -> None:
        """One change for each, then one wait for all. Raises RolloutError."""
        deadline = time.monotonic() + timeout
        try:
            for_each(self._users(), self._roll_one, _CONNECTIONS)
            self._wait(max(deadline - time.monotonic(), 1.0))
        except ClusterError as error:
            raise RolloutError(self._words(error)) from None

    def _roll_one(self, workload: Json) -> None:
        names = replaced_names(workload, self._names)
        live = self._renamed(workload, self._names)
        if live:
            self._rolled.append(_Rolled(workload["kind"], workload["metadata"]["name"], names, live))
            remove_stuck_pods(self._client, live, self._names)

    def _renamed(self, workload: Json, names: Mapping[str, str]) -> Optional[Json]:
        """Have a workload name other Secrets; as it is then, None if it is gone. Raises ClusterError."""
        live: Optional[Json] = workload
        for attempt in range(_ATTEMPTS):
            patch = next_patch(live, names) if live else None
            if not live or not patch:
                return live
            path = self._client.path(API_VERSION, workload["kind"], self._namespace, live["metadata"]["name"])
            # By force where others own the same fields with the same values.
            query = {"fieldManager": patch.manager, "force": "true" if patch.content_type == APPLY else None}
            try:
                live = self._client.request("PATCH", path, patch.body, query, patch.content_type)
            except ApiError as error:
                before, live = live, self._read(workload["kind"], live["metadata"]["name"])
                if attempt == _ATTEMPTS - 1 or (live and _same(before, live)):
                    raise error
        raise ClusterError("%s does not keep the names of new versions" % described(workload))

    def _read(self, kind: str, name: str) -> Optional[Json]:
        """By a list, since those may be asked for in any case."""
        return next(self._client.list(API_VERSION, kind, self._namespace, None, "metadata.name=%s" % name), None)

    def back(self) -> None:
        """See Rollout. Raises SecretError."""
        try:
            for_each(self._rolled, self._roll_one_back, _CONNECTIONS)
        except ClusterError as error:
            raise SecretError(self._words(error)) from None

    def _roll_one_back(self, rolled: _Rolled) -> None:
        live = self._renamed(rolled.live, rolled.names)
        if live:
            remove_stuck_pods(self._client, live, rolled.names)

    def await_former(self) -> None:
        """After back(): wait, a minute at most, until all are well again. Raises SecretError."""
        try:
            self._wait(_BACK_LIMIT)
        except ClusterError as error:
            raise SecretError(self._words(error)) from None

    def _wait(self, timeout: float) -> None:
        if not self._rolled:
            return
        # Most runs roll nothing; this import would be a good part of their time.
        from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Target
        from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.wait import wait_until_ready

        targets = [Target(API_VERSION, each.kind, self._namespace, each.name) for each in self._rolled]
        wait_until_ready(MaskedReader(self._client, self._forms), targets, timeout)

    def _words(self, error: ClusterError) -> str:
        text = "\n".join(refusals(error)) if isinstance(error, ApiError) else str(error)
        return "%s: %s" % (self._title, redact(text, self._forms))


def described(workload: Mapping[str, Any]) -> str:
    """`Deployment atlas/api`, with a note if some of its pods keep what they have for now."""
    metadata, spec = workload["metadata"], workload["spec"]
    title = "%s %s/%s" % (workload["kind"], metadata["namespace"], metadata["name"])
    strategy = spec.get("updateStrategy") or {}
    partition = (strategy.get("rollingUpdate") or {}).get("partition")
    if strategy.get("type") == "OnDelete":
        return "%s (OnDelete: a pod takes the new version when it is deleted)" % title
    if spec.get("paused"):
        return "%s (paused: its pods take the new version when it is resumed)" % title
    if partition:
        return "%s (partition: its pods below %d keep the former version)" % (title, partition)
    return title


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return bool(one["metadata"]["resourceVersion"] == other["metadata"]["resourceVersion"])
