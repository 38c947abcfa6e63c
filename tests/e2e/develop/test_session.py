"""The platform on its sources as a whole: it is healthy, nothing happens twice, and production is one command away."""

from __future__ import annotations

from ansible_collections.bunops.platform.tests.e2e.develop.developed import SERVICES, Developed
from ansible_collections.bunops.platform.tests.e2e.pages import Pages
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import inspect


def test_all_services_are_healthy_and_a_second_run_changes_nothing(developed: Developed) -> None:
    before = developed.states()
    assert {state[1] for state in before.values()} == {"healthy"}
    assert set(before) == {*SERVICES, "docker-guard", "redis", "turso"}
    assert developed.develop("--check").changed == 0
    play = developed.develop()
    assert play.changed == 0
    assert "sources are mounted: an edit is there at once" in " ".join(play.output.split())
    assert developed.states() == before


def test_services_keep_their_confinement(developed: Developed) -> None:
    for service in SERVICES:
        container = inspect("container", developed.container(service))
        host = container["HostConfig"]
        assert container["Config"]["User"] == "1000:1000"
        assert host["ReadonlyRootfs"]
        assert host["CapDrop"] == ["ALL"]
        assert host["Memory"] > 0
        mounts = [mount for mount in container["Mounts"] if mount["Destination"].startswith("/app")]
        folders = {f"/app/{service}/src", "/app/shared/src"}
        assert {mount["Destination"] for mount in mounts} == folders
        assert not any(mount["RW"] for mount in mounts)


def test_production_and_back_recreates_what_differs_and_keeps_the_data(developed: Developed, pages: Pages) -> None:
    done = developed.ended_job(developed.post_job(pages.url("/kept")))
    assert done["status"] == "done", done
    # Its image goes with the services'.
    pages.stop()
    try:
        on_sources = developed.containers()
        developed.play("local.yml")
        in_production = developed.containers()
        assert differing(on_sources, in_production) == set(SERVICES)
        images = {name: inspect("container", in_production[name])["Config"]["Image"] for name in SERVICES}
        assert images == {name: f"{developed.name}/{name}:local" for name in SERVICES}
        assert developed.job(done["id"]) == done

        developed.develop()
        assert differing(in_production, developed.containers()) == set(SERVICES)
        assert developed.job(done["id"]) == done
    finally:
        pages.start()


def differing(before: dict[str, str], after: dict[str, str]) -> set[str]:
    assert before.keys() == after.keys()
    return {name for name, identifier in after.items() if before[name] != identifier}
