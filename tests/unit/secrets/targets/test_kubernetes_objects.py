# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secret objects of versions: names, labels, and what cannot be one."""

from __future__ import annotations

import re
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes_objects import (
    Stored,
    manifest,
    name_problems,
    object_name,
    size_problems,
    stored,
)

KEY = b"k" * 32
VERSION = Stored("A", 2, "a-1", "", None, {"A": b"\x00\xff"}, whole=True, rolled=False)
LABELS = {
    "app.kubernetes.io/managed-by": "bunops-platform",
    "bunops.platform/secret": "A",
    "bunops.platform/secret-set": "atlas",
    "bunops.platform/version": "2",
}


def test_a_name_says_what_it_is_and_nothing_of_the_value() -> None:
    assert re.fullmatch(r"redis-password-[0-9a-f]{10}", object_name("atlas", "REDIS_PASSWORD", {"A": b"1"}, KEY))


def test_a_name_depends_on_set_secret_files_and_key() -> None:
    names = {
        object_name("atlas", "A", {"A": b"1"}, KEY),
        object_name("blog", "A", {"A": b"1"}, KEY),
        object_name("atlas", "a", {"A": b"1"}, KEY),
        object_name("atlas", "A", {"A": b"2"}, KEY),
        object_name("atlas", "A", {"A": b"1"}, b"other"),
        object_name("atlas", "A", {"A": b"1", "A.acl": b""}, KEY),
        object_name("atlas", "A", {"A1": b""}, KEY),
        # What belongs to the set's name and what to the secret's.
        object_name("at", "lasA", {"A": b"1"}, KEY),
    }
    assert len(names) == 8


@pytest.mark.parametrize("secret", ["REDIS_PASSWORD", "lower", "A__B", "a.b", "A1"])
def test_ordinary_names_are_names_of_objects(secret: str) -> None:
    assert list(name_problems([secret])) == []
    label = r"[a-z0-9]([a-z0-9-]*[a-z0-9])?"
    assert re.fullmatch(rf"{label}(\.{label})*", object_name("atlas", secret, {}, KEY))


@pytest.mark.parametrize(
    ("secrets", "problems"),
    [
        (["_"], ["secret _: no object can be named after it; expected letters, digits, _, . and - "]),
        (["A._B"], ["secret A._B: no object can be named after it"]),
        (["_X"], ["secret _X: its name is no value of a label"]),
        (["X" * 64], [f"secret {'X' * 64}: its name is no value of a label; expected 63 characters at most"]),
        (["A_B", "a-b", "C"], ["secrets A_B, a-b: the objects of all would be called a-b; expected other names"]),
    ],
)
def test_names_that_cannot_be_are_problems(secrets: list[str], problems: list[str]) -> None:
    found = list(name_problems(secrets))
    assert len(found) == len(problems)
    assert all(line.startswith(problem) for line, problem in zip(found, problems, strict=True))


def test_a_mebibyte_is_the_most() -> None:
    most = 1024 * 1024
    wanted = {"FITS": {"FITS": b"x" * most}, "LARGE": {"LARGE": b"x" * most, "LARGE.acl": b"x"}}
    assert list(size_problems(wanted)) == [
        "secret LARGE: it is larger than 1 MiB, which is the most that a Secret can hold"
    ]


def test_the_object_is_immutable_and_labelled() -> None:
    found = manifest(VERSION, "atlas", "shop")
    assert (found["immutable"], found["data"]) == (True, {"A": "AP8="})
    assert found["metadata"] == {"name": "a-1", "namespace": "shop", "labels": LABELS}


def test_one_that_is_no_version_has_no_number() -> None:
    labels = manifest(VERSION._replace(number=0), "atlas", "shop")["metadata"]["labels"]
    assert labels == {key: value for key, value in LABELS.items() if key != "bunops.platform/version"}


def listed(**changes: Any) -> dict[str, Any]:
    """The object of VERSION as a list has it."""
    item = manifest(VERSION, "atlas", "shop")
    item["metadata"].update(uid="u-1", creationTimestamp="2026-01-02T03:04:05Z", **changes.pop("metadata", {}))
    return {**item, **changes}


def test_what_was_written_is_read_as_it_was() -> None:
    assert stored(listed(), "atlas", ()) == VERSION._replace(uid="u-1", made=1767323045)
    rolled = {"annotations": {"bunops.platform/rolled": "true"}}
    assert stored(listed(metadata=rolled), "atlas", ()) == VERSION._replace(uid="u-1", made=1767323045, rolled=True)


def test_objects_of_other_sets_are_not_ours() -> None:
    assert stored(listed(), "blog", ["A"]) is None


def test_objects_without_a_set_belong_to_the_one_that_wants_the_secret() -> None:
    labels = {key: value for key, value in LABELS.items() if not key.endswith("secret-set")}
    assert stored(listed(metadata={"labels": labels}), "atlas", ["B"]) is None
    found = stored(listed(metadata={"labels": labels}), "atlas", ["A"])
    assert found
    assert (found.number, found.whole) == (2, False)


def test_a_mutable_object_is_not_whole() -> None:
    found = stored(listed(immutable=None), "atlas", ())
    assert found
    assert not found.whole
