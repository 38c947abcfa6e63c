# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Jobs for a worker that somebody scales, one or a thousand at once, and how long the replicas take to come and go."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from datetime import datetime
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
LIMIT, LONGEST_REST = 180.0, 450.0
# Shown of the time before the first job, s.
LEAD = 5.0


class Scaler(NamedTuple):
    """Somebody who scales the worker.

    title: in tables and the picture; make: has it scale a site's worker; fewest: replicas at rest; period: s between
    two looks at a worker at rest; wakes, bursts: how often each is measured. begin: has it look at once and its period
    begin anew, given how often that was done; such a scaler takes minutes to come to rest, so it is told to, too.
    """

    title: str
    make: Callable[[Site], object]
    fewest: int
    period: float
    wakes: int
    bursts: int
    begin: Callable[[Site, int], object] | None = None


class Wake(NamedTuple):
    """1 job. begun: s until a worker had taken it, by BullMQ's own account; ready: s until a replica was ready."""

    begun: float
    ready: float


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
    """added: jobs; the other numbers are of Site.counts."""

    title: str
    wakes: list[Wake]
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
        self._begun = 0

    def measure(self) -> Result:
        """Single jobs first, then many at once. Takes minutes."""
        wakes = [self._wake(number) for number in range(self._scaler.wakes)]
        bursts = [self._burst(number) for number in range(self._scaler.bursts)]
        return Result(self._scaler.title, wakes, bursts, self._added, *self._site.counts())

    def _wake(self, number: int) -> Wake:
        self._rest()
        self._begin(_within(number, self._scaler.wakes))
        job = self._add(1)
        since = self._time_of(job, "timestamp")
        ready = self._ready(1, since)
        self._empty(ready)
        found = Wake(self._time_of(job, "processedOn") - since, ready - since)
        self._say(f"1 job, 1 ready after {found.ready:.1f} s, begun after {found.begun:.1f} s")
        return found

    def _burst(self, number: int) -> Burst:
        count = self._scaler.bursts
        self._rest()
        self._await_hpa(_within(number, count))
        # Not both early, nor both late.
        self._begin(_within((number + 1) % count, count))
        since = self._time_of(self._add(JOBS), "timestamp")
        one, told, ten = self._ready(1, since), self._told(MOST_REPLICAS, since), self._ready(MOST_REPLICAS, since)
        self._say(f"{JOBS} jobs, 1 ready after {one - since:.1f} s")
        self._say(f"{MOST_REPLICAS} wanted after {told - since:.1f} s, ready after {ten - since:.1f} s")
        empty = self._empty(ten)
        gone = None if self._scaler.begin and number + 1 < count else self._settled(empty)
        self._say(f"empty after {empty - since:.1f} s" + (f", at rest {gone - empty:.1f} s later" if gone else ""))
        seen = self._watch.between(since - LEAD, gone or empty)
        samples = [sample._replace(at=sample.at - since) for sample in seen]
        return Burst(one - since, ten - since, empty - since, gone and gone - empty, samples)

    def _rest(self) -> None:
        if self._scaler.begin:
            # What KEDA does after its cooldown, too, is to set this number, and nothing else.
            number = f"--replicas={self._scaler.fewest}"
            self._site.namespace.run("scale", "deployment", WORKER, number)
        self._settled(time.time())
        end = time.monotonic() + LIMIT
        while self._pods() > self._scaler.fewest:
            assert time.monotonic() < end, self._site.namespace.run("describe", "pods")
            time.sleep(0.2)

    def _begin(self, phase: float) -> None:
        """A moment of the scaler's period, in parts of it."""
        if self._scaler.begin:
            self._begun += 1
            self._scaler.begin(self._site, self._begun)
        time.sleep(phase * self._scaler.period)

    def _await_hpa(self, phase: float) -> None:
        """A moment of the HPA's period, in parts of it: how long after the scaler the HPA looks is most of the time.

        Its conditions change when it looks; they have whole seconds.
        """
        (hpa,) = self._client.list("autoscaling/v2", "HorizontalPodAutoscaler", self._site.namespace.name)
        changed = max(condition["lastTransitionTime"] for condition in hpa["status"]["conditions"])
        looked = datetime.fromisoformat(changed).timestamp() + 0.5
        time.sleep((looked + phase * HPA_PERIOD - time.time()) % HPA_PERIOD)

    def _pods(self) -> int:
        """Those that end are among them."""
        return sum(1 for _pod in self._client.list("v1", "Pod", self._site.namespace.name, f"app={WORKER}"))

    # What is waited for may have been so before: these give the moment in s since the epoch.

    def _ready(self, count: int, since: float) -> float:
        return self._watch.until(lambda sample: sample.ready >= count, since, LIMIT).at

    def _told(self, count: int, since: float) -> float:
        return self._watch.until(lambda sample: sample.wanted >= count, since, LIMIT).at

    def _empty(self, since: float) -> float:
        return self._watch.until(lambda sample: sample.depth == 0, since, LIMIT).at

    def _settled(self, since: float) -> float:
        fewest = self._scaler.fewest
        return self._watch.until(lambda sample: sample.seen == (0, fewest, fewest, fewest), since, LONGEST_REST).at

    def _add(self, count: int) -> int:
        """Add jobs; the first one's number."""
        with self._site.redis() as redis:
            first = int(redis("GET", f"bull:{QUEUE}:id") or 0) + 1
        programs.do(self._folder, self._site, ["add", count])
        self._added += count
        return first

    def _time_of(self, job: int, field: str) -> float:
        """What BullMQ has written down of a job, in s since the epoch; `timestamp` is from just before it was added."""
        with self._site.redis() as redis:
            return int(redis("HGET", f"bull:{QUEUE}:{job}", field)) / 1000

    def _say(self, line: str) -> None:
        print(f"{self._scaler.title}: {line}", file=sys.stderr, flush=True)


def measure(scaler: Scaler, site: Site, client: Client, folder: Path, job_ms: int) -> Result:
    """Have the worker of a site that is started scaled, and measure. folder: with what adds jobs."""
    # Nobody sends it requests, so it needs no probe; one would be looked at once a second only.
    site.deploy_worker(None, job_ms, WORKER, is_probed=False)
    # From now on its image is there.
    site.namespace.wait("deployment", WORKER, "condition=Available")
    scaler.make(site)
    address = site.namespace.run("get", "service", "queue-meter", "--output=jsonpath={.spec.clusterIP}")
    look = Look(client, site.namespace.name, WORKER, (address, HTTP_PORT), f"/queues/redis/{QUEUE}")
    with Watch(look) as watch:
        return Load(scaler, site, client, watch, folder).measure()


def _within(number: int, parts: int) -> float:
    """A moment in that part of a period, which is 1 long: no scaler is lucky, or unlucky, all the time."""
    return (number + random.random()) / parts
