# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Applies the steps of a plan: server-side, in parallel, stage by stage. Decides nothing."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError, ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.fields import applied_fields, extract
from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import CRD_GROUP
from ansible_collections.bunops.platform.plugins.module_utils.cluster.parallel import for_each
from ansible_collections.bunops.platform.plugins.module_utils.cluster.plan import Step
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.judge import judge
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Expectation
from ansible_collections.bunops.platform.plugins.module_utils.cluster.refusals import Problem, Refused, problems_of
from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import MANAGER

Json = Dict[str, Any]

_ATTEMPTS = 25
_INTERVAL = 0.2
_NOT_YET = ("error looking up service account", "status unknown for quota")
# After all the client's patience these are no matter of a single object.
_SERVER_IN_TROUBLE = (401, 429, 502, 503, 504)


class Applied(NamedTuple):
    """A step that was done. changed: the object is another one now; ready: it is ready as it was answered.

    result: the answer, if it was to be kept.
    """

    step: Step
    changed: bool
    ready: bool
    result: Optional[Json]


class Settings(NamedTuple):
    """How to apply.

    trial: a dry run after something was refused, just for the problems. keep: results. deadline: of time.monotonic(),
    for waits in between. check: raises if the run has to stop.
    """

    threads: int
    force: bool
    dry_run: bool
    keep: bool
    deadline: float
    expectations: Sequence[Expectation] = ()
    check: Callable[[], None] = lambda: None
    trial: bool = False


def apply_stages(client: Client, stages: Sequence[Sequence[Step]], settings: Settings, done: List[Applied]) -> None:
    """Apply the steps; done gets them as they come through, also if this raises.

    Raises Refused with the problems of all objects: once one was refused, those of later stages are only tried in a
    dry run. Raises as Client.request() does, and what settings.check raises.
    """
    problems: List[Problem] = []
    for stage in stages:
        if problems:
            settings = settings._replace(dry_run=True, trial=True)
        worker = _Worker(client, settings, done)
        for found in for_each(stage, worker.apply, settings.threads):
            problems += found
        if not settings.dry_run:
            _await_kinds(client, stage, settings)
    if problems:
        raise Refused(problems)


class _Worker:
    def __init__(self, client: Client, settings: Settings, done: List[Applied]) -> None:
        self._client = client
        self._settings = settings
        self._done = done

    def apply(self, step: Step) -> List[Problem]:
        """Apply one object; why it was refused."""
        self._settings.check()
        try:
            result = self._result(step)
        except ApiError as error:
            if error.status in _SERVER_IN_TROUBLE:
                raise
            # In a trial a namespace may be missing because it was refused itself.
            if self._settings.trial and error.status == 404:
                return []
            return problems_of(step.item.key, error)
        if not self._settings.trial:
            ready = judge(result, self._settings.expectations).ready
            kept = result if self._settings.keep else None
            self._done.append(Applied(step, is_changed(step, result, self._settings.dry_run), ready, kept))
        return []

    def _result(self, step: Step) -> Json:
        if self._settings.dry_run and (step.depends or step.going):
            return step.body
        if step.going:
            _await_end(self._client, step, self._settings)
        return self._patch(step)

    def _patch(self, step: Step) -> Json:
        query = {
            "fieldManager": MANAGER,
            "fieldValidation": "Strict",
            "force": "true" if self._settings.force else None,
            "dryRun": "All" if self._settings.dry_run else None,
        }
        attempts = 0
        while True:
            try:
                return self._client.request("PATCH", step.item.path, step.body, query, APPLY)
            except ApiError as error:
                attempts += 1
                if attempts >= _ATTEMPTS or not _may_pass(step, error):
                    raise
                time.sleep(_INTERVAL)


def is_changed(step: Step, result: Mapping[str, Any], dry_run: bool = False) -> bool:
    """Whether an apply made another object of the former one.

    Its resourceVersion alone does not say so: others write, too, and some kinds get a new one for nothing.
    """
    if step.former is None or step.going:
        return True
    if not dry_run and step.former["metadata"]["resourceVersion"] == result["metadata"]["resourceVersion"]:
        return False
    before, after = applied_fields(step.former, MANAGER), applied_fields(result, MANAGER)
    if before is None or after is None or before != after:
        return True
    return bool(extract(after, step.former) != extract(after, result))


def _may_pass(step: Step, error: ApiError) -> bool:
    """Whether another attempt may come through: things that Kubernetes has not caught up with yet."""
    if error.status == 409:
        # Somebody wrote at the same moment.
        return not error.causes
    if error.status == 403:
        # A new namespace has no default account for pods yet, a new quota has not counted yet.
        return any(text in error.message for text in _NOT_YET)
    return error.status == 404 and step.item.foreseen and not error.details.get("name")


def _await_end(client: Client, step: Step, settings: Settings) -> None:
    """Wait until the deletion of an object has come to its end. Raises ClusterError."""
    key = step.item.key
    uid = (step.former or {}).get("metadata", {}).get("uid")
    while True:
        live = client.get(step.item.resource.api_version, key.kind, key.namespace or None, key.name)
        if live is None or (uid and live["metadata"]["uid"] != uid):
            return
        if time.monotonic() >= settings.deadline:
            waits = ", ".join(live["metadata"].get("finalizers") or []) or "its grace period"
            raise ClusterError(f"{key} is being deleted and does not come to its end; it waits for {waits}.")
        settings.check()
        time.sleep(_INTERVAL)


def _await_kinds(client: Client, stage: Sequence[Step], settings: Settings) -> None:
    """Wait until the kinds of the stage's CRDs can be used, by the client, too. Raises ClusterError."""
    for step in stage:
        if step.item.key.group != CRD_GROUP:
            continue
        while True:
            crd = client.request("GET", step.item.path)
            states = {state["type"]: state for state in (crd.get("status") or {}).get("conditions") or []}
            if states.get("Established", {}).get("status") == "True" and _is_served(client, crd["spec"]):
                break
            refused = states.get("NamesAccepted", {})
            if refused.get("status") == "False" or time.monotonic() >= settings.deadline:
                raise ClusterError(f"{step.item.key} is not served: {refused.get('message') or 'not established'}")
            settings.check()
            time.sleep(_INTERVAL)


def _is_served(client: Client, spec: Mapping[str, Any]) -> bool:
    known = client.discovery(fresh=True)
    group, kind = spec["group"], spec["names"]["kind"]
    return all(
        known.serves(f"{group}/{version['name']}", kind) for version in spec["versions"] if version.get("served")
    )
