# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which targets are built, and why."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.images import definition
from ansible_collections.bunops.platform.plugins.module_utils.images.context import Entry
from ansible_collections.bunops.platform.plugins.module_utils.images.engine_api import Image
from ansible_collections.bunops.platform.plugins.module_utils.images.plan import UNCHANGED, Observed, plan
from ansible_collections.bunops.platform.plugins.module_utils.images.state import Record, Sources

IMAGE = Image("sha256:1", 1, (), {})
SOURCES = Sources("d", {"bun:1": "sha256:b"}, {"main.ts": Entry("1", 1, 1, 1, 1), "dir": Entry("1", 0, 0, 0, 0)}, {}, 0)


def cause(
    *, target: dict[str, Any] | None = None, images: Any = (IMAGE,), record: Any = True, pushed: Any = (), **now: Any
) -> str:
    """What is planned for a target that was built from SOURCES and has changed as given."""
    read = definition.read({"target": {"web": target or {"tags": ["web:1"]}}}, [], "/")[0]
    before = Record(SOURCES, "sha256:1", "sha256:p") if record is True else record
    operation = plan([Observed(read, SOURCES._replace(**now), before, images, pushed)])[0]
    assert (operation.action == "keep") == (operation.cause == UNCHANGED)
    return operation.cause


def files(**digests: str) -> dict[str, Entry]:
    return {name.replace("__", "/"): Entry(digest, 0, 0, 0, 0) for name, digest in digests.items()}


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        ({}, UNCHANGED),
        ({"images": [None]}, "image missing: web:1"),
        ({"images": [None], "record": None}, "image missing: web:1"),
        ({"record": None}, "never built here"),
        ({"images": [IMAGE._replace(id="sha256:2")]}, "image replaced since it was built: web:1"),
        ({"definition": "e"}, "definition changed"),
        ({"bases": {"bun:1": "sha256:c"}}, "base changed: bun:1"),
        ({"bases": {"bun:1": None}}, "base changed: bun:1"),
        ({"linked": {"base": "x"}}, "a target that it builds on changed"),
        ({"pushed": ["sha256:p"]}, UNCHANGED),
        ({"pushed": [""]}, "the registry does not have this image under its tag"),
        ({"pushed": ["sha256:q"]}, "the registry does not have this image under its tag"),
        (
            {"target": {"tags": ["web:1"], "context": "https://example.com/x"}},
            "always built: https://example.com/x is not a local directory",
        ),
    ],
)
def test_causes(observed: dict[str, Any], expected: str) -> None:
    assert cause(**observed) == expected


def test_the_first_changed_files_are_named() -> None:
    same = {"dir": SOURCES.entries["dir"]}
    assert cause(entries={**same, "main.ts": Entry("2", 1, 1, 1, 1)}) == "source changed: main.ts"
    assert cause(entries=same) == "source changed: main.ts"
    many = files(a="1", b="1", c="1", d="1", e="1")
    assert cause(entries={**SOURCES.entries, **many}) == "source changed: a, b, c and 2 more"


def test_a_directory_is_named_only_for_itself() -> None:
    assert cause(entries={**SOURCES.entries, **files(dir="2")}) == "source changed: dir"
    assert cause(entries={**SOURCES.entries, **files(dir="2", dir__x="1")}) == "source changed: dir/x"


def test_times_of_files_are_no_cause() -> None:
    touched = {name: entry._replace(mtime_ns=9, inode=9) for name, entry in SOURCES.entries.items()}
    assert cause(entries=touched) == UNCHANGED
