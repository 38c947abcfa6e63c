# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What Compose and stern print, and what is shown of it. UPDATE_GOLDEN=1 writes shown/ anew."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tools.log_viewer.choice import Choice
from ansible_collections.bunops.platform.tools.log_viewer.entry import Entry
from ansible_collections.bunops.platform.tools.log_viewer.render import Renderer
from ansible_collections.bunops.platform.tools.log_viewer.sources import compose_entry, stern_entry

FOLDER = Path(__file__).parent
JOB = "019ac6b2-7d1e-7c52-9a53-4f1d2c8e6b10"
CASES = {
    "everything": Choice(),
    "api_and_fetcher": Choice(services={"api", "fetcher"}),
    "warn": Choice(level="warn"),
    "job": Choice(job=JOB),
    "grep": Choice(grep="HTTP"),
    "all_at_once": Choice(services={"worker"}, level="info", job=JOB, grep="job d"),
}


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def lines(name: str) -> list[str]:
    return (FOLDER / "written" / name).read_text().splitlines()


def shown(entries: list[Entry]) -> str:
    renderer = Renderer(colour=False)
    return "".join(f"{renderer.text(entry)}\n" for entry in entries)


def check(case: str, text: str) -> None:
    file = FOLDER / "shown" / f"{case}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text)
    assert text == file.read_text()


@pytest.mark.parametrize("case", CASES)
def test_compose(case: str) -> None:
    entries = sorted(map(compose_entry, lines("compose.log")), key=lambda entry: entry.time)
    check(case, shown([entry for entry in entries if CASES[case].takes(entry)]))


def test_stern() -> None:
    """Up to 1.34 the time begins the message; then it stands by itself. Its own words come last: they come now."""
    *entries, own = map(stern_entry, lines("stern.log"))
    check("stern", shown(entries))
    assert (own.service, own.text) == ("stern", lines("stern.log")[-1])
