# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The options that both modules have, and what they mean."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List, Mapping
from urllib.parse import urlsplit, urlunsplit

from ansible_collections.bunops.platform.plugins.module_utils.backup import s3
from ansible_collections.bunops.platform.plugins.module_utils.backup.bucket import Bucket
from ansible_collections.bunops.platform.plugins.module_utils.backup.directory import Directory
from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import Store
from ansible_collections.bunops.platform.plugins.module_utils.backup.places import Place

S3: Dict[str, Any] = {
    "endpoint": {"type": "str", "required": True},
    "bucket": {"type": "str", "required": True},
    "access_key_file": {"type": "path", "required": True, "no_log": False},
    "secret_key_file": {"type": "path", "required": True, "no_log": False},
    "prefix": {"type": "str", "default": ""},
    "region": {"type": "str", "default": "us-east-1"},
    "ca_file": {"type": "path"},
}
COMMON: Dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "directory": {"type": "path", "required": True},
    "s3": {"type": "dict", "options": S3},
    "timeout": {"type": "int", "default": 300},
    "docker_host": {"type": "str"},
}
STORE: Dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "kind": {"type": "str", "choices": ["redis", "libsql"], "required": True},
    "image": {"type": "str", "required": True},
}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/(?!$)|$))*")
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
        in_cluster = params.get("namespace") is not None
        if not store.image and not in_cluster:
            raise BackupError(
                "stores: %s has no image; expected one, unless the store runs in a namespace" % store.name
            )
        if store.secret is not None and not in_cluster:
            raise BackupError("stores: %s has a secret; expected secret_file, unless there is a namespace" % store.name)
        if store.url is not None:
            _check_url(store, in_cluster)
    return stores


def place_of(params: Mapping[str, Any]) -> Place:
    """Where backups are, by a name that `stores_of` has checked. Sends nothing yet. Raises BackupError."""
    work = Path(params["directory"]) / params["name"]
    if params["s3"] is None:
        return Directory(work)
    settings = s3.Settings(**params["s3"], timeout=params["timeout"])
    _check_s3(settings)
    return Bucket(settings, s3.connect(settings), params["name"], work)


def _check_s3(settings: s3.Settings) -> None:
    where = urlsplit(settings.endpoint)
    if where.password is not None or where.username is not None:
        raise BackupError("s3: endpoint: has credentials in it; they belong in access_key_file and secret_key_file")
    wanted = urlunsplit((where.scheme, where.netloc, "", "", ""))
    if where.scheme not in ("http", "https") or not where.hostname or settings.endpoint.rstrip("/") != wanted:
        raise BackupError("s3: endpoint: is %r; expected https://host or https://host:port" % settings.endpoint)
    if not _BUCKET.fullmatch(settings.bucket):
        raise BackupError("s3: bucket: is %r; expected 3 to 63 lower-case letters, digits, - and ." % settings.bucket)
    if not _PREFIX.fullmatch(settings.prefix):
        raise BackupError(
            "s3: prefix: is %r; expected names of letters, digits, ., - and _ with / between them" % settings.prefix
        )


def _check_name(field: str, name: str) -> None:
    # It becomes part of a path and of names in Docker.
    if not _NAME.fullmatch(name):
        raise BackupError("%s: is %r; expected lower-case letters, digits, - and _" % (field, name))


def _check_url(store: Store, in_cluster: bool) -> None:
    where = urlsplit(store.url or "")
    # A certificate would be one of the Service, and a forwarded port has another name.
    schemes = _SCHEMES[store.kind][:1] if in_cluster else _SCHEMES[store.kind]
    if where.password is not None or where.username is not None:
        raise BackupError("stores: the url of %s has credentials in it; they belong in secret_file" % store.name)
    if where.scheme not in schemes or not where.hostname:
        host = "service" if in_cluster else "host"
        wanted = " or ".join("%s://%s:port" % (scheme, host) for scheme in schemes)
        raise BackupError("stores: the url of %s is %s; expected %s" % (store.name, store.url, wanted))
