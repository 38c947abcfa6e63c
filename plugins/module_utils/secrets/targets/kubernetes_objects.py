# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secret objects that hold the versions of a set's secrets: their names, labels and what they may hold. Pure.

Each version is an immutable object under a name of its own, so that what uses it is rolled by naming another one, and
what still runs keeps what it has: https://kubernetes.io/docs/concepts/configuration/secret/#secret-immutable
"""

from __future__ import annotations

import base64
import calendar
import hashlib
import hmac
import re
import time
from typing import Any, Collection, Dict, Iterator, List, Mapping, NamedTuple, Optional

from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import MANAGER
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Files

SECRET_LABEL, VERSION_LABEL = "bunops.platform/secret", "bunops.platform/version"
SET_LABEL = "bunops.platform/secret-set"
# On a version that all users of former ones were rolled to.
ROLLED = "bunops.platform/rolled"
_MANAGED = {"app.kubernetes.io/managed-by": MANAGER}
# Not by the set's label: objects that were made before there was one belong to it, too.
SELECTOR = ",".join([*("%s=%s" % pair for pair in _MANAGED.items()), SECRET_LABEL])
# Hexadecimal digits of a name's suffix.
_SUFFIX = 10
# https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
_OBJECT_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\Z")
_LONGEST_NAME = 253
# https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?\Z")
# https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size
_MOST_BYTES = 1024 * 1024


class Stored(NamedTuple):
    """A Secret object of the set.

    number: 0 of one that is no version any more and stays only for those who use it. made: seconds since the epoch.
    whole: it is immutable and names its set. rolled: nobody who was there then uses a former version.
    """

    secret: str
    number: int
    place: str
    uid: str
    made: Optional[int]
    files: Files
    whole: bool
    rolled: bool


def stored(item: Mapping[str, Any], set_name: str, adopted: Collection[str]) -> Optional[Stored]:
    """An object as it was listed; None if it belongs to another set. adopted: secrets whose objects name no set."""
    metadata = item["metadata"]
    labels = metadata.get("labels") or {}
    secret, owner = labels[SECRET_LABEL], labels.get(SET_LABEL)
    if owner != set_name and (owner is not None or secret not in adopted):
        return None
    number = labels.get(VERSION_LABEL, "")
    return Stored(
        secret=secret,
        number=int(number) if number.isdigit() else 0,
        place=metadata["name"],
        uid=metadata["uid"],
        made=_seconds(metadata.get("creationTimestamp")),
        files={key: base64.b64decode(value) for key, value in (item.get("data") or {}).items()},
        whole=owner == set_name and item.get("immutable") is True,
        rolled=ROLLED in (metadata.get("annotations") or {}),
    )


def _seconds(timestamp: Optional[str]) -> Optional[int]:
    return calendar.timegm(time.strptime(timestamp, "%Y-%m-%dT%H:%M:%SZ")) if timestamp else None


def manifest(version: Stored, set_name: str, namespace: str) -> Dict[str, Any]:
    """The object to apply."""
    labels = {**_MANAGED, SET_LABEL: set_name, SECRET_LABEL: version.secret}
    if version.number:
        labels[VERSION_LABEL] = str(version.number)
    metadata: Dict[str, Any] = {"name": version.place, "namespace": namespace, "labels": labels}
    if version.rolled:
        metadata["annotations"] = {ROLLED: "true"}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata,
        "immutable": True,
        "data": {name: base64.b64encode(value).decode() for name, value in sorted(version.files.items())},
    }


def object_name(set_name: str, secret: str, files: Files, key: bytes) -> str:
    """`redis-password-0a1b2c3d4e`: the end tells versions apart, and without the key says nothing of the value."""
    digest = hmac.new(key, b"%d:" % len(set_name) + set_name.encode() + secret.encode(), hashlib.sha256)
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            digest.update(b"%d:" % len(part) + part)
    return "%s-%s" % (readable_name(secret), digest.hexdigest()[:_SUFFIX])


def readable_name(secret: str) -> str:
    """A secret's name as names of objects are written: `redis-password`."""
    return secret.lower().replace("_", "-").strip("-")


def name_problems(secrets: Collection[str], prefix: str = "") -> Iterator[str]:
    """Why objects cannot be named after these secrets, a line each. prefix: of the objects' names."""
    spelled: Dict[str, List[str]] = {}
    for secret in sorted(secrets):
        name = prefix + readable_name(secret)
        spelled.setdefault(name, []).append(secret)
        if not _OBJECT_NAME.match(name) or len(name) + 1 + _SUFFIX > _LONGEST_NAME:
            yield (
                "secret %s: no object can be named after it; expected letters, digits, _, . and - "
                "with a letter or digit next to each dot" % secret
            )
        elif not _LABEL.match(secret):
            yield (
                "secret %s: its name is no value of a label; expected 63 characters at most, "
                "with a letter or digit at both ends" % secret
            )
    for name, group in sorted(spelled.items()):
        if len(group) > 1:
            yield "secrets %s: the objects of all would be called %s; expected other names" % (", ".join(group), name)


def size_problems(wanted: Mapping[str, Files]) -> Iterator[str]:
    """Which secrets are too large for an object, a line each."""
    for secret, files in sorted(wanted.items()):
        if sum(map(len, files.values())) > _MOST_BYTES:
            yield "secret %s: it is larger than 1 MiB, which is the most that a Secret can hold" % secret
