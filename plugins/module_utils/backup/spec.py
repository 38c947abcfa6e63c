# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The options that both modules have, and what they mean."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping
from urllib.parse import urlsplit

from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import Store

COMMON: Dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "directory": {"type": "path", "required": True},
    "timeout": {"type": "int", "default": 300},
    "docker_host": {"type": "str"},
}
STORE: Dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "kind": {"type": "str", "choices": ["redis", "libsql"], "required": True},
    "image": {"type": "str", "required": True},
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SCHEMES = {"redis": ("redis", "rediss"), "libsql": ("http", "https")}


def stores_of(params: Mapping[str, Any]) -> List[Store]:
    """The option `stores`. Raises BackupError."""
    _check_name("name", params["name"])
    stores = [Store(**{key: value for key, value in each.items() if value is not None}) for each in params["stores"]]
    if not stores:
        raise BackupError("stores: is empty; expected one store or more")
    for store in stores:
        _check_name("stores: name", store.name)
        if [each.name for each in stores].count(store.name) > 1:
            raise BackupError("stores: there are two of the name %s; expected one" % store.name)
        if store.url is not None:
            _check_url(store)
    return stores


def _check_name(field: str, name: str) -> None:
    # It becomes part of a path and of names in Docker.
    if not _NAME.fullmatch(name):
        raise BackupError("%s: is %r; expected lower-case letters, digits, - and _" % (field, name))


def _check_url(store: Store) -> None:
    where = urlsplit(store.url or "")
    if where.password is not None or where.username is not None:
        raise BackupError("stores: the url of %s has credentials in it; they belong in secret_file" % store.name)
    if where.scheme not in _SCHEMES[store.kind] or not where.hostname:
        wanted = " or ".join("%s://host:port" % scheme for scheme in _SCHEMES[store.kind])
        raise BackupError("stores: the url of %s is %s; expected %s" % (store.name, store.url, wanted))
