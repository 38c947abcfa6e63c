# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the benchmark of autoscaling makes of what it has seen."""

from __future__ import annotations

import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ansible_collections.bunops.platform.tests.bench.autoscaling import table
from ansible_collections.bunops.platform.tests.bench.load import Burst, Result, Wake
from ansible_collections.bunops.platform.tests.bench.picture import draw
from ansible_collections.bunops.platform.tests.bench.watching import Sample, Watch, changes

# Seven minutes in which a job ends at each look, and the replicas are others every four seconds.
LONG = [Sample(number / 4, 1680 - number, number // 16 % 11, number // 16 % 7, 0) for number in range(1680)]


def test_steps_are_drawn_by_their_changes() -> None:
    points = [(0.0, 1), (1.0, 1), (2.0, 5), (3.0, 5), (4.0, 5), (5.0, 1), (6.0, 1)]
    assert changes(points) == [(0.0, 1), (2.0, 5), (5.0, 1), (6.0, 1)]
    assert changes([]) == []


def test_the_picture_is_small_and_the_same_for_the_same_samples(tmp_path: Path) -> None:
    lively, calm = LONG[:400], LONG[:1] + [LONG[0]._replace(at=sample.at) for sample in LONG]
    for name in ("one.svg", "other.svg"):
        draw(tmp_path / name, {"ours": lively, "theirs": calm}, 10)
    picture = (tmp_path / "one.svg").read_text()
    assert picture == (tmp_path / "other.svg").read_text()
    assert len(picture) < 100_000
    texts = {element.text for element in ElementTree.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")}
    assert {"ours", "theirs", "replicas", "seconds since the first job"} <= texts
    assert "<dc:date>" not in picture


def test_a_moment_is_found_in_what_was_seen_and_in_what_comes() -> None:
    began = time.time()
    with Watch(lambda: Sample(time.time(), 0, 1, int(time.time() - began > 0.6), 1)) as watch:
        ready = watch.until(lambda sample: sample.ready == 1, began, 5)
        assert 0.6 < ready.at - began < 1.2
        assert watch.until(lambda sample: sample.ready == 1, began, 5) == ready
        assert watch.until(lambda sample: sample.ready == 0, began, 5).at < ready.at
        with pytest.raises(AssertionError, match="not in 0 s"):
            watch.until(lambda sample: sample.ready == 0, ready.at, 0.3)


def test_a_look_that_fails_ends_the_wait() -> None:
    def look() -> Sample:
        raise ConnectionError("no meter")

    with Watch(look) as watch, pytest.raises(ConnectionError, match="no meter"):
        watch.until(lambda _sample: False, time.time(), 30)


def test_the_table_has_a_column_for_each_scaler(capsys: pytest.CaptureFixture[str]) -> None:
    last = Burst(1.0, 16.0, 60.0, 7.5, [])
    ours = Result(
        "ours",
        [Wake(1.5, 1.0), Wake(3.5, 3.0), Wake(2.5, 2.0)],
        [Burst(2.0, 17.0, 61.0, None, []), last],
        2003,
        2003,
        1,
        2003,
    )
    table([ours, ours._replace(title="theirs", wakes=[])])
    lines = capsys.readouterr().out.splitlines()
    assert "| median, slowest (of how many) | ours | theirs |" in lines
    assert "| 1 job: 1 replica ready after, s | 2.0, 3.0 (3) |  |" in lines
    assert "| the job begun after, s | 2.5, 3.5 (3) |  |" in lines
    assert "| from then to no replica, s | 7.5, 7.5 (1) | 7.5, 7.5 (1) |" in lines
    assert "| jobs added, begun, finished | 2,003, 2,003, 2,003 | 2,003, 2,003, 2,003 |" in lines
