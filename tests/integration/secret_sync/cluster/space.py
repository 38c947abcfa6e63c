# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A namespace in which secrets are kept by an account that has just the rights for that."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options, resolve
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import RolloutError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.role import Uses, role
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes import Kubernetes
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Files, Holding, Target
from ansible_collections.bunops.platform.tests.integration.cluster.rights import await_rights

Json = dict[str, Any]
KEY = b"k" * 32
EVERYTHING = Uses(write=True, roll=True, collect=True)


class Space:
    """admin: for looking, and for what others do in the namespace."""

    def __init__(self, cluster: Any, admin: Client) -> None:
        self.name = f"bunops-secrets-{secrets.token_hex(4)}"
        self.admin = admin
        self.kubeconfig = str(cluster.kubeconfig)
        self._clients: list[Client] = []
        self.admin.request("POST", "/api/v1/namespaces", {"metadata": {"name": self.name}})

    def close(self) -> None:
        """Remove the namespace, without waiting for its end."""
        for client in self._clients:
            client.close()
        self.admin.delete("v1", "Namespace", None, self.name)

    def client(self, uses: Uses = EVERYTHING) -> Client:
        """A client of a new account with exactly the Role for these uses."""
        client = Client.connect(Options(kubeconfig=self.kubeconfig_of(uses)))
        self._clients.append(client)
        return client

    def token(self, uses: Uses = EVERYTHING) -> str:
        """A token of a new account with exactly the Role for these uses."""
        account = f"sync-{secrets.token_hex(4)}"
        self.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account}})
        subject = {"kind": "ServiceAccount", "name": account, "namespace": self.name}
        made = [self.create(item) for item in role(self.name, account, uses, [subject])]
        await_rights(self.admin, self.name, account, made[0]["rules"][0])
        path = self.admin.path("v1", "ServiceAccount", self.name, account) + "/token"
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        return str(self.admin.request("POST", path, request)["status"]["token"])

    def kubeconfig_of(self, uses: Uses = EVERYTHING) -> Json:
        """A kubeconfig of a new account with exactly the Role for these uses."""
        access = resolve(Options(kubeconfig=self.kubeconfig))
        authority = base64.b64encode((access.tls.ca or "").encode()).decode()
        cluster = {"server": access.host, "certificate-authority-data": authority}
        return {
            "current-context": "sync",
            "clusters": [{"name": "cluster", "cluster": cluster}],
            "users": [{"name": "account", "user": {"token": self.token(uses)}}],
            "contexts": [{"name": "sync", "context": {"cluster": "cluster", "user": "account"}}],
        }

    def target(self, client: Client | None = None, adopted: Collection[str] = (), name: str = "atlas") -> Kubernetes:
        """The target, by default with an account of its own."""
        return Kubernetes(name, self.name, client or self.client(), lambda: KEY, adopted)

    def create(self, item: Json) -> Json:
        """Make an object of the namespace, in the name of an ordinary client."""
        path = self.admin.path(item["apiVersion"], item["kind"], self.name)
        return self.admin.request("POST", path, item, {"fieldManager": "kubectl-create"})

    def apply(self, item: Json, manager: str = "bunops-platform", force: bool = False) -> Json:
        """Server-side apply."""
        path = self.admin.path(item["apiVersion"], item["kind"], self.name, item["metadata"]["name"])
        query = {"fieldManager": manager, "force": "true" if force else None}
        return self.admin.request("PATCH", path, item, query, APPLY)

    def live(self, kind: str, name: str, api_version: str = "apps/v1") -> Json:
        """An object as it is."""
        found = self.admin.get(api_version, kind, self.name, name)
        assert found, f"no {kind} {name}"
        return found

    def listed(self, kind: str, api_version: str = "v1") -> dict[str, Json]:
        """The objects of a kind, by name."""
        return {item["metadata"]["name"]: item for item in self.admin.list(api_version, kind, self.name)}

    def secrets(self) -> dict[str, dict[str, bytes]]:
        """What the Secrets hold, by their names, read by another way than the target's."""
        return {
            name: {key: base64.b64decode(value) for key, value in (item.get("data") or {}).items()}
            for name, item in self.listed("Secret").items()
        }

    def workload(self, name: str, image: str, *secret_names: str, kind: str = "Deployment", **spec: Any) -> Json:
        """A workload of one pod that has each Secret as variables; `check` runs before it is ready."""
        check = spec.pop("check", "true")
        container: Json = {
            "name": "main",
            "image": image,
            "command": ["sh", "-c", f"{check} && touch /tmp/checked; trap exit TERM; sleep 3600 & wait"],
            "envFrom": [{"secretRef": {"name": each}} for each in secret_names],
            # Without it a container is ready as soon as it runs, so also one that is about to fail its check.
            "readinessProbe": {"exec": {"command": ["test", "-e", "/tmp/checked"]}, "periodSeconds": 1},
        }
        template = {
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [container], "terminationGracePeriodSeconds": 1},
        }
        labels: Json = {"matchLabels": {"app": name}}
        return {
            "apiVersion": "apps/v1",
            "kind": kind,
            "metadata": {"name": name},
            "spec": {"selector": labels, "template": template, **spec},
        }

    def await_ready(self, *names: str, kind: str = "Deployment") -> None:
        """Wait until workloads are ready."""
        eventually(lambda: all(_is_ready(self.live(kind, name)) for name in names), 90)


def _is_ready(item: Json) -> bool:
    status, generation = item.get("status") or {}, item["metadata"]["generation"]
    wanted = item["spec"].get("replicas", 1)
    return bool(status.get("observedGeneration") == generation and status.get("readyReplicas", 0) == wanted)


def eventually(condition: Any, seconds: float = 30) -> None:
    """Wait until something holds; fails if it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


class Synced(NamedTuple):
    """What a run did. actions: of secrets that did not stay as they were."""

    actions: dict[str, str]
    held: Holding
    rolled: list[str]
    collected: list[str]


def sync(
    target: Target, wanted: Mapping[str, Files], *, roll: bool = False, keep: int = 2, timeout: float = 90
) -> Synced:
    """A run with one target, in the order in which the module calls it."""
    assert target.problems(wanted) == []
    before = target.observe()
    changed = sorted(name for name in wanted if name not in before or target.differs(before[name], wanted[name]))
    actions = {name: "changed" if name in before else "added" for name in changed}
    actions.update({name: "removed" for name in before if name not in wanted})
    after = target.next(before, wanted, changed)
    rollout = target.rollout(before, after, sorted(after)) if roll else None
    rolled = rollout.users() if rollout else []
    if actions:
        target.write(before, after)
    if rollout:
        try:
            rollout.roll(timeout)
        except RolloutError:
            target.restore(before, after)
            rollout.back()
            raise
    return Synced(actions, after, rolled, target.collect(keep))


def files(**values: str | bytes) -> dict[str, Files]:
    """Secrets of one file each."""
    return {name: {name: value if isinstance(value, bytes) else value.encode()} for name, value in values.items()}
