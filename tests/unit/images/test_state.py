# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is remembered of builds."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.images import state
from ansible_collections.bunops.platform.plugins.module_utils.images.context import Entry
from ansible_collections.bunops.platform.plugins.module_utils.images.state import Record, Sources

SOURCES = Sources("d", {"a:1": "sha256:1", "b:1": None}, {"a\udcff": Entry("x", 1, 2, 3, 4)}, {"l": "1"}, 5)
RECORD = Record(SOURCES, "i", "")
UNREADABLE = ["", "{", "[]", "{}", '{"format": 0}', '{"format": 1}', '{"format": 1, "entries": {"a": 1}}']


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "state/images/x.json"
    state.save(str(path), RECORD)
    assert state.load(str(path)) == RECORD
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["x.json"]


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_cannot_be_read_is_as_if_it_were_not_there(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text)
    assert state.load(str(tmp_path / "x")) is None
    assert state.load(str(tmp_path / "absent")) is None


def test_a_failed_write_leaves_the_old_record_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    state.save(str(path), RECORD)
    with pytest.raises(TypeError):
        state.store_json(str(path), {"x": object()})
    assert state.load(str(path)) == RECORD
    assert len(list(tmp_path.iterdir())) == 1


def test_records_are_kept_by_engine_and_tags() -> None:
    keys = [("e", ["a", "b"]), ("e", ["b", "a"]), ("f", ["a", "b"]), ("e", ["a"])]
    assert len({state.record_path("/s", *key) for key in keys}) == 3


def test_the_digest_is_over_contents_only() -> None:
    sources = RECORD.sources
    moved = sources._replace(taken_at=9, entries={"a\udcff": Entry("x", 9, 9, 9, 9)})
    assert moved.digest() == sources.digest()
    assert (
        len(
            {
                sources.digest(),
                sources._replace(definition="e").digest(),
                sources._replace(bases={}).digest(),
                sources._replace(entries={}).digest(),
                sources._replace(linked={}).digest(),
            }
        )
        == 5
    )
