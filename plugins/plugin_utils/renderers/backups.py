# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What of the platform's stores is backed up, and restored where Compose runs them."""

from __future__ import annotations

import posixpath
from typing import Any

from ...module_utils.secrets.derived import backup_of
from ..model.errors import CatalogError, Problem
from ..model.injection import url_of, url_scheme
from ..model.platform import Platform
from ..model.stores import LocalStore, auth_secret
from .names import image_of, local_stores
from .stores import store_program

_USER = "backup"


def has_backups(platform: Platform) -> bool:
    """Whether there is anything to back up."""
    return bool(local_stores(platform))


def backup_stores(platform: Platform, secrets_dir: str) -> list[dict[str, Any]]:
    """The option `stores` of store_backup, of those that Compose runs. Raises CatalogError: nobody may back one up."""
    return [
        {
            "name": name,
            "kind": store.kind,
            "image": image_of(platform, name, store.image),
            "url": f"{url_scheme(store)}://127.0.0.1:{store.port}",
            **login,
            **({"secret_file": posixpath.join(secrets_dir, secret)} if secret else {}),
        }
        for name, store in local_stores(platform).items()
        for secret, login in [_login(platform, name, store)]
    ]


def cluster_backup_stores(platform: Platform, secret_set: str) -> list[dict[str, Any]]:
    """The same of those that Kubernetes runs: their Services, and the set of secrets in their namespace."""
    return [
        {
            "name": name,
            "kind": store.kind,
            "url": url_of(platform, name),
            **login,
            **({"secret": {"set": secret_set, "name": secret}} if secret else {}),
        }
        for name, store in local_stores(platform).items()
        for secret, login in [_login(platform, name, store)]
    ]


def restore_stores(platform: Platform) -> list[dict[str, Any]]:
    """The option `stores` of store_restore, with the volumes as Compose makes them."""
    return [
        {
            "name": name,
            "kind": store.kind,
            "image": image_of(platform, name, store.image),
            "volume": f"{platform.name}_{name}",
            "labels": {"com.docker.compose.project": platform.name, "com.docker.compose.volume": name},
        }
        for name, store in local_stores(platform).items()
    ]


def _login(platform: Platform, name: str, store: LocalStore) -> tuple[str, dict[str, str]]:
    """The secret, empty where nobody logs in, and what else it takes."""
    if not store_program(platform, name, store).users:
        return "", {}
    secret = auth_secret(name, store.kind)
    return (_backup_secret(platform, secret, name), {"username": _USER}) if store.kind == "redis" else (secret, {})


def _backup_secret(platform: Platform, programs: str, store: str) -> str:
    secret = backup_of(programs)
    if secret not in platform.secrets:
        text = f"is missing; the store {store} cannot be backed up without it: {{generate: {{length: 32}}}}"
        raise CatalogError([str(Problem(("secrets", secret), text))])
    return secret
