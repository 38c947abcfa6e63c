# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets that a cluster with External Secrets Operator fetches by itself: no value passes through here.

Not a Target: those hold values. What is wanted are the secrets as the module's option has them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.compare import difference
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.parallel import for_each
from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import MANAGER
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.plan import ADDED, CHANGED, REMOVED, UNCHANGED
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets import external_secrets_objects as objects
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.external_secrets_objects import (
    API_VERSION,
    EXTERNAL,
    OPTIONS,
    STORE,
)
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes_errors import told
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes_objects import (
    SECRET_LABEL,
    SET_LABEL,
)

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.module_utils.secrets.spec import Secret

__all__ = ["OPTIONS", "ExternalSecrets"]

Json = Dict[str, Any]
_CONNECTIONS = 8
# Seconds between two looks at what the operator has done.
_INTERVAL = 1.0


class _Steps(NamedTuple):
    """What apply() does: objects to apply, to delete, and the names of ExternalSecrets that have to be fetched anew."""

    wanted: List[Json]
    gone: List[Json]
    fetched: List[str]


class ExternalSecrets:
    """The target of one namespace: a SecretStore, and an ExternalSecret for each secret.

    options: as the module's option has them, see OPTIONS.
    """

    kind = "external_secrets"

    def __init__(self, set_name: str, options: Mapping[str, Any], client: Client) -> None:
        self.title = "external secrets in namespace %s" % options["namespace"]
        self._set_name = set_name
        self._options = options
        self._namespace: str = options["namespace"]
        self._client = client
        self._steps = _Steps([], [], [])

    def problems(self, secrets: Sequence[Secret]) -> List[str]:
        """Why the cluster cannot do what is wanted, a line each. Raises SecretError: it cannot be asked."""
        found = objects.problems(self._set_name, self._options, secrets)
        if not self._is_known():
            found.append("the cluster does not know %s; expected External Secrets Operator" % API_VERSION)
        return ["%s: %s" % (self.title, problem) for problem in found]

    def plan(self, secrets: Sequence[Secret]) -> Dict[str, str]:
        """What apply() will do with each secret: added, changed, removed or unchanged. Raises SecretError.

        Without any secret nothing is left of the set. Where the store becomes another one, so do all secrets.
        """
        if not self._is_known():
            return {}
        wanted = {secret.name: objects.external_secret(self._set_name, self._options, secret) for secret in secrets}
        stores = [objects.store_object(self._set_name, self._options, self._ca())] if wanted else []
        with told(self.title):
            there = {kind: self._listed(kind) for kind in (STORE, EXTERNAL)}
            store_differs = any(self._differs(store, there[STORE]) for store in stores)
            differing = [name for name in sorted(wanted) if self._differs(wanted[name], there[EXTERNAL])]
        changed = sorted(wanted) if store_differs else differing
        names = {_name(item) for item in [*stores, *wanted.values()]}
        gone = [item for kind in (EXTERNAL, STORE) for item in there[kind].values() if _name(item) not in names]
        applied = [*(stores if store_differs else []), *(wanted[name] for name in differing)]
        self._steps = _Steps(applied, gone, [_name(wanted[name]) for name in changed])
        actions = {name: CHANGED if _name(wanted[name]) in there[EXTERNAL] else ADDED for name in changed}
        actions.update({name: UNCHANGED for name in wanted if name not in actions})
        actions.update({_secret(item): REMOVED for item in gone if item["kind"] == EXTERNAL})
        return actions

    def apply(self, timeout: float) -> None:
        """Do what was planned; wait, where that is asked for, until the operator has fetched what changed.

        Deleting an ExternalSecret deletes the Secret that the operator made of it. timeout: seconds. Raises
        SecretError.
        """
        with told(self.title):
            for kind in (STORE, EXTERNAL):
                for_each([item for item in self._steps.wanted if item["kind"] == kind], self._apply_one, _CONNECTIONS)
            for kind in (EXTERNAL, STORE):
                for_each([item for item in self._steps.gone if item["kind"] == kind], self._delete_one, _CONNECTIONS)
        if self._options["wait"]:
            self._wait(self._steps.fetched, timeout)

    def objects(self, secrets: Sequence[Secret]) -> Dict[str, Dict[str, Any]]:
        """Each secret's Secret, as the operator makes it: `{NAME: {"name": …, "keys": […]}}`."""
        return {
            secret.name: {"name": objects.object_name(self._set_name, secret.name), "keys": [secret.name]}
            for secret in secrets
        }

    def _is_known(self) -> bool:
        with told(self.title):
            known = self._client.discovery()
        return all(known.serves(API_VERSION, kind) for kind in (STORE, EXTERNAL))

    def _ca(self) -> Optional[bytes]:
        path = self._options["store"]["vault"].get("ca_cert")
        if not path:
            return None
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError as error:
            raise SecretError("%s: ca_cert %s: %s" % (self.title, path, error.strerror)) from None

    def _listed(self, kind: str) -> Dict[str, Json]:
        selector = "%s=%s" % (SET_LABEL, self._set_name)
        return {_name(item): item for item in self._client.list(API_VERSION, kind, self._namespace, selector)}

    def _differs(self, wanted: Json, there: Mapping[str, Json]) -> bool:
        live = there.get(_name(wanted))
        if live is None:
            return True
        if difference(wanted, live, MANAGER) is None:
            return False
        # Perhaps by what another version of the operator fills in: the server knows.
        result = self._apply_one(wanted, dry_run=True)
        return _own_part(result) != _own_part(live)

    def _apply_one(self, wanted: Json, dry_run: bool = False) -> Json:
        path = self._client.path(API_VERSION, wanted["kind"], self._namespace, _name(wanted))
        query = {
            "fieldManager": MANAGER,
            "fieldValidation": "Strict",
            "force": "true",
            "dryRun": "All" if dry_run else None,
        }
        return self._client.request("PATCH", path, wanted, query, APPLY)

    def _delete_one(self, item: Json) -> None:
        path = self._client.path(API_VERSION, item["kind"], self._namespace, _name(item))
        options = {"preconditions": {"uid": item["metadata"]["uid"]}, "propagationPolicy": "Background"}
        try:
            self._client.request("DELETE", path, options)
        except ApiError as error:
            if error.status not in (404, 409):
                raise

    def _wait(self, names: Sequence[str], timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while True:
            with told(self.title):
                there = self._listed(EXTERNAL) if names else {}
            waiting = {name: objects.unfetched(there.get(name, {})) for name in names}
            lines = ["%s %s/%s: %s" % (EXTERNAL, self._namespace, name, why) for name, why in waiting.items() if why]
            if not lines:
                return
            if time.monotonic() >= deadline:
                raise SecretError("\n".join("%s: %s" % (self.title, line) for line in lines))
            time.sleep(_INTERVAL)


def _name(item: Json) -> str:
    return str(item["metadata"]["name"])


def _own_part(item: Json) -> Tuple[Any, Any]:
    return item["spec"], item["metadata"].get("labels")


def _secret(item: Json) -> str:
    """The secret that an ExternalSecret is for; its own name if somebody took the label away."""
    return str(item["metadata"]["labels"].get(SECRET_LABEL) or _name(item))
