# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A queue and the workload that it scales, looked at four times a second while jobs come and go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import NamedTuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.tests.e2e.autoscaling.asking import asked

INTERVAL = 0.25


class Sample(NamedTuple):
    """at: s since the epoch, when the answers were there, so that nothing seems earlier than it was.

    depth: jobs that wait or run; wanted: replicas that the workload is told to have; ready: those that are; pods: those
    that were not told to end.
    """

    at: float
    depth: int
    wanted: int
    ready: int
    pods: int

    @property
    def seen(self) -> tuple[int, int, int, int]:
        """All but the time."""
        return self[1:]


class Look:
    """Asks the API server for a Deployment and the meter, as `address`, for the depth of a queue."""

    def __init__(self, client: Client, namespace: str, name: str, address: tuple[str, int], path: str) -> None:
        self._client = client
        self._deployment = client.path("apps/v1", "Deployment", namespace, name)
        self._address = address
        self._path = path

    def __call__(self) -> Sample:
        depth = int(asked(*self._address, self._path)["demand"])
        deployment = self._client.request("GET", self._deployment)
        status = deployment.get("status") or {}
        wanted = int(deployment["spec"]["replicas"])
        return Sample(time.time(), depth, wanted, status.get("readyReplicas", 0), status.get("replicas", 0))


class Watch:
    """``with Watch(look) as watch:`` looks all the time, in a thread."""

    def __init__(self, look: Callable[[], Sample]) -> None:
        self._look = look
        self._samples: list[Sample] = []
        self._news = threading.Condition()
        self._ended = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def until(self, holds: Callable[[Sample], bool], since: float, limit: float) -> Sample:
        """The first sample of that moment or later of which something holds; in the past too."""
        end = time.time() + limit
        with self._news:
            while True:
                found = next((sample for sample in self.between(since) if holds(sample)), None)
                if found:
                    return found
                if self._failure:
                    raise self._failure
                assert time.time() < end, f"not in {limit:.0f} s; last seen: {self._samples[-1:]}"
                self._news.wait(1)

    def between(self, first: float, last: float = float("inf")) -> list[Sample]:
        """What was seen between two moments."""
        return [sample for sample in self._samples if first <= sample.at <= last]

    def _run(self) -> None:
        following = time.monotonic()
        while not self._ended.wait(max(0.0, following - time.monotonic())):
            following = max(following + INTERVAL, time.monotonic())
            try:
                sample = self._look()
            except Exception as error:
                self._failure = error
                return
            with self._news:
                self._samples.append(sample)
                self._news.notify_all()


def changes(points: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """Those of (time, number) at which the number is another than just before, and the last: enough to draw steps."""
    return [
        point for index, point in enumerate(points) if index in (0, len(points) - 1) or point[1] != points[index - 1][1]
    ]
