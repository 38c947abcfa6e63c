"""An edit of the worker while it runs a job: the job goes back to the queue, and the new version does it, once."""

from __future__ import annotations

import time

from ansible_collections.bunops.platform.tests.e2e.develop.developed import LIMIT, Developed, seconds
from ansible_collections.bunops.platform.tests.e2e.pages import Pages
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import command, eventually, request

# Of an edit until jobs are taken again, s.
LONGEST = 1.5
PROCESSOR = "worker/src/job_processor.ts"


def test_a_running_job_is_done_by_the_new_version(developed: Developed, pages: Pages) -> None:
    log = developed.log("worker")
    before = developed.states()
    url = pages.url("/slow/edited")
    identifier = developed.post_job(url)

    def of_job(message: str) -> list[dict[str, object]]:
        return [entry for entry in log.said(message) if entry["job"] == identifier]

    eventually(lambda: of_job("job started") or None, LIMIT)
    edited = time.time()
    with developed.edited(PROCESSOR, ('"job done"', '"job done anew"')):
        job = developed.ended_job(identifier)
        # Its result is in the database a moment before this is in the log.
        eventually(lambda: of_job("job done anew") or None, LIMIT)
    assert (job["status"], job["attempts"], job["error"]) == ("done", 1, None), job
    assert len(of_job("job started")) == 2
    assert len(of_job("the job goes back to the queue")) == 1
    assert (len(of_job("job done")), len(of_job("job done anew"))) == (0, 1)
    listed = request("GET", developed.url("api", "/v1/jobs?limit=200"))["jobs"]
    assert [each["id"] for each in listed if each["url"] == url] == [identifier]
    assert developed.states() == before
    assert task_containers(developed) == []

    taking, again = log.said("taking jobs")[0], of_job("job started")[1]
    print(f"edit to taking jobs: {seconds(taking, edited):.2f} s, to the job's start: {seconds(again, edited):.2f} s")
    # Twice what it may be on a quiet machine.
    assert seconds(taking, edited) < 2 * LONGEST


def test_no_job_of_many_is_lost_or_done_twice(developed: Developed, pages: Pages) -> None:
    log = developed.log("worker")
    posted = [developed.post_job(pages.url(f"/slow/many/{number}")) for number in range(8)]
    eventually(lambda: len(log.said("job started")) >= 4 or None, LIMIT)
    with developed.edited(PROCESSOR, ('"job done"', '"job done anew"')):
        jobs = [developed.ended_job(identifier) for identifier in posted]
        eventually(lambda: len(log.said("job done anew")) >= len(jobs) or None, LIMIT)
    assert [(job["status"], job["attempts"]) for job in jobs] == [("done", 1)] * len(jobs), jobs
    assert sorted(str(entry["job"]) for entry in log.said("job done anew")) == sorted(posted)
    assert log.said("job done") == []
    assert task_containers(developed) == []


def task_containers(developed: Developed) -> list[str]:
    return command("docker", "ps", "-aq", "--filter", f"label=bunops.platform.project={developed.name}").split()
