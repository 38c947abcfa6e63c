# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a namespace would hold next. What it takes to get there is tested with a real one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes import Kubernetes, described
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes_objects import (
    Stored,
    manifest,
    object_name,
)
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Version

KEY = b"k" * 32


class Listing:
    """The one thing that looking needs of a client."""

    def __init__(self, *versions: Stored) -> None:
        self._items = [manifest(version, "atlas", "shop") for version in versions]
        for item in self._items:
            item["metadata"]["uid"] = "u"

    def list(self, *_unused: Any, **_also_unused: Any) -> Iterator[dict[str, Any]]:
        return iter(self._items)


def version(number: int, place: str, value: bytes, secret: str = "A", rolled: bool = False) -> Stored:
    return Stored(secret, number, place, "u", None, {secret: value}, whole=True, rolled=rolled)


def target(*versions: Stored, key: bytes | None = KEY) -> Kubernetes:
    def asked() -> bytes:
        assert key, "no new name is needed"
        return key

    return Kubernetes("atlas", "shop", cast(Client, Listing(*versions)), asked)


def test_the_newest_number_counts_and_what_has_none_is_not_held() -> None:
    held = target(version(2, "a-2", b"2"), version(10, "a-10", b"10"), version(0, "b-1", b"1", "B")).observe()
    assert held == {"A": Version(10, None, {"A": b"10"}, "a-10")}


def test_a_changed_value_is_the_next_version_under_another_name() -> None:
    tested = target(version(3, "a-3", b"old"), version(1, "b-1", b"same", "B"))
    before = tested.observe()
    after = tested.next(before, {"A": {"A": b"new"}, "B": {"B": b"same"}}, ["A"])
    assert after["B"] is before["B"]
    assert after["A"] == Version(4, None, {"A": b"new"}, object_name("atlas", "A", {"A": b"new"}, KEY))


@pytest.mark.parametrize("former", [1, 0])
def test_a_value_that_an_old_object_holds_brings_that_one_back(former: int) -> None:
    tested = target(version(former, "a-1", b"old"), version(3, "a-3", b"now"), key=None)
    assert tested.next(tested.observe(), {"A": {"A": b"old"}}, ["A"])["A"] == Version(4, None, {"A": b"old"}, "a-1")


def test_without_a_change_no_key_is_needed() -> None:
    tested = target(version(1, "a-1", b"1"), key=None)
    before = tested.observe()
    assert not tested.differs(before["A"], {"A": b"1"})
    assert tested.differs(before["A"], {"A": b"2"})
    assert tested.differs(before["A"], {"A": b"1", "A.acl": b""})
    assert tested.next(before, {"A": {"A": b"1"}}, []) == before


def test_the_version_before_gets_the_next_number() -> None:
    tested = target(version(1, "a-1", b"1"), version(2, "a-2", b"2"), version(1, "b-1", b"1", "B"))
    assert tested.previous(tested.observe()) == {"A": Version(3, None, {"A": b"1"}, "a-1")}


def test_nothing_is_rolled_where_nothing_can_name_a_former_version() -> None:
    only = target(version(1, "a-1", b"1"))
    held = only.observe()
    assert only.rollout(held, held, ["A"]) is None
    settled = target(version(1, "a-1", b"1"), version(2, "a-2", b"2", rolled=True))
    held = settled.observe()
    assert settled.rollout(held, held, ["A"]) is None
    unsettled = target(version(1, "a-1", b"1"), version(2, "a-2", b"2"))
    held = unsettled.observe()
    assert unsettled.rollout(held, held, ["A"]) is not None
    assert unsettled.rollout(held, held, []) is None


def test_problems_name_the_namespace() -> None:
    assert target().problems({"_X": {"_X": b""}})[0].startswith("namespace shop: secret _X: ")


def test_only_names_are_described() -> None:
    held = {"A": Version(1, None, {"A": b"1", "A.acl": b"2"}, "a-1")}
    assert described(held) == {"A": {"name": "a-1", "keys": ["A", "A.acl"]}}


def test_keys_that_are_public_are_told() -> None:
    files = {"A": b"canary", "A.previous": b"canary", "A.jwks": b'{"keys": []}'}
    held = {"A": Version(3, 100, files, "a-1"), "B.jwks": Version(1, 100, {"B.jwks": b"canary"}, "b-jwks-1")}
    assert described(held) == {
        "A": {"name": "a-1", "keys": sorted(files), "jwks": {"keys": []}},
        "B.jwks": {"name": "b-jwks-1", "keys": ["B.jwks"]},
    }
