# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What secret_sync has to make or read, without anything that only a catalog would explain."""

from __future__ import annotations

import posixpath
from typing import Any

from ..model.clerk import JWT_KEY
from ..model.platform import Platform
from ..model.secrets import GeneratedSecret, Secret, SignedToken, source_of
from ..model.stores import auth_secret
from .edge.entrance import entrance, token_services
from .edge.on_cluster import gateway_verifies
from .names import TLS_SECRET, local_stores

Plan = list[dict[str, Any]]

# Where in a source paths stand; a relative one begins in the project.
_PATHS = {
    ("file",),
    ("dotenv", "path"),
    ("sops", "path"),
    ("sops", "age_key_file"),
    ("vault", "ca_cert"),
    ("vault", "auth", "token_file"),
    ("vault", "auth", "approle", "secret_id_file"),
    ("vault", "auth", "kubernetes", "jwt_file"),
    ("compose", "path"),
}


def secret_plan(platform: Platform, project_dir: str, *, edge: bool = False, cluster_edge: bool = False) -> Plan:
    """The option `secrets` of secret_sync, in the order of the secrets' names.

    project_dir: absolute; where relative paths of files begin. edge: with the certificate of the edge under Compose.
    cluster_edge: with the keys that a cluster's edge verifies tokens by.
    """
    acl_of = {auth_secret(name, store.kind) for name, store in local_stores(platform).items() if store.kind == "redis"}
    led = entrance(platform) if edge else None
    has_key_set = (led and token_services(led)) or (cluster_edge and gateway_verifies(platform))
    key_set_of = {JWT_KEY} if has_key_set else set()
    derived = {name: _derived(secret, name in acl_of, name in key_set_of) for name, secret in platform.secrets.items()}
    planned = [_planned(name, platform.secrets[name], derived[name], project_dir) for name in sorted(platform.secrets)]
    return [*planned, _certificate(led.host)] if led else planned


def _certificate(host: str) -> dict[str, Any]:
    return {"name": TLS_SECRET, "source": {"generate": {"certificate": {"hosts": [host]}}}}


def _derived(secret: Secret, has_acl: bool, has_key_set: bool) -> list[str]:
    signed = isinstance(secret, GeneratedSecret) and isinstance(secret.generate, SignedToken)
    wanted = {"acl": has_acl, "jwks": has_key_set, "jwt_public": signed}
    return [kind for kind, is_wanted in wanted.items() if is_wanted]


def _planned(name: str, secret: Secret, derived: list[str], project_dir: str) -> dict[str, Any]:
    planned = {
        "name": name,
        "source": _absolute(source_of(secret), (), project_dir),
        "optional": secret.optional,
        "template": getattr(secret, "template", None),
        "validate": secret.rules.model_dump(mode="json", exclude_none=True) if secret.rules else None,
        "grace": None if secret.grace == "none" else secret.grace,
        "derived": derived,
    }
    # What is not asked for is left to the module's defaults.
    return {key: value for key, value in planned.items() if value not in (None, {})}


def _absolute(value: Any, at: tuple[str, ...], project_dir: str) -> Any:
    if isinstance(value, dict):
        return {key: _absolute(inner, (*at, key), project_dir) for key, inner in value.items()}
    return posixpath.join(project_dir, value) if at in _PATHS else value
