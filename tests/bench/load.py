# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Jobs for a worker that somebody scales, one or a thousand at once, and how long the replicas take to come and go."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.tests.bench.watching import Look, Sample, Watch
from ansible_collections.bunops.platform.tests.e2e.autoscaling import programs
from ansible_collections.bunops.platform.tests.e2e.autoscaling.site import HTTP_PORT, QUEUE, Site

WORKER = "worker"
JOBS, MOST_REPLICAS = 1000, 10
# How often an HPA looks, s.
HPA_PERIOD = 15.0
# A replica that nobody needs for longer is not waited for at each measuring, s.
PATIENCE = 60.0
LIMIT, LONGEST_REST = 180.0, 450.0
# Shown of the time before the first job, s.
LEAD = 5.0


class Scaler(NamedTuple):
    """Somebody who scales the worker.

    title: in tables and the picture; make: has it scale a site's worker; fewest: replicas at rest; period: s between
    two looks at a worker at rest; cooldown: s that the last replica stays; wakes, bursts: how often each is measured.
    """

    title: str
    make: Callable[[Site], object]
    fewest: int
    period: float
    cooldown: float
    wakes: int
    bursts: int


class Burst(NamedTuple):
    """1,000 jobs. one, ten: s until so many replicas were ready; empty: s until no job waited or ran.

    gone: s from then on until the replicas were as few as at rest, None if that was done by hand; samples: with times
    in s since the first job.
    """

    one: float
    ten: float
    empty: float
    gone: float | None
    samples: list[Sample]


class Result(NamedTuple):
    """wakes: s until a replica was ready for one job; added: jobs; the others are of Site.counts."""

    title: str
    wakes: list[float]
    bursts: list[Burst]
    added: int
    begun: int
    most_runs: int
    finished: int


class Load:
    """A site's worker under one scaler."""

    def __init__(self, scaler: Scaler, site: Site, client: Client, watch: Watch, folder: Path) -> None:
        self._scaler = scaler
        self._site = site
        self._client = client
        self._watch = watch
        self._folder = folder
        self._added = 0

    def measure(self) -> Result:
        """Single jobs first, then many at once. Takes minutes."""
        title, wakes, bursts = self._scaler.title, self._scaler.wakes, self._scaler.bursts
        woken = [self._wake(_within(number, wakes)) for number in range(wakes)]
        many = [self._burst(_within(number, bursts), number + 1 == bursts) for number in range(bursts)]
        return Result(title, woken, many, self._added, *self._site.counts())

    def _wake(self, phase: float) -> float:
        self._rest(phase * self._scaler.period)
        since = self._add(1)
        ready = self._ready(1, since)
        self._say(f"1 job, ready after {ready - since:.1f} s")
        self._empty(ready)
        return ready - since

    def _burst(self, phase: float, is_last: bool) -> Burst:
        self._rest(phase * max(self._scaler.period, HPA_PERIOD))
        since = self._add(JOBS)
        one, ten = self._ready(1, since), self._ready(MOST_REPLICAS, since)
        self._say(f"{JOBS} jobs, 1 ready after {one - since:.1f} s, {MOST_REPLICAS} after {ten - since:.1f} s")
        empty = self._empty(ten)
        gone = self._settled(empty) if is_last or not self._is_told else None
        self._say(f"empty after {empty - since:.1f} s" + (f", at rest {gone - empty:.1f} s later" if gone else ""))
        seen = self._watch.between(since - LEAD, gone or empty)
        samples = [sample._replace(at=sample.at - since) for sample in seen]
        return Burst(one - since, ten - since, empty - since, gone and gone - empty, samples)

    @property
    def _is_told(self) -> bool:
        """Whether it is told to go to rest."""
        return self._scaler.cooldown > PATIENCE

    def _rest(self, pause: float) -> None:
        """At rest, and then some seconds."""
        if self._is_told:
            # What KEDA does after its cooldown is to set this number, nothing else; its own clock and the HPA's go on
            # meanwhile. A new ScaledObject, or one that was paused, would begin with a look, and both clocks in step.
            number = f"--replicas={self._scaler.fewest}"
            self._site.namespace.run("scale", "deployment", WORKER, number)
        self._settled(time.time())
        end = time.monotonic() + LIMIT
        while self._pods() > self._scaler.fewest:
            assert time.monotonic() < end, self._site.namespace.run("describe", "pods")
            time.sleep(0.2)
        time.sleep(pause)

    def _pods(self) -> int:
        """Those that end are among them."""
        return sum(1 for _pod in self._client.list("v1", "Pod", self._site.namespace.name, f"app={WORKER}"))

    # What is waited for may have been so before: these give the moment in s since the epoch.

    def _ready(self, count: int, since: float) -> float:
        return self._watch.until(lambda sample: sample.ready >= count, since, LIMIT).at

    def _empty(self, since: float) -> float:
        return self._watch.until(lambda sample: sample.depth == 0, since, LIMIT).at

    def _settled(self, since: float) -> float:
        fewest = self._scaler.fewest
        return self._watch.until(lambda sample: sample.seen == (0, fewest, fewest, fewest), since, LONGEST_REST).at

    def _add(self, count: int) -> float:
        """Add jobs; the time of the first in s since the epoch, as BullMQ has written it down before it was added."""
        with self._site.redis() as redis:
            first = int(redis("GET", f"bull:{QUEUE}:id") or 0) + 1
            programs.do(self._folder, self._site, ["add", count])
            self._added += count
            return int(redis("HGET", f"bull:{QUEUE}:{first}", "timestamp")) / 1000

    def _say(self, line: str) -> None:
        print(f"{self._scaler.title}: {line}", file=sys.stderr, flush=True)


def measure(scaler: Scaler, site: Site, client: Client, folder: Path, job_ms: int) -> Result:
    """Have the worker of a site that is started scaled, and measure. folder: with what adds jobs."""
    site.deploy_worker(None, job_ms, WORKER)
    # From now on its image is there.
    site.namespace.wait("deployment", WORKER, "condition=Available")
    scaler.make(site)
    address = site.namespace.run("get", "service", "queue-meter", "--output=jsonpath={.spec.clusterIP}")
    look = Look(client, site.namespace.name, WORKER, (address, HTTP_PORT), f"/queues/redis/{QUEUE}")
    with Watch(look) as watch:
        return Load(scaler, site, client, watch, folder).measure()


def _within(number: int, parts: int) -> float:
    """A moment in that part of a period, which is 1 long: no scaler is lucky, or unlucky, each time."""
    return (number + random.random()) / parts
