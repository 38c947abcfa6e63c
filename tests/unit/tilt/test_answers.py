# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Reading of what Tilt 0.37 answered once; recorded/ holds it, without what nobody reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.tilt import answers
from ansible_collections.bunops.platform.plugins.module_utils.tilt.judge import judge, settled
from ansible_collections.bunops.platform.plugins.module_utils.tilt.model import Session
from ansible_collections.bunops.platform.plugins.module_utils.tilt.report import failures, message, states

RECORDED = Path(__file__).parent / "recorded/tilt-0.37"


def recorded(name: str) -> dict[str, Any]:
    """A JSON answer."""
    return dict(json.loads((RECORDED / name).read_text()))


def running() -> Session:
    """A Tilt that was started with arguments: all that they name is ready."""
    found = answers.listed(recorded("get.json"))
    assert found is not None
    return found


def failed() -> tuple[Session, dict[str, Any]]:
    """A `tilt ci` in which a command failed: its session as it was seen last, and the view of its snapshot."""
    view = recorded("snapshot-command-fails.json")["view"]
    last = answers.watched((RECORDED / "watch-command-fails.txt").read_text())
    assert last is not None
    return answers.session(last, (), view["uiResources"], ()), view


def table(session: Session) -> list[str]:
    """The resources as lines."""
    columns = ("name", "kind", "build", "runtime", "health")
    return [" ".join(str(item[key]) for key in columns).rstrip() for item in states(session)]


def test_a_running_tilt() -> None:
    session = running()
    assert (session.tiltfile, session.args, session.mode) == (
        "/srv/shop/Tiltfile",
        ("web", "prepare", "serve", "button"),
        "up",
    )
    assert session.pid > 0
    assert session.loaded.startswith("2026-11-27T")
    assert judge(session).ready


def test_its_resources() -> None:
    """In the order of the Tiltfile. One is not among the arguments, and nobody has pressed the button."""
    assert table(running()) == [
        "web compose ok ok healthy",
        "api compose none none",
        "prepare local ok not_applicable",
        "serve local not_applicable ok",
        "button local none not_applicable",
    ]
    assert states(running())[2]["built_at"].startswith("2026-11-27T")


def test_a_tilt_that_has_not_begun() -> None:
    assert answers.listed({"kind": "List", "items": []}) is None
    assert answers.watched("") is None
    assert answers.watched('{\n    "kind": "Session",') is None


def test_a_command_fails() -> None:
    """The states are those of the session's end, not of the snapshot, which is older."""
    session, view = failed()
    assert {item["status"]["updateStatus"] for item in view["uiResources"]} == {"ok", "pending"}
    assert session.done
    assert table(session) == [
        "fine local ok not_applicable",
        "broken local error not_applicable",
        "later local pending not_applicable",
    ]
    assert message(failures(judge(session).failed, view), "It has failed:") == (
        "It has failed:\n"
        'broken (build): Command "echo cannot reach the store; exit 3" failed: exit status 3\n'
        "  last log lines:\n"
        "    Initial Build\n"
        "    Running cmd: echo cannot reach the store; exit 3\n"
        "    cannot reach the store"
    )


def test_logs_of_builds_and_of_what_runs() -> None:
    view = recorded("snapshot-container-ends.json")["view"]
    assert answers.log(view, "api", "runtime") == "no configuration\n"
    assert answers.log(view, "api", "update").splitlines()[:2] == ["Initial Build", "STEP 1/1 — Deploying"]
    assert answers.log(view, "prepare", "update").splitlines()[-1] == "prepared"
    assert answers.log(view, "nobody", "update") == ""


def test_a_success_whose_end_was_not_seen() -> None:
    session, _view = failed()
    assert settled(session) == session
    unseen = settled(Session(**{**vars(session), "done": False}))
    assert [item.state for item in unseen.targets if item.resource == "later"] == ["fine"]
