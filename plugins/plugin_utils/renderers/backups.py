# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What of the platform's stores is backed up and restored where Compose runs them."""

from __future__ import annotations

import posixpath
from typing import Any

from ...module_utils.secrets.derived import backup_of
from ..model.errors import CatalogError, Problem
from ..model.injection import url_scheme
from ..model.platform import Platform
from ..model.stores import auth_secret
from .names import image_of, local_stores
from .stores import store_program

_USER = "backup"


def backup_stores(platform: Platform, secrets_dir: str) -> list[dict[str, Any]]:
    """The option `stores` of store_backup. Raises CatalogError: nobody may back a store up."""
    found: list[dict[str, Any]] = []
    for name, store in local_stores(platform).items():
        url = f"{url_scheme(store)}://127.0.0.1:{store.port}"
        entry = {"name": name, "kind": store.kind, "image": image_of(platform, name, store.image), "url": url}
        if store_program(platform, name, store).users:
            secret = auth_secret(name, store.kind)
            if store.kind == "redis":
                entry["username"] = _USER
                secret = _backup_secret(platform, secret, name)
            entry["secret_file"] = posixpath.join(secrets_dir, secret)
        found.append(entry)
    return found


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


def _backup_secret(platform: Platform, programs: str, store: str) -> str:
    secret = backup_of(programs)
    if secret not in platform.secrets:
        text = f"is missing; the store {store} cannot be backed up without it: {{generate: {{length: 32}}}}"
        raise CatalogError([str(Problem(("secrets", secret), text))])
    return secret
