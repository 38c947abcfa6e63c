# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A set under test: runs the module on it, and looks at the cluster with other eyes than the module's."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError
from ansible_collections.bunops.platform.tests.integration.run_module import Module

Json = dict[str, Any]


class KubeSet:
    """A set of the name `shop` in a namespace of its own; all cluster-scoped names begin with the namespace's."""

    def __init__(self, client: Client, kubeconfig: str, namespace: str) -> None:
        self.client = client
        self.namespace = namespace
        self.options: Json = {"name": "shop", "namespace": namespace, "kubeconfig": kubeconfig, "wait_timeout": 60}
        self._module = Module("k8s_set")
        self._others: list[tuple[str, str, str]] = []

    def start(self, objects: list[Json], **options: Any) -> subprocess.Popen[str]:
        """The module's process."""
        return self._module.start(objects=objects, **{**self.options, **options})

    def run(self, objects: list[Json], **options: Any) -> Json:
        """The result of a run, failed or not."""
        return self._module.run(objects=objects, **{**self.options, **options})

    def ok(self, objects: list[Json], **options: Any) -> Json:
        """The result of a run that must not fail."""
        return self._module.ok(objects=objects, **{**self.options, **options})

    def failing(self, objects: list[Json], **options: Any) -> Json:
        """The result of a run that must fail with a sentence."""
        return self._module.failing(objects=objects, **{**self.options, **options})

    def settled(self, objects: list[Json], **options: Any) -> None:
        """Assert that a further run would change nothing, and that one does not."""
        for check in (True, False):
            result = self.ok(objects, check=check, **options)
            assert (result["changed"], doings(result)) == (False, {})

    def config_map(self, name: str, **data: str) -> Json:
        """A ConfigMap of the set's namespace."""
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}

    def create(self, api_version: str, kind: str, name: str, namespace: str | None = None, **fields: Any) -> Json:
        """Make an object by hand; it goes with the test if it has no namespace."""
        if namespace is None:
            self.will_go(api_version, kind, name)
        body = {
            "apiVersion": api_version,
            "kind": kind,
            "metadata": {"name": name, **fields.pop("metadata", {})},
            **fields,
        }
        return self.client.request("POST", self.client.path(api_version, kind, namespace), body)

    def edit(self, body: Json, manager: str = "kubectl-edit", **query: str) -> Json:
        """Apply a part of an object as somebody else, by force."""
        namespace = body["metadata"].get("namespace", self.namespace)
        path = self.client.path(body["apiVersion"], body["kind"], namespace, body["metadata"]["name"])
        return self.client.request("PATCH", path, body, {"fieldManager": manager, "force": "true", **query}, APPLY)

    def live(self, kind: str, name: str, api_version: str = "v1") -> Json | None:
        """An object as it is, None if there is none."""
        return self.client.get(api_version, kind, self.namespace, name)

    def data(self, name: str) -> dict[str, str]:
        """What a ConfigMap holds."""
        return dict((self.live("ConfigMap", name) or {})["data"])

    def will_go(self, api_version: str, kind: str, name: str) -> None:
        """Have an object without namespace removed after the test."""
        self._others.append((api_version, kind, name))

    def clean(self) -> None:
        """Remove what the test has made."""
        for api_version, kind, name in reversed(self._others):
            try:
                self.client.delete(api_version, kind, None, name)
            except ApiError as error:
                assert error.status == 409, error


def eventually(condition: Callable[[], Any], seconds: float = 30) -> None:
    """Wait until something holds; fails if it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def doings(result: Json) -> dict[str, str]:
    """What a run did, without what it left alone: "Kind name" -> action."""
    return {
        f"{entry['kind']} {entry['name']}": entry["action"]
        for entry in result["objects"]
        if entry["action"] != "unchanged"
    }
