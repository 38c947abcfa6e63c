# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How soon an edit is served while developing: mounted, copied by Compose, and copied by Tilt. Prints Markdown.

python -m ansible_collections.bunops.platform.tests.bench.develop
"""

from __future__ import annotations

import http.client
import itertools
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.bunops.platform.tests.e2e.develop.developed import (
    BEGUN,
    PORTS,
    Developed,
    DevelopedPages,
    replaced,
    seconds,
)
from ansible_collections.bunops.platform.tests.e2e.develop.watch import Watch
from ansible_collections.bunops.platform.tests.e2e.pages import Pages

EDITS = 30
# Between two edits, s: longer than anything that follows one.
SETTLED = 0.4
# Between two looks, s.
PAUSE = 0.001
LIMIT = 30.0
TILT_PORT = 10451
SYNC = ("--extra-vars", "tilt_dev_sources=sync")


class Way(NamedTuple):
    """How edits reach the containers: the platform runs, and is edited, inside of it. limit: of the API's median, s."""

    title: str
    running: Callable[[Developed], Any]
    limit: float


class Row(NamedTuple):
    """What is edited, and the times of its edits in s. limit: that of the API where there is none."""

    title: str
    measure: Callable[[Developed, Pages], list[float]]
    limit: float | None = None


@contextmanager
def mounted(platform: Developed) -> Iterator[None]:
    """The default on Linux."""
    platform.develop("--extra-vars", "tilt_dev_sources=mount")
    yield


@contextmanager
def watched(platform: Developed) -> Iterator[None]:
    """As without a mount, and without Tilt."""
    platform.develop(*SYNC)
    with Watch(platform):
        yield


@contextmanager
def in_tilt(platform: Developed) -> Iterator[None]:
    """Tilt's live update."""
    platform.play("down.yml")
    port = ("--extra-vars", f"tilt_dev_port={TILT_PORT}")
    try:
        platform.develop(*SYNC, *port, tool="tilt")
        yield
    finally:
        platform.develop("--extra-vars", "tilt_dev_state=stopped", *port, tool="tilt")


class Replaced(Exception):
    """There is another container: about once in a hundred times Tilt fails to copy, and then builds."""


class Lines:
    """What a container prints from now on, line by line."""

    def __init__(self, container: str) -> None:
        argv = ["docker", "logs", "--follow", "--tail", "0", container]
        self._process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        # It has to be there before anything is printed.
        time.sleep(SETTLED)

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_problem: object) -> None:
        self._process.kill()
        self._process.wait()

    def until(self, message: str) -> dict[str, Any]:
        """The next entry that says it. Raises Replaced when the container ends before."""
        assert self._process.stdout is not None
        overdue = threading.Timer(LIMIT, self._process.kill)
        overdue.start()
        try:
            for line in self._process.stdout:
                entry = json.loads(line) if line.startswith("{") else {}
                if entry.get("msg") == message:
                    return dict(entry)
            if overdue.is_alive():
                raise Replaced
        finally:
            overdue.cancel()
        raise AssertionError(f"{message!r} was not said within {LIMIT} s")


def served(service: str, path: str, words: str, text: str) -> Callable[[Developed, Pages], list[float]]:
    """Edits of what a service answers where there is nothing. path: of the file that says those words."""

    def measure(platform: Developed, _pages: Pages) -> list[float]:
        def edit(file: Path, former: str, number: int) -> float:
            new = text.format(number)
            file.write_text(replaced(former, (words, new)))
            since = time.perf_counter()
            while new not in answer(PORTS[service]):
                assert time.perf_counter() < since + LIMIT, f"{service} does not serve {new!r}"
                time.sleep(PAUSE)
            return time.perf_counter() - since

        return edited(platform.sources / path, edit)

    return measure


def answer(port: int) -> str:
    """What a service says on a new connection, or nothing if it does not."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/nowhere")
        return connection.getresponse().read().decode()
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()


def edited(file: Path, edit: Callable[[Path, str, int], float]) -> list[float]:
    """The times of all edits of a file, each on its former text, which it has again afterwards."""
    former = file.read_text()
    times = []
    try:
        for number in range(EDITS):
            times.append(edit(file, former, number))
            time.sleep(SETTLED)
    finally:
        file.write_text(former)
        time.sleep(2 * SETTLED)
    return times


def idle_worker(platform: Developed, _pages: Pages) -> list[float]:
    """Edits until jobs are taken again."""

    def edit(file: Path, lines: Lines, text: str, _number: int) -> float:
        since = time.time()
        file.write_text(text)
        return seconds(lines.until(BEGUN["worker"]), since)

    return edited_worker(platform, edit)


def busy_worker(platform: Developed, pages: Pages) -> list[float]:
    """The same while a job runs, which is done once, by the new version."""

    def edit(file: Path, lines: Lines, text: str, number: int) -> float:
        identifier = platform.post_job(pages.url(f"/slow/{number}"))
        lines.until("job started")
        since = time.time()
        file.write_text(text)
        lines.until("the job goes back to the queue")
        taken = seconds(lines.until(BEGUN["worker"]), since)
        lines.until("job done")
        job = platform.ended_job(identifier)
        assert (job["status"], job["attempts"]) == ("done", 1), job
        return taken

    return edited_worker(platform, edit)


def edited_worker(platform: Developed, edit: Callable[[Path, Lines, str, int], float]) -> list[float]:
    """The times of edits of the worker; one for which there came another container is made once more."""
    tries = itertools.count()

    def reloaded(file: Path, former: str, number: int) -> float:
        while True:
            try:
                with Lines(platform.container("worker")) as lines:
                    return edit(file, lines, f"{former}// {next(tries)}\n", number)
            except Replaced:
                print("Tilt put another container in place", file=sys.stderr, flush=True)
                platform.await_healthy()

    return edited(platform.sources / "worker/src/main.ts", reloaded)


# The limits are those of the medians, in s.
WAYS = (
    Way("bind mount", mounted, 0.05),
    Way("Compose watch", watched, 0.6),
    Way("Tilt live update", in_tilt, 0.4),
)
ROWS = (
    Row("api", served("api", "api/src/server.ts", "nothing at", "nothing {} at")),
    Row("dashboard", served("dashboard", "dashboard/src/answers.ts", "there is nothing here", "nothing {} here"), 0.3),
    Row("worker, until it takes jobs", idle_worker, 1.5),
    Row("worker, with a running job put back", busy_worker, 1.5),
)


def develop(ways: Sequence[Way] = WAYS) -> None:
    """Measure all of them on the reference platform under a name and ports of its own, and print a table."""
    with tempfile.TemporaryDirectory(prefix="bunops-bench-") as temporary:
        platform = Developed("bunops-bench-develop", Path(temporary))
        platform.copy_project()
        there = [way for way in ways if way.running is not in_tilt or shutil.which("tilt")]
        try:
            results = [_measured(platform, way) for way in there]
        finally:
            platform.clean()
    print("\n## From an edit to its being served\n")
    print(f"| median, p95 of {EDITS}, s | {' | '.join(way.title for way in there)} |")
    print(f"|---|{'---|' * len(there)}")
    for number, row in enumerate(ROWS):
        print(f"| {row.title} | {' | '.join(_text(times[number]) for times in results)} |")
    if len(there) < len(ways):
        print("\nThere is no `tilt` on the PATH.")


def _measured(platform: Developed, way: Way) -> list[list[float]]:
    results = []
    with way.running(platform), DevelopedPages(platform) as pages:
        platform.await_healthy()
        for row in ROWS:
            times = row.measure(platform, pages)
            limit = row.limit or way.limit
            print(f"{way.title}: {row.title}: {_text(times)}, at most {limit} s", file=sys.stderr, flush=True)
            results.append(times)
    return results


def _text(times: Sequence[float]) -> str:
    p95 = sorted(times)[round(0.95 * len(times)) - 1]
    return f"{statistics.median(times):.3f}, {p95:.3f}"


if __name__ == "__main__":
    develop()
