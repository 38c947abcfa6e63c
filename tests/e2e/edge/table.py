# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The table of requests, and whether an answer is the expected one."""

from __future__ import annotations

import json
import ssl
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.tests.e2e.edge.client import Answer, Client, Place

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "requests.yml").read_text())


def check(client: Client, case: dict[str, Any], forwarded_for: str, kind: str = "compose") -> None:
    """kind: of the edge; some have expectations of their own. Raises AssertionError."""
    expect = case.get(kind, case)["expect"]
    if "refused" in expect:
        with pytest.raises(ssl.SSLError, match=expect["refused"]):
            client.ask(case, forwarded_for)
    elif "ended" in expect:
        started = time.monotonic()
        with client.connect(case["scheme"]) as connection:
            assert connection.recv(1) == b""
        _check_time(time.monotonic() - started, expect["after"])
    else:
        _check_answer(client.place, client.ask(case, forwarded_for), expect)


def _check_answer(place: Place, answer: Answer, expect: dict[str, Any]) -> None:
    assert answer.status == expect["status"], answer
    if "from" in expect:
        assert _teller(answer) == expect["from"], answer
    if "after" in expect:
        _check_time(answer.seconds, expect["after"])
    for name, value in expect.get("headers", {}).items():
        _check_header(answer, name, value and place.filled(value))


def _check_time(seconds: float, expected: float) -> None:
    assert expected - 0.5 < seconds < expected + 3


def _check_header(answer: Answer, name: str, value: str | None) -> None:
    """A policy of many parts is known by its first one."""
    found = answer.headers.get(name)
    assert (found or "").split(";")[0] == (value or ""), (name, found)
    assert (found is None) is (value is None), name


def _teller(answer: Answer) -> str:
    """Who has answered: the programs speak JSON, each with its own words."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        return "edge" if answer.status in (404, 413) and "application/json" not in str(answer.headers) else "unknown"
    error = said.get("error")
    if error is None:
        return "api" if "jobs" in said else "dashboard" if said == {"status": "ok"} else "unknown"
    return "dashboard" if error["message"] == "there is nothing here" else "api"
