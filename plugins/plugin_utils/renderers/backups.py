# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What of the platform's stores is backed up, and restored where Compose runs them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
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
            **_running(platform, name, store, lambda secret: {"secret_file": posixpath.join(secrets_dir, secret)}),
            "image": image_of(platform, name, store.image),
            "url": f"{url_scheme(store)}://127.0.0.1:{store.port}",
        }
        for name, store in local_stores(platform).items()
    ]


def cluster_backup_stores(platform: Platform, secret_set: str) -> list[dict[str, Any]]:
    """The same of those that Kubernetes runs: their Services, and the set of secrets in their namespace."""
    return [
        {
            **_running(platform, name, store, lambda secret: {"secret": {"set": secret_set, "name": secret}}),
            "url": url_of(platform, name),
        }
        for name, store in local_stores(platform).items()
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


def _running(platform: Platform, name: str, store: LocalStore, held: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """What it is, and as whom it is read. held: the option that names a secret where that is kept."""
    found: dict[str, Any] = {"name": name, "kind": store.kind}
    if not store_program(platform, name, store).users:
        return found
    secret = auth_secret(name, store.kind)
    if store.kind == "redis":
        return {**found, "username": _USER, **held(_backup_secret(platform, secret, name))}
    return {**found, **held(secret)}


def _backup_secret(platform: Platform, programs: str, store: str) -> str:
    secret = backup_of(programs)
    if secret not in platform.secrets:
        text = f"is missing; the store {store} cannot be backed up without it: {{generate: {{length: 32}}}}"
        raise CatalogError([str(Problem(("secrets", secret), text))])
    return secret
