# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A real Vault in which service accounts of a real cluster log in: it asks the cluster whose a token is.

https://developer.hashicorp.com/vault/docs/auth/kubernetes
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.vault_servers import Json, Vault, ask

AUDIENCE = "vault"
RIGHTS = "rbac.authorization.k8s.io/v1"


@dataclass(frozen=True)
class Tokens:
    """Of service accounts. reader: whom the role `reader` lets read app/*; stranger: whom no role knows."""

    reader: str
    stranger: str
    for_others: str
    """The reader's, but not meant for Vault."""


@contextmanager
def service_accounts(vault: Vault, kubeconfig: Path) -> Iterator[Tokens]:
    """Service accounts in a namespace of their own, known at auth/<vault.kubernetes>; all of it goes afterwards."""
    namespace = f"bunops-vault-{secrets.token_hex(4)}"
    with Client.connect(Options(kubeconfig=str(kubeconfig))) as client:
        try:
            _make_accounts(client, namespace)
            _enable(vault, kubeconfig, namespace, _token(client, namespace, "reviewer"))
            reader, stranger = (_token(client, namespace, name, AUDIENCE) for name in ("reader", "stranger"))
            yield Tokens(reader, stranger, _token(client, namespace, "reader"))
        finally:
            ask(vault.url, vault.token, "DELETE", f"sys/auth/{vault.kubernetes}")
            client.delete(RIGHTS, "ClusterRoleBinding", None, namespace)
            client.delete("v1", "Namespace", None, namespace)


def _make_accounts(client: Client, namespace: str) -> None:
    def apply(version: str, kind: str, within: str | None, name: str, **more: object) -> None:
        metadata = {"name": name, **({"namespace": within} if within else {})}
        wanted = {"apiVersion": version, "kind": kind, "metadata": metadata, **more}
        path = client.path(version, kind, within, name)
        client.request("PATCH", path, body=wanted, query={"fieldManager": "bunops-tests"}, content_type=APPLY)

    apply("v1", "Namespace", None, namespace)
    for name in ("reader", "stranger", "reviewer"):
        apply("v1", "ServiceAccount", namespace, name)
    # What the documentation of Vault asks for: it may ask the cluster whose a token is.
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "system:auth-delegator"}
    reviewer = {"kind": "ServiceAccount", "name": "reviewer", "namespace": namespace}
    apply(RIGHTS, "ClusterRoleBinding", None, namespace, roleRef=role, subjects=[reviewer])


def _token(client: Client, namespace: str, name: str, audience: str | None = None) -> str:
    path = client.path("v1", "ServiceAccount", namespace, name) + "/token"
    wanted: Json = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"}
    if audience:
        wanted["spec"] = {"audiences": [audience]}
    token: str = client.request("POST", path, wanted)["status"]["token"]
    return token


def _enable(vault: Vault, kubeconfig: Path, namespace: str, reviewer: str) -> None:
    cluster = yaml.safe_load(kubeconfig.read_text())["clusters"][0]["cluster"]
    trusted = base64.b64decode(cluster["certificate-authority-data"]).decode()
    config = {
        "kubernetes_host": cluster["server"],
        "kubernetes_ca_cert": trusted,
        "token_reviewer_jwt": reviewer,
        "disable_local_ca_jwt": True,
    }
    role = {
        "bound_service_account_names": "reader",
        "bound_service_account_namespaces": namespace,
        "audience": AUDIENCE,
        "token_policies": [vault.policy],
    }
    method = f"auth/{vault.kubernetes}"
    steps = ((f"sys/{method}", {"type": "kubernetes"}), (f"{method}/config", config), (f"{method}/role/reader", role))
    for path, body in steps:
        status, answer = ask(vault.url, vault.token, "POST", path, body)
        assert status < 400, f"POST {path}: {status} {answer}"
