# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the filters let through; golden tests show them at work on a whole log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ansible_collections.bunops.platform.tools.log_viewer.choice import Choice
from ansible_collections.bunops.platform.tools.log_viewer.entry import LEVELS, entry

NOW = datetime(2026, 11, 27, 22, 14, 3, tzinfo=UTC)


def takes(choice: Choice, line: str, service: str = "api") -> bool:
    return choice.takes(entry(service, NOW, line))


@pytest.mark.parametrize("asked", LEVELS)
def test_a_level_and_those_above(asked: str) -> None:
    shown = [level for level in LEVELS if takes(Choice(level=asked), f'{{"level":"{level}"}}')]
    assert shown == list(LEVELS[LEVELS.index(asked) :])


@pytest.mark.parametrize("line", ["Segmentation fault", '{"level":"silly","msg":"x"}', '{"msg":"x"}'])
def test_what_has_no_level_may_be_a_crash(line: str) -> None:
    assert takes(Choice(level="fatal"), line)


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        ('{"level":"info","job":"12"}', True),
        ('{"level":"info","job":12}', True),
        ('{"level":"info","job":"123"}', False),
        ('{"level":"info","job":"7","url":"https://example.com/12"}', False),
        ('{"level":"info","route":"/v1/jobs/12"}', True),
        ("OOM killed fetcher-12", True),
        ("took 123 ms", False),
    ],
)
def test_a_job(line: str, taken: bool) -> None:
    assert takes(Choice(job="12"), line) is taken


@pytest.mark.parametrize("text", ["JOB ACC", "job=j1", "at y", "api  ", "1.5"])
def test_text_in_what_is_shown(text: str) -> None:
    line = '{"level":"info","job":"j1","n":1.50,"err":{"stack":"Error: x\\n  at y"},"msg":"job accepted"}'
    assert takes(Choice(grep=text), line)
    assert not takes(Choice(grep=text + "!"), line)
