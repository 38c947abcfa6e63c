# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What others say is made fit for a message."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.words import last_lines, one_line


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("two\n  lines\t here ", "two lines here"),
        ("\x1b[1;31mred\x1b[0m \x1b]0;title\x07bell\x07", "red bell"),
        ("a\u202eb\u2028c\x9bd", "ab cd"),
        ("postgres://app:hunter2@db/app failed", "postgres://********@db/app failed"),
        ("x" * 600, "x" * 499 + "…"),
    ],
)
def test_one_line(said: str, shown: str) -> None:
    assert one_line(said) == shown


def test_last_lines_of_a_log() -> None:
    log = "\n".join([*(f"line {number}" for number in range(20)), "", "10%\r50%\r100%\r", "token=abcdef", "é" * 400])
    lines = last_lines(log)
    assert lines[:-3] == [f"line {number}" for number in range(13, 20)]
    assert lines[-3:] == ["100%", "token=********", "é" * 300]


def test_windows_line_ends_and_an_empty_log() -> None:
    assert last_lines("one\r\ntwo\r\n") == ["one", "two"]
    assert last_lines("\n \n") == []
