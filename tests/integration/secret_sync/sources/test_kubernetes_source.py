# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Values in Secret objects of a real cluster."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.read import read
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources import reading
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.reading import CANARY, ODD

VALUES = {"SECRET": ODD.encode(), "binary": bytes(range(256)), "line": b"a\n", "empty": b""}
QUERY = {"fieldManager": "bunops-tests"}


class Namespace:
    """A namespace of this test with the objects `creds` and `empty`, and somebody without rights."""

    def __init__(self, cluster: Any) -> None:
        self.name = f"bunops-source-{os.urandom(4).hex()}"
        self.options = Options(kubeconfig=str(cluster.kubeconfig))
        self.client = Client.connect(self.options)
        self._apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.name}})
        data = {key: base64.b64encode(value).decode() for key, value in VALUES.items()}
        self._apply({"apiVersion": "v1", "kind": "Secret", "metadata": self._named("creds"), "data": data})
        self._apply({"apiVersion": "v1", "kind": "Secret", "metadata": self._named("empty")})

    def _named(self, name: str) -> dict[str, str]:
        return {"name": name, "namespace": self.name}

    def _apply(self, wanted: dict[str, Any]) -> None:
        metadata = wanted["metadata"]
        path = self.client.path("v1", wanted["kind"], metadata.get("namespace"), metadata["name"])
        self.client.request("PATCH", path, body=wanted, query=QUERY, content_type=APPLY)

    def stranger(self) -> Options:
        """The connection of a service account that may do nothing."""
        path = self.client.path("v1", "ServiceAccount", self.name, "default") + "/token"
        made = self.client.request("POST", path, {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"})
        return self.options._replace(api_key=made["status"]["token"])

    def remove(self) -> None:
        self.client.delete("v1", "Namespace", None, self.name)
        self.client.close()

    def of(self, key: str, name: str = "creds") -> dict[str, str]:
        return {"namespace": self.name, "name": name, "key": key}

    def value(self, key: str, name: str = "creds") -> bytes | None:
        return reading.value("kubernetes", self.of(key, name), cluster=self.options)


@pytest.fixture(scope="module")
def namespace(cluster: Any) -> Iterator[Namespace]:
    made = Namespace(cluster)
    try:
        yield made
    finally:
        made.remove()


def test_keys_of_an_object(namespace: Namespace) -> None:
    assert {key: namespace.value(key) for key in VALUES} == VALUES
    unnamed = {"namespace": namespace.name, "name": "creds"}
    assert reading.value("kubernetes", unnamed, cluster=namespace.options) == ODD.encode()


def test_what_is_not_there_has_no_value(namespace: Namespace) -> None:
    assert namespace.value("gone") is None
    assert namespace.value("SECRET", "gone") is None
    assert namespace.value("SECRET", "empty") is None


def test_who_may_not_read_it_is_told(namespace: Namespace) -> None:
    said = reading.refusal("kubernetes", namespace.of("SECRET"), cluster=namespace.stranger())
    assert said.startswith(f"the key SECRET of Secret {namespace.name}/creds cannot be read: secrets")
    assert "is forbidden" in said and "system:serviceaccount:" in said
    nobody = namespace.options._replace(api_key=f"{CANARY}-token")
    assert "Unauthorized" in reading.refusal("kubernetes", namespace.of("SECRET"), cluster=nobody)


def test_a_cluster_that_is_not_there_is_told(namespace: Namespace) -> None:
    missing = namespace.options._replace(kubeconfig="/nonesuch")
    said = reading.refusal("kubernetes", namespace.of("SECRET"), cluster=missing)
    assert "cannot be read: The kubeconfig /nonesuch does not exist; expected a cluster" in said


def test_one_client_and_one_request_an_object(namespace: Namespace, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    real = Client.request

    def counted(client: Client, method: str, path: str, *arguments: Any, **more: Any) -> Any:
        sent.append(f"{id(client)} {method} {path}")
        return real(client, method, path, *arguments, **more)

    monkeypatch.setattr(Client, "request", counted)
    wanted = {
        f"{name} {key}": reading.source("kubernetes", namespace.of(key, name), cluster=namespace.options)
        for name in ("creds", "empty")
        for key in VALUES
    }
    found = read(wanted)
    assert [found[f"creds {key}"] for key in VALUES] == list(VALUES.values())
    assert len({line.split()[0] for line in sent}) == 1
    assert len([line for line in sent if "/secrets/" in line]) == 2
