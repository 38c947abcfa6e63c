"""A posted URL becomes a result, whatever happens to the parts in between."""

from __future__ import annotations

import io
import urllib.request
from collections.abc import Callable

import pytest
from PIL import Image

from ansible_collections.bunops.platform.tests.e2e.pages import COLOUR, Pages
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import (
    PlatformUnderTest,
    command,
    eventually,
    request,
)

JOBS = 50


def test_a_job_ends_with_title_text_and_a_screenshot_of_the_page(platform: PlatformUnderTest, pages: Pages) -> None:
    identifier = platform.post_job(pages.url("/hello"))
    job = platform.ended_job(identifier)
    assert (job["status"], job["title"]) == ("done", "Page /hello"), job
    assert "The quick brown fox." in job["text"]

    with urllib.request.urlopen(platform.url("api", f"/v1/jobs/{identifier}/screenshot"), timeout=10) as answer:
        picture = Image.open(io.BytesIO(answer.read())).convert("RGB")
    assert picture.size == (1280, 800)
    background = picture.getpixel((1200, 700))
    assert isinstance(background, tuple)
    assert all(abs(found - wanted) < 8 for found, wanted in zip(background, COLOUR, strict=True)), background


@pytest.mark.parametrize(
    "url",
    [
        "http://redis:26379/",
        "http://127.0.0.1:8000/",
        "http://169.254.169.254/",
        "http://[::1]/",
        "http://example.com/",
    ],
)
def test_an_address_that_the_catalog_does_not_name_is_refused(platform: PlatformUnderTest, url: str) -> None:
    job = platform.ended_job(platform.post_job(url))
    assert job["status"] == "failed"
    assert job["error"]


def test_a_redirect_to_a_refused_address_is_refused(platform: PlatformUnderTest, pages: Pages) -> None:
    job = platform.ended_job(platform.post_job(pages.url("/to-redis")))
    assert job["status"] == "failed", job


def test_the_task_container_is_gone_afterwards(platform: PlatformUnderTest, pages: Pages) -> None:
    platform.ended_job(platform.post_job(pages.url("/gone")))
    eventually(lambda: True if not task_containers(platform) else None, 20)


def kill_worker(platform: PlatformUnderTest) -> None:
    # SIGKILL for the worker itself, as the kernel's out-of-memory killer would: the container's init sees it end.
    command("docker", "exec", platform.container("worker"), "bun", "-e", KILL_MAIN)


KILL_MAIN = """
import { readdirSync, readFileSync } from "node:fs";
const others = readdirSync("/proc").map(Number).filter((pid) => pid > 1 && pid !== process.pid);
for (const pid of others) {
  if (readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("main.js")) process.kill(pid, "SIGKILL");
}
"""


def restart(service: str) -> Callable[[PlatformUnderTest], None]:
    def act(platform: PlatformUnderTest) -> None:
        command("docker", "restart", platform.container(service))

    act.__name__ = f"restart_{service}"
    return act


@pytest.mark.parametrize("fault", [kill_worker, restart("redis"), restart("turso")], ids=lambda fault: fault.__name__)
def test_no_job_is_lost_or_done_twice(
    platform: PlatformUnderTest, pages: Pages, fault: Callable[[PlatformUnderTest], None]
) -> None:
    path = "/slow/" if fault is kill_worker else "/"
    posted = [platform.post_job(pages.url(f"{path}{fault.__name__}/{number}")) for number in range(JOBS // 2)]
    eventually(lambda: True if task_containers(platform) else None, 30)
    fault(platform)
    posted += [platform.post_job(pages.url(f"/{fault.__name__}/{number}")) for number in range(JOBS // 2, JOBS)]

    jobs = [platform.ended_job(identifier, limit=240) for identifier in posted]
    assert [job["status"] for job in jobs] == ["done"] * JOBS, [job for job in jobs if job["status"] != "done"]
    assert len({job["id"] for job in jobs}) == JOBS
    listed = request("GET", platform.url("api", "/v1/jobs?limit=200"))["jobs"]
    of_this_test = [job["id"] for job in listed if f"/{fault.__name__}/" in job["url"]]
    assert sorted(of_this_test) == sorted(posted)


def task_containers(platform: PlatformUnderTest) -> list[str]:
    return command("docker", "ps", "-aq", "--filter", f"label=bunops.platform.project={platform.name}").split()
