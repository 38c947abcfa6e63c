"""The same platform in a session of Tilt: ready, with edits that are mounted and that are copied, and ended again."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tests.e2e.develop.developed import SERVICES, Developed
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import Play, eventually, run_playbook
from ansible_collections.bunops.platform.tests.e2e.test_secrets import secret_values

pytestmark = pytest.mark.skipif(shutil.which("tilt") is None, reason="there is no tilt on the PATH")

CI = Path(__file__).parent / "ci.yml"
PORT = 10450
EDIT = ("nothing at", "edited, nothing at")


class Tilt:
    """The session, as the playbook has it."""

    def __init__(self, platform: Developed) -> None:
        self.platform = platform

    def play(self, *arguments: str, **variables: str) -> Play:
        options = {"tilt_dev_port": PORT, **variables}
        return self.platform.develop("--extra-vars", json.dumps(options), *arguments, tool="tilt")

    def is_there(self) -> bool:
        """Whether its page is."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@pytest.fixture(scope="module")
def tilt(developed: Developed) -> Iterator[Tilt]:
    """Afterwards Compose runs the platform again."""
    session = Tilt(developed)
    try:
        session.play()
        yield session
    finally:
        if session.is_there():
            session.play(tilt_dev_state="stopped")
        developed.develop()


def test_everything_is_ready_and_a_second_run_changes_nothing(developed: Developed, tilt: Tilt) -> None:
    before = developed.states()
    assert {state[1] for state in before.values()} == {"healthy"}
    assert set(before) == {*SERVICES, "docker-guard", "redis", "turso"}
    assert tilt.is_there()
    play = tilt.play()
    assert play.changed == 0
    assert "Tilt shows everything at" in " ".join(play.output.split())
    assert developed.states() == before


def test_a_mounted_edit_is_served(developed: Developed, tilt: Tilt) -> None:
    serves_edits(developed)
    assert tilt.is_there()


def test_a_copied_edit_is_served(developed: Developed, tilt: Tilt) -> None:
    tilt.play(tilt_dev_sources="sync")
    serves_edits(developed)
    assert tilt.is_there()


def test_no_secret_is_in_what_it_has_written(developed: Developed, tilt: Tilt) -> None:
    secrets = secret_values(developed)
    files = [developed.directory / "Tiltfile", *(developed.directory / ".bunops").glob("*.*")]
    assert {file.name for file in files} >= {"Tiltfile", "compose.dev.json", "tilt.log"}
    texts = {file: file.read_text(errors="replace") for file in files}
    found = [(file, name) for file, text in texts.items() for name, value in secrets.items() if value in text]
    assert found == []
    assert tilt.is_there()


def test_the_session_ends_and_its_data_stays(developed: Developed, tilt: Tilt) -> None:
    identifier = developed.post_job("http://127.0.0.1/refused")
    job = developed.ended_job(identifier)
    assert tilt.play(tilt_dev_state="stopped").changed > 0
    assert not tilt.is_there()
    assert developed.containers() == {}
    developed.develop()
    assert developed.job(identifier) == job


def test_tilt_ci_comes_to_its_end(developed: Developed, tilt: Tilt) -> None:
    """From nothing but the data; what it has started stays, until the session's end is asked for."""
    tilt.play(tilt_dev_state="stopped")
    assert developed.containers() == {}
    play = run_playbook(developed.inventory, CI, "--extra-vars", json.dumps({"tilt_dev_port": PORT}))
    said = " ".join(play.output.split())
    assert "api: ok, dashboard: ok, worker: ok, redis: ok, turso: ok" in said
    assert not tilt.is_there()
    assert {state[1] for state in developed.states().values()} == {"healthy"}
    assert developed.ended_job(developed.post_job("http://127.0.0.1/refused"))["status"] == "failed"
    assert tilt.play(tilt_dev_state="stopped").changed > 0
    assert developed.containers() == {}


def serves_edits(developed: Developed) -> None:
    """By the very same containers."""
    eventually(lambda: developed.served("api", "/v2"), 30)
    before = developed.states()
    with developed.edited("api/src/server.ts", EDIT):
        developed.await_served("api", "/v2", EDIT[1])
    assert EDIT[1] not in str(developed.served("api", "/v2"))
    assert developed.states() == before
