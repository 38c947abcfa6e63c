"""What is wrong is in the log, the version before it serves on, and the mend takes."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.tests.e2e.develop.developed import SERVICES, Developed, replaced
from ansible_collections.bunops.platform.tests.e2e.pages import Pages

# A lock file is written until here: in the middle of a text, as a merge or a full disk leaves it.
BROKEN_AT = 3_000
API = "api/src/server.ts"
SERVED = ("nothing at", "version 1, nothing at")
MENDED = ("nothing at", "mended, nothing at")
# What is wrong with a version, and what the log says of it.
FAULTS = {
    "syntax": (API, ("export function startServer(", "export function startServer(("), "server.ts"),
    "import": (API, ('from "./input.ts"', 'from "./absent.ts"'), "absent.ts"),
    "module": (API, ("const IDLE_SECONDS", 'throw new Error("badly edited");\nconst IDLE_SECONDS'), "badly edited"),
    "start": (
        API,
        ("  return Bun.serve({", '  throw new Error("wrongly edited");\n  return Bun.serve({'),
        "wrongly edited",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_version_before_serves_on_and_the_mend_takes(developed: Developed, fault: str) -> None:
    path, wrong, said = FAULTS[fault]
    before = developed.states()
    file = developed.sources / path
    former = file.read_text()
    with developed.edited(path, SERVED):
        developed.await_served("api", "/v2", "version 1")
        log = developed.log("api")
        # More than the fault alone is new, so that whatever is served tells the versions apart.
        file.write_text(replaced(former, ("nothing at", "version 2, nothing at"), wrong))
        log.await_text(said)
        answers = {str(developed.served("api", "/v2")) for _time in range(20)}
        assert answers == {'{"error":{"code":"not_found","message":"version 1, nothing at GET /v2"}}'}
        file.write_text(replaced(former, MENDED))
        developed.await_served("api", "/v2", "mended")
    assert developed.states() == before


def test_the_worker_goes_on_with_jobs(developed: Developed, pages: Pages) -> None:
    file = developed.sources / "worker/src/main.ts"
    former = file.read_text()
    before = developed.states()
    log = developed.log("worker")
    file.write_text(replaced(former, ("await runProgram(", "await runProgram((")))
    try:
        log.await_text("main.ts")
        job = developed.ended_job(developed.post_job(pages.url("/while-it-is-wrong")))
        assert job["status"] == "done", job
        assert log.said("taking jobs") == []
    finally:
        developed.reloads(lambda: file.write_text(former), "worker")
    assert developed.ended_job(developed.post_job(pages.url("/mended")))["status"] == "done"
    assert developed.states() == before


def test_a_broken_lock_file_stops_nothing_and_the_mended_one_is_installed(developed: Developed) -> None:
    lock = developed.sources / "bun.lock"
    former = lock.read_text()
    before = developed.states()
    try:
        lock.write_text(former[:BROKEN_AT])
        play = developed.develop(check=False)
        assert play.rc != 0
        assert "error: Unterminated string literal" in play.output
        assert "failed to parse lockfile: 'bun.lock'" in play.output
        assert developed.states() == before
    finally:
        # Another one than before, which has to be installed.
        lock.write_text(former + "\n")
        developed.develop()
    after = developed.states()
    assert {service for service in after if after[service] != before[service]} == set(SERVICES)
