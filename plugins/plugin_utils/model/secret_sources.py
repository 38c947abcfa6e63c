# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where values of secrets are read from, beyond one variable or one file. No credentials stand in a catalog."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, Tag

from .entry import Entry, Refused, Scalar, by_key, field
from .scalars import ObjectName, SecretPath, SourceName, Text, Url, count

_READ = "read by `secret_sync` on the machine that it runs on"


def _field(description: str, *examples: object) -> Any:
    return field(description, compose=_READ, kubernetes=_READ, examples=examples)


def parse_step(value: object) -> str | int:
    """A key of a mapping, or a place in a list, from 0. Never shown: somebody may have written the value."""
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    raise Refused("a value is not a key of a document, or a place in a list, from 0")


Step = Annotated[
    str | int,
    Scalar(parse_step, {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 0}], "x-type": "key or place"}),
]


class DotenvSource(Entry):
    """A variable of a dotenv file. Nothing in the file is interpolated."""

    path: Annotated[SecretPath, _field("The file, relative to the project or absolute", "secrets/.env")]
    key: Annotated[SourceName | None, _field("The variable; by default the secret's name")] = None


class SopsSource(Entry):
    """A value of a file that SOPS has encrypted."""

    path: Annotated[SecretPath, _field("The file, relative to the project or absolute", "secrets/prod.enc.yaml")]
    key: Annotated[
        Annotated[tuple[Step, ...], Field(min_length=1)] | None,
        _field("Where in the document: keys, and places in lists; by default all of the file", ["db", "password"]),
    ] = None
    age_key_file: Annotated[SecretPath | None, _field("File of the age identity; by default what `sops` finds")] = None


class TokenFile(Entry):
    """A token in a file."""

    token_file: Annotated[SecretPath, _field("The file", "/run/secrets/vault-token")]


class AppRole(Entry):
    """The AppRole method."""

    role_id: Annotated[Text, _field("The role; no secret by itself")]
    secret_id_file: Annotated[SecretPath, _field("File that holds the role's secret")]
    mount: Annotated[Text, _field("Where the method is mounted")] = "approle"


class AppRoleLogin(Entry):
    """Log in as an AppRole."""

    approle: Annotated[AppRole, _field("The role")]


class ServiceAccount(Entry):
    """The Kubernetes method, with the token of a service account."""

    role: Annotated[Text, _field("The role")]
    jwt_file: Annotated[SecretPath, _field("File of the token")] = "/var/run/secrets/kubernetes.io/serviceaccount/token"
    mount: Annotated[Text, _field("Where the method is mounted")] = "kubernetes"


class ServiceAccountLogin(Entry):
    """Log in as a service account."""

    kubernetes: Annotated[ServiceAccount, _field("The role")]


VaultAuth = Annotated[
    Annotated[TokenFile, Tag("<token_file>")]
    | Annotated[AppRoleLogin, Tag("<approle>")]
    | Annotated[ServiceAccountLogin, Tag("<kubernetes>")],
    by_key(
        "token_file",
        "approle",
        "kubernetes",
        expected="{token_file: path}, {approle: {role_id: …, secret_id_file: path}} or {kubernetes: {role: …}}",
    ),
]


class VaultSource(Entry):
    """A key of a secret in HashiCorp Vault or OpenBao (key/value engine, version 2)."""

    path: Annotated[Text, _field("Path of the secret in the engine", "atlas/db")]
    key: Annotated[Text | None, _field("Its key; by default the secret's name")] = None
    url: Annotated[Url | None, _field("Address of the server; by default the variable VAULT_ADDR or BAO_ADDR")] = None
    mount: Annotated[Text, _field("Where the engine is mounted")] = "secret"
    version: Annotated[
        Annotated[int, count(1, 2**31, "a version")] | None, _field("A version of it; by default the newest")
    ] = None
    namespace: Annotated[Text | None, _field("Namespace of the server")] = None
    ca_cert: Annotated[SecretPath | None, _field("Certificates (PEM) by which the server is trusted")] = None
    auth: Annotated[
        VaultAuth | None, _field("How to log in; by default the token in the variable VAULT_TOKEN or BAO_TOKEN")
    ] = None


class ClusterSource(Entry):
    """A key of a Secret that is in the cluster already."""

    namespace: Annotated[ObjectName, _field("Its namespace", "shared")]
    name: Annotated[ObjectName, _field("Its name", "smtp")]
    key: Annotated[Text | None, _field("Its key; by default the secret's name")] = None


class ComposeSource(Entry):
    """What a Compose file says that one of its secrets holds."""

    path: Annotated[SecretPath, _field("The Compose file", "compose.yaml")]
    secret: Annotated[Text | None, _field("The secret in it; by default the secret's name")] = None


class CommandSource(Entry):
    """What a program prints; no shell reads its arguments."""

    argv: Annotated[
        Annotated[tuple[Text, ...], Field(min_length=1)],
        _field("The program and its arguments", ["pass", "show", "atlas/db"]),
    ]
