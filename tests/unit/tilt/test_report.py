# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is told of a failure: bounded, without secrets and without what is said twice."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.tilt.judge import CLUSTER, Trouble
from ansible_collections.bunops.platform.plugins.module_utils.tilt.model import TILTFILE
from ansible_collections.bunops.platform.plugins.module_utils.tilt.report import GaveUp, clean, failures, message


def view(*lines: str) -> dict[str, object]:
    """A view with the log of the builds of one resource."""
    segments = [{"spanId": "build:1", "text": f"{line}\n"} for line in lines]
    return {"logList": {"spans": {"build:1": {"manifestName": "api"}}, "segments": segments}}


def told(trouble: Trouble, *lines: str) -> list[str]:
    """The message, as lines."""
    return message(failures([trouble], view(*lines)), "Failed:").splitlines()[1:]


def test_a_log_is_bounded() -> None:
    assert told(Trouble("api", "update", "no"), *(f"line {number}" for number in range(100))) == [
        "api (build): no",
        "  last log lines:",
        *(f"    line {number}" for number in range(90, 100)),
    ]


def test_a_log_does_not_repeat_the_cause() -> None:
    assert told(
        Trouble("api", "update", "the command failed\nerror: exit status 1"),
        "container api-1 is unhealthy",
        "got unexpected error during build/deploy: the command failed",
        "Build Failed: the command failed",
        "error: exit status 1",
    ) == [
        "api (build): the command failed",
        "  error: exit status 1",
        "  last log lines:",
        "    container api-1 is unhealthy",
    ]


def test_secrets_and_colours_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE_PASSWORD", "hunter2hunter2")
    text = "\x1b[31mlogin as hunter2hunter2\x1b[0m\ntoken=abcdefgh\npostgres://me:secret@db/x"
    assert clean(text) == "login as ********\ntoken=********\npostgres://********@db/x"


def test_a_tiltfile_says_where() -> None:
    error = "Traceback (most recent call last):\n  /srv/shop/Tiltfile:1:5: in <toplevel>\nError in fail: no name"
    assert told(Trouble(TILTFILE, "update", error), "no log") == [
        "(Tiltfile): Error in fail: no name",
        "    /srv/shop/Tiltfile:1:5: in <toplevel>",
    ]


def test_many_failures_are_only_named() -> None:
    found = failures([Trouble(f"r{number}", "update", "no") for number in range(10)], {})
    assert message(found, "Failed:").splitlines()[-2:] == ["r7 (build): no", "And r8, r9."]


def test_whether_nothing_was_started() -> None:
    for resource, vain in ((TILTFILE, True), (CLUSTER, True), ("api", False)):
        assert GaveUp("", failures([Trouble(resource, "update", "no")], {})).vain is vain
