# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Lines of all kinds of programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.bunops.platform.tools.log_viewer.entry import Entry, entry
from ansible_collections.bunops.platform.tools.log_viewer.sources import compose_entry

NOW = datetime(2026, 11, 27, 22, 14, 3, 500_000, tzinfo=UTC)


def written(line: str, service: str = "api") -> Entry:
    return entry(service, NOW, line)


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ('{"level":"warn","msg":""}', "warn"),
        ('{"level":"WARNING","msg":""}', "warn"),
        ('{"level":50,"msg":""}', "error"),
        ('{"level":35,"msg":""}', "info"),
        ('{"level":999,"msg":""}', "fatal"),
        ('{"level":"silly","msg":""}', "silly"),
        ('{"level":null,"msg":""}', "none"),
        ('{"msg":"no level"}', ""),
        ("1:M 27 Nov 2026 22:13:58.199 * Ready to accept connections tcp", "info"),
        ("1:C 27 Nov 2026 22:13:58.199 # WARNING Memory overcommit must be enabled!", "warn"),
        ("1:M 27 Nov 2026 22:13:58.199 - Accepted 127.0.0.1:41222", "debug"),
        ("2026-11-27T22:13:58.299876Z  INFO sqld: listening for HTTP requests on 0.0.0.0:8081", "info"),
        ("\x1b[2m2026-11-27T22:13:58.299876Z\x1b[0m \x1b[31mERROR\x1b[0m sqld: disk full", "error"),
        ("[WARNING] low on memory", "warn"),
        ("among the words that come first is no ERROR", ""),
        ("INFORMATION is no level", ""),
        ("    at createJob (/app/api/src/server.ts:58:14)", ""),
        ("", ""),
    ],
)
def test_levels(line: str, level: str) -> None:
    assert written(line).level == level


@pytest.mark.parametrize(
    "line",
    [
        "Segmentation fault",
        "[1]",
        "{",
        '{"ok":true,"title":"a result is no log"}',
        '{"msg":' + "[" * 100_000,
        '"text"',
        "",
    ],
)
def test_what_is_no_log_entry_is_shown_as_it_is(line: str) -> None:
    assert (written(line).text, written(line).fields) == (line, {})


@pytest.mark.parametrize("name", ["msg", "message"])
def test_fields_are_what_has_no_column(name: str) -> None:
    line = json.dumps(
        {"level": 30, "time": "2026-11-27T22:14:03.498Z", "service": "api", "job": "j1", "n": 2, name: "x"}
    )
    found = written(line)
    assert (found.service, found.level, found.text, found.fields) == ("api", "info", "x", {"job": "j1", "n": 2})


def test_somebody_elses_service_is_a_field() -> None:
    assert written('{"level":"info","service":"mailer"}').fields == {"service": "mailer"}


def test_what_a_task_said_is_the_tasks() -> None:
    line = '{"level":"info","service":"worker","job":"j1","task":"fetcher","msg":"fetching"}'
    assert (written(line, "worker").service, written(line, "worker").fields) == ("fetcher", {"job": "j1"})


@pytest.mark.parametrize("task", ["7", "null", '["a"]'])
def test_a_task_without_a_name_is_a_field(task: str) -> None:
    assert written(f'{{"level":"info","task":{task}}}').fields == {"task": json.loads(task)}


def test_what_the_guard_tells_of_a_task_is_the_guards() -> None:
    found = written('{"level":"info","service":"docker-guard","task":"fetcher","msg":"allowed"}', "docker-guard")
    assert (found.service, found.fields) == ("docker-guard", {"task": "fetcher"})


@pytest.mark.parametrize(
    "own",
    ["2026-11-27T22:14:03.498Z", "2026-11-27T23:14:03.498+01:00", 1_795_817_643_498],
)
def test_the_programs_own_time(own: object) -> None:
    found = written(json.dumps({"level": "info", "time": own}))
    assert (found.time, found.fields) == (NOW - timedelta(milliseconds=2), {})


def test_the_time_of_programs_in_go() -> None:
    line = '{"caller":"main.go:1","level":"info","msg":"ready","ts":"2026-11-27T22:14:03.498Z"}'
    found = written(line, "prometheus")
    assert (found.time, found.text) == (NOW - timedelta(milliseconds=2), "ready")
    assert found.fields == {"caller": "main.go:1"}


@pytest.mark.parametrize(
    "other",
    ["noon", 12, None, float("nan"), 1e300, "2026-11-27T22:14:03.498", "2026-11-27T20:00:00Z", True],
)
def test_a_time_of_something_else_is_a_field(other: object) -> None:
    found = written(json.dumps({"level": "info", "time": other}))
    assert (found.time, list(found.fields)) == (NOW, ["time"])


def test_an_error() -> None:
    error = {"type": "TypeError", "message": "x", "stack": "TypeError: x\n    at y", "code": "ERR_X"}
    found = written(json.dumps({"level": "error", "err": error, "msg": "request failed"}))
    assert (found.stack, found.fields) == ("TypeError: x\n    at y", {"err.code": "ERR_X"})


@pytest.mark.parametrize("error", ["broken", {"type": "Error", "message": "no stack"}, {"stack": 7}, None])
def test_an_error_without_a_stack_is_a_field(error: object) -> None:
    found = written(json.dumps({"level": "error", "err": error}))
    assert (found.stack, found.fields) == ("", {"err": error})


@pytest.mark.parametrize(
    ("line", "service", "text"),
    [
        ("api-1  | 2026-11-27T22:14:03.5Z hello | you ", "api", "hello | you "),
        ("\x1b[2Kapi-1     | 2026-11-27T22:14:03.5Z x", "api", "x"),
        ("api-1 | 2026-11-27T22:14:03.512345678Z a long li2026-11-27T22:14:03.512345678Z ne", "api", "a long line"),
        ("redis-7-12 | 2026-11-27T22:14:03.5Z x", "redis-7", "x"),
        ("my.db | 2026-11-27T22:14:03.512345678Z ", "my.db", ""),
        ("api-1 | 2026-11-27T22:14:03.5Z 10 %\r20 %", "api", "10 %\r20 %"),
        ("\r\x1b[Kapi-1 exited with code 137", "api", "exited with code 137"),
        ("no configuration file", "compose", "no configuration file"),
    ],
)
def test_lines_of_compose(line: str, service: str, text: str) -> None:
    assert (compose_entry(line).service, compose_entry(line).text) == (service, text)
