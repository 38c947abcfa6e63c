# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Real jobs, real pods: KEDA follows the depth of a queue, and no job is lost, run twice or cut off."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.bunops.platform.tests.e2e.autoscaling.site import Site
from ansible_collections.bunops.platform.tests.integration.run_module import Module

Jobs = Callable[..., None]
HOUR_MS = 3_600_000


def rested(site: Site, job_ms: int = 500) -> None:
    """A worker with a scaler, and nothing to do."""
    site.deploy_worker(None, job_ms)
    site.scale(longest_job=5)
    # A pod that is about to end counts as no replica, and takes jobs.
    site.until(lambda: site.replicas("spec.replicas") == 0 and site.pods() == 0, 90)


def test_from_zero_to_ten_and_back(site: Site, jobs: Jobs) -> None:
    rested(site, job_ms=4_000)
    jobs(["add", 1])
    site.until(lambda: site.replicas() >= 1, 30)
    jobs(["add", 999])
    site.until(lambda: site.replicas() == 10, 60)
    site.until(lambda: site.counts()[2] == 1000, 120)
    site.until(lambda: site.replicas("status.replicas") == 0, 180)
    assert site.counts() == (1000, 1, 1000)


def test_the_number_is_the_autoscalers_once_it_has_it(site: Site, jobs: Jobs) -> None:
    """From a fixed number without a dip, and a later apply of the Deployment does not touch it."""
    site.deploy_worker(3, job_ms=60_000)
    site.until(lambda: site.replicas() == 3)
    jobs(["add", 30])
    site.until(lambda: site.counts()[0] == 30)
    with ThreadPoolExecutor(1) as pool:
        watched = pool.submit(lambda: {site.replicas("spec.replicas") for _look in range(60)})
        site.scale(longest_job=5)
        site.deploy_worker(None, job_ms=60_000)
        assert watched.result() == {3}
    assert site.counts()[:2] == (30, 1)


def test_delayed_jobs_wake_a_worker_when_they_are_due(site: Site, jobs: Jobs) -> None:
    rested(site)
    jobs(["delay", 5, HOUR_MS], ["delay", 3, 20_000])
    taken = site.until(lambda: site.replicas() >= 1, 40)
    assert taken > 10, "they were not due yet"
    site.until(lambda: site.counts()[2] == 3)
    site.until(lambda: site.replicas("status.replicas") == 0, 90)
    assert site.counts() == (3, 1, 3)


def test_a_paused_queue_wakes_nobody(site: Site, jobs: Jobs) -> None:
    rested(site)
    jobs(["pause"], ["add", 50])
    # Longer than it takes with a queue that is not paused.
    site.stays(lambda: site.replicas("spec.replicas") == 0, 15)
    jobs(["resume"])
    site.until(lambda: site.replicas() >= 1, 30)


def test_without_redis_the_replicas_hold(site: Site, jobs: Jobs) -> None:
    site.deploy_worker(None, job_ms=120_000)
    site.scale(longest_job=5)
    jobs(["add", 40])
    site.until(lambda: site.replicas() == 4, 90)
    site.namespace.run("scale", "deployment", "redis", "--replicas=0")
    site.until(lambda: "KEDAScalerFailed" in site.namespace.run("get", "events", "--output=yaml"), 60)
    site.stays(lambda: site.replicas("spec.replicas") == 4, 30)


def test_another_queue_is_refused_before_anything_is_made(site: Site) -> None:
    site.deploy_worker(1, job_ms=10)
    refused = Module("queue_scaler").failing(**site.scaler(queue="fetsch"))
    assert "fetsch" in refused["msg"] and "redis/fetch" in refused["msg"], refused["msg"]
    assert site.namespace.run("get", "scaledobject,hpa", "--output=name") == ""


def test_twenty_at_once(site: Site, jobs: Jobs) -> None:
    names = [f"worker-{number}" for number in range(20)]
    for name in names:
        # As long as the job runs, all of them are called for.
        site.deploy_worker(None, job_ms=60_000, name=name)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: site.scale(name=name, max_replicas=1, longest_job=5), names))
    site.until(lambda: {site.wanted()[name] for name in names} == {0}, 120)
    jobs(["add", 1])
    site.until(lambda: {site.wanted()[name] for name in names} == {1}, 55)
