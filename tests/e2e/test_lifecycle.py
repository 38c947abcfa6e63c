"""Stopping keeps the data; cleaning removes it and says so beforehand."""

from __future__ import annotations

from ansible_collections.bunops.platform.tests.e2e.pages import Pages
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import PlatformUnderTest, command


def volumes(platform: PlatformUnderTest) -> set[str]:
    project = f"label=com.docker.compose.project={platform.name}"
    return set(command("docker", "volume", "ls", "-q", "--filter", project).split())


def test_down_keeps_the_data_and_clean_removes_it(platform: PlatformUnderTest, pages: Pages) -> None:
    done = platform.ended_job(platform.post_job(pages.url("/kept")))
    pages.stop()
    data = {f"{platform.name}_redis", f"{platform.name}_turso"}

    platform.play("down.yml")
    assert platform.containers() == {}
    assert data <= volumes(platform)
    assert platform.play("down.yml").changed == 0

    platform.play("local.yml")
    assert platform.job(done["id"])["title"] == done["title"]

    cleaned = platform.play("clean.yml")
    assert all(volume in cleaned.output for volume in data)
    assert platform.containers() == {}
    assert volumes(platform) == set()
    assert platform.play("clean.yml").changed == 0

    platform.play("local.yml")
    pages.start()
