# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets in a namespace of a cluster: an immutable object for each version of each secret.

A new value is a new object under a new name, so that what uses it is rolled and what still runs keeps the old one:
https://kubernetes.io/docs/concepts/configuration/secret/#secret-immutable
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any, Dict, List, Mapping, NamedTuple, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.parallel import for_each
from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import MANAGER
from ansible_collections.bunops.platform.plugins.module_utils.secrets.plan import Change, Files

SECRET_LABEL, VERSION_LABEL = "bunops.platform/secret", "bunops.platform/version"
_MANAGED = {"app.kubernetes.io/managed-by": MANAGER}
_CONNECTIONS = 8
# Hexadecimal digits of a name's suffix.
_SUFFIX = 10


class Version(NamedTuple):
    """One version of a secret: its number from 1, the object's name, and the files that it holds."""

    number: int
    name: str
    files: Files


def read(client: Client, namespace: str) -> Dict[str, Version]:
    """The newest version of each secret there. Raises ClusterError."""
    newest: Dict[str, Version] = {}
    selector = ",".join([*("%s=%s" % pair for pair in _MANAGED.items()), SECRET_LABEL])
    for item in client.list("v1", "Secret", namespace, label_selector=selector):
        labels = item["metadata"]["labels"]
        number = labels.get(VERSION_LABEL, "")
        files = {key: base64.b64decode(value) for key, value in (item.get("data") or {}).items()}
        version = Version(int(number) if number.isdigit() else 0, item["metadata"]["name"], files)
        secret = labels[SECRET_LABEL]
        if secret not in newest or version.number > newest[secret].number:
            newest[secret] = version
    return newest


def present_files(versions: Mapping[str, Version]) -> Files:
    """The files of all newest versions, by name."""
    return {name: value for version in versions.values() for name, value in version.files.items()}


def next_versions(versions: Mapping[str, Version], changes: Sequence[Change], key: bytes) -> Dict[str, Version]:
    """What the changes make of them: a version for every secret that is wanted."""
    wanted: Dict[str, Version] = {}
    for change in changes:
        now = versions.get(change.name)
        if now and change.action == "unchanged":
            wanted[change.name] = now
            continue
        files = {**(now.files if now else {}), **change.files}
        number = now.number + 1 if now else 1
        wanted[change.name] = Version(number, object_name(change.name, files, key), files)
    return wanted


def object_name(secret: str, files: Files, key: bytes) -> str:
    """`redis-password-0a1b2c3d4e`: the end tells versions apart, and without the key says nothing of the value."""
    digest = hmac.new(key, secret.encode(), hashlib.sha256)
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            digest.update(b"%d:" % len(part) + part)
    return "%s-%s" % (secret.lower().replace("_", "-").strip("-"), digest.hexdigest()[:_SUFFIX])


def write(client: Client, namespace: str, versions: Mapping[str, Version]) -> None:
    """Make the objects; one that is there already gets the number of this version. Raises ClusterError."""
    objects = [manifest(namespace, secret, version) for secret, version in sorted(versions.items())]
    for_each(objects, lambda each: _apply(client, namespace, each), _CONNECTIONS)


def manifest(namespace: str, secret: str, version: Version) -> Dict[str, Any]:
    """The Secret object of a version."""
    labels = {**_MANAGED, SECRET_LABEL: secret, VERSION_LABEL: str(version.number)}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": version.name, "namespace": namespace, "labels": labels},
        "immutable": True,
        "data": {name: base64.b64encode(value).decode() for name, value in sorted(version.files.items())},
    }


def _apply(client: Client, namespace: str, wanted: Mapping[str, Any]) -> None:
    path = client.path("v1", "Secret", namespace, wanted["metadata"]["name"])
    query = {"fieldManager": MANAGER, "fieldValidation": "Strict"}
    client.request("PATCH", path, body=wanted, query=query, content_type=APPLY)


def described(versions: Mapping[str, Version]) -> Dict[str, Dict[str, Any]]:
    """Each secret's object, without values: `{"name": …, "keys": […]}`."""
    return {secret: {"name": version.name, "keys": _keys(version)} for secret, version in sorted(versions.items())}


def _keys(version: Version) -> List[str]:
    return sorted(version.files)
