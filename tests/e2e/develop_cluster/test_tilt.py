"""The same platform in a session of Tilt on the cluster: ready, with edits that are synced, and ended again."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tests.e2e.develop.developed import replaced
from ansible_collections.bunops.platform.tests.e2e.develop_cluster.site import CANARY, NAME, PAGE, Site
from ansible_collections.bunops.platform.tests.e2e.kubernetes.pages import ClusterPages
from ansible_collections.bunops.platform.tests.e2e.kubernetes.test_secrets import secret_values_of, written
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import ROOT, eventually
from ansible_collections.bunops.platform.tests.e2e.test_secrets import read

pytestmark = pytest.mark.skipif(shutil.which("tilt") is None, reason="there is no tilt on the PATH")

PLAYBOOKS = ROOT / "playbooks"
CI = ROOT / "tests/e2e/develop/ci.yml"
PARTS = ("api", "worker", "dashboard", "redis", "turso")
API = "api/src/server.ts"
WRONG = ("export function startServer(", "export function startServer((")


def is_there() -> bool:
    """Whether Tilt's page is."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{PAGE}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module")
def session(site: Site) -> Iterator[Site]:
    """A node has the browser's profile beforehand, as playbooks/prod.yml puts it there."""
    assert site.cluster.kubelet_dir
    profile = site.cluster.kubelet_dir / "seccomp/bunops/chrome.json"
    profile.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "docker/seccomp/chrome.json", profile)
    try:
        site.run(PLAYBOOKS / "dev.yml")
        yield site
    finally:
        if is_there():
            site.run(PLAYBOOKS / "down.yml")


def test_everything_is_ready_and_a_second_run_changes_nothing(session: Site) -> None:
    assert is_there()
    before = {name: session.running(name) for name in PARTS}
    for name, pods in before.items():
        assert [len(containers) for containers in pods.values()] == [1], name
    assert session.served("api", "/health")
    assert session.served("dashboard", "/health")
    play = session.run(PLAYBOOKS / "dev.yml")
    assert play.changed == 0, play.output
    said = " ".join(play.output.split())
    assert f"Tilt shows everything at http://localhost:{PAGE}/; sources are copied by Tilt" in said
    assert session.run(PLAYBOOKS / "dev.yml", "--check").changed == 0
    assert {name: session.running(name) for name in PARTS} == before


def test_an_edit_is_served_by_the_same_pod(session: Site) -> None:
    before = session.running("api")
    file = session.sources / API
    former = file.read_text()
    file.write_text(replaced(former, ("nothing at", "version 1, nothing at")))
    try:
        session.await_served("api", "/v2", "version 1")
        # What cannot be read is not served, and the version before is.
        log = session.directory / ".bunops/tilt.log"
        until_now = len(read(log))
        file.write_text(replaced(former, ("nothing at", "version 2, nothing at"), WRONG))
        eventually(lambda: True if "error: Expected" in read(log)[until_now:] else None, 30)
        answers = {str(session.served("api", "/v2")) for _time in range(20)}
        assert answers == {'{"error":{"code":"not_found","message":"version 1, nothing at GET /v2"}}'}
    finally:
        file.write_text(former)
    eventually(lambda: True if '"nothing at' in str(session.served("api", "/v2")) else None, 30)
    assert session.running("api") == before


def test_a_job_is_done_by_the_image_that_tilt_has_built(session: Site) -> None:
    image = session.pods("api")[0]["spec"]["containers"][0]["image"]
    (template,) = session.client.list("batch/v1", "CronJob", f"{NAME}-tasks")
    (container,) = template["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["image"].startswith(f"{session.cluster.registry}/")

    def images() -> set[str] | None:
        pods = session.client.list("v1", "Pod", f"{NAME}-tasks")
        return {each["image"] for pod in pods for each in pod["spec"]["containers"]} or None

    with ClusterPages(session.client, NAME, image) as pages:
        identifier = session.post_job(pages.url("/slow/one"))
        assert eventually(images, 60) == {container["image"]}
        job = session.ended_job(identifier, 90)
    assert (job["status"], job["title"], job["hasScreenshot"]) == ("done", "Page /slow/one", True), job


def test_no_secret_is_in_what_it_has_written(session: Site) -> None:
    files = [session.tiltfile, *(session.directory / ".bunops").glob("*.*")]
    assert {file.name for file in files} >= {"Tiltfile", "manifests.yml", "bake.dev.json", "tilt.log"}
    places = {str(file): read(file) for file in (*files, *Path("/proc").glob("[0-9]*/cmdline"))}
    for kind, version in {"Deployment": "apps/v1", "StatefulSet": "apps/v1", "Pod": "v1", "Event": "v1"}.items():
        places[kind] = json.dumps(list(session.client.list(version, kind, NAME)))
    values = secret_values_of(session.client, NAME)
    assert CANARY in values.values()
    found = [
        (place, name)
        for place, text in places.items()
        for name, value in values.items()
        for needle in written(value)
        if needle in text
    ]
    assert found == []


def test_the_session_ends_and_secrets_and_data_stay(session: Site) -> None:
    before = session.kinds()
    assert session.run(PLAYBOOKS / "down.yml").changed > 0
    assert not is_there()
    stopped_with_secrets_and_data(session, before)
    play = session.run(PLAYBOOKS / "down.yml")
    assert play.changed == 0, play.output


def test_tilt_ci_comes_to_its_end(session: Site) -> None:
    """From nothing but secrets and data; what it has started stays, until the session's end is asked for."""
    session.run(PLAYBOOKS / "down.yml")
    play = session.run(CI)
    said = " ".join(play.output.split())
    assert "api: ok, dashboard: ok, worker: ok, redis: ok, turso: ok" in said
    assert not is_there()
    for name in PARTS:
        assert [len(containers) for containers in session.running(name).values()] == [1], name
    before = session.kinds()
    # What removes the data of this machine's platform leaves the cluster's alone.
    assert session.run(PLAYBOOKS / "clean.yml").changed > 0
    stopped_with_secrets_and_data(session, before)


def stopped_with_secrets_and_data(session: Site, before: dict[str, set[str]]) -> None:
    after = session.kinds()
    assert (after["Deployment"], after["StatefulSet"], after["Service"]) == (set(), set(), set())
    assert after["Secret"] == before["Secret"] != set()
    assert after["PersistentVolumeClaim"] == before["PersistentVolumeClaim"] != set()
