# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The Redis ACL file: who is in it, with which passwords. What each may do is asked of a real Redis."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.secrets.derived import observer_of
from ansible_collections.bunops.platform.plugins.module_utils.secrets.resolve import Found, resolve
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Files
from ansible_collections.bunops.platform.tests.unit.secrets.secret_cases import secrets

PASSWORD = {"name": "REDIS_PASSWORD", "source": {"env": "P"}, "derived": ["acl"]}
OBSERVER = {"name": "REDIS_OBSERVER_PASSWORD", "source": {"env": "O"}, "optional": True}


def acl(*given: Mapping[str, Any], held: dict[str, Files] | None = None, **values: bytes) -> dict[str, list[str]]:
    """The passwords of each user: their SHA-256, or `nopass`."""
    found = {f"REDIS_{name}": Found(name, value) for name, value in values.items()}
    text = resolve(secrets(*given), found, held or {}, set())["REDIS_PASSWORD"]["REDIS_PASSWORD.acl"].decode()
    users = [line.split() for line in text.splitlines()]
    return {words[1]: [word for word in words if word[0] == "#" or word == "nopass"] for words in users}


def sha256(value: bytes) -> str:
    return "#" + hashlib.sha256(value).hexdigest()


def test_there_are_the_programs_and_the_health_check() -> None:
    assert acl(PASSWORD, PASSWORD=b"p") == {"default": [sha256(b"p")], "health": ["nopass"]}


def test_who_only_measures_is_there_with_a_password_alone() -> None:
    with_one = acl(PASSWORD, OBSERVER, PASSWORD=b"p", OBSERVER_PASSWORD=b"o")
    assert with_one == {"default": [sha256(b"p")], "health": ["nopass"], "observer": [sha256(b"o")]}
    assert "observer" not in acl(PASSWORD, OBSERVER, PASSWORD=b"p", OBSERVER_PASSWORD=b"")


def test_former_passwords_stay_good_where_they_are_to_overlap() -> None:
    both = [{**each, "grace": "both"} for each in (PASSWORD, OBSERVER)]
    held = {"REDIS_PASSWORD": {"REDIS_PASSWORD": b"p1"}, "REDIS_OBSERVER_PASSWORD": {"REDIS_OBSERVER_PASSWORD": b"o1"}}
    users = acl(*both, held=held, PASSWORD=b"p2", OBSERVER_PASSWORD=b"o2")
    assert users["default"] == [sha256(b"p2"), sha256(b"p1")]
    assert users["observer"] == [sha256(b"o2"), sha256(b"o1")]


def test_no_password_is_the_empty_one() -> None:
    assert acl({**PASSWORD, "optional": True}, PASSWORD=b"")["default"] == []


def test_the_observers_secret_is_named_after_the_programs() -> None:
    assert observer_of("REDIS_PASSWORD") == "REDIS_OBSERVER_PASSWORD"
    assert observer_of("QUEUE") == "QUEUE_OBSERVER_PASSWORD"


def test_who_takes_backups_is_there_with_a_password_alone() -> None:
    backup = {"name": "REDIS_BACKUP_PASSWORD", "source": {"env": "B"}}
    users = acl(PASSWORD, backup, PASSWORD=b"p", BACKUP_PASSWORD=b"b")
    assert users == {"default": [sha256(b"p")], "health": ["nopass"], "backup": [sha256(b"b")]}
