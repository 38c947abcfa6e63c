# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What one line of a log says, whoever wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")
_OTHER_NAMES = {
    "verbose": "debug",
    "notice": "info",
    "warning": "warn",
    "err": "error",
    "critical": "fatal",
    "panic": "fatal",
}
# Pino's numbers: 10 is trace, 60 is fatal.
_LEVEL_STEP = 10
# `1:M 27 Nov 2026 22:14:03.512 * Ready to accept connections tcp`
_REDIS = re.compile(r"\d+:[XCSM] \d\d \w{3} \d{4} \d\d:\d\d:\d\d\.\d{3} ([.*#-]) ")
_REDIS_LEVELS = {".": "debug", "-": "debug", "*": "info", "#": "warn"}
# In capitals, among the first words: `2026-11-27T22:14:03.512345Z  INFO sqld: listening`, `[ERROR] no such file`.
_LEVEL_WORD = re.compile(r"(?:\S+\s+){0,3}?\[?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|PANIC)\b")
_COLOURS = re.compile(r"\x1b\[[\d;]*m")
# It tells of tasks in its own name. Who else names one hands on what the task says.
_GUARD = "docker-guard"
# Go's programs, such as Prometheus, say `ts`.
_TIMES = ("time", "ts")
# A program's own time is the better one to sort by, unless it means something else or its clock is wrong.
_CLOCKS_DIFFER = timedelta(minutes=1)


@dataclass(frozen=True)
class Entry:
    """service: who wrote it; a task's name where a service hands on a task's log.
    time: when.
    level: one of LEVELS, a word that is none of them, or nothing where nobody can tell.
    text: the message; all of the line where it is no JSON.
    fields: the others. stack: of an error, several lines. line: as it was written.
    """

    service: str
    time: datetime
    level: str
    text: str
    line: str
    fields: Mapping[str, object] = field(default_factory=dict)
    stack: str = ""


def entry(service: str, time: datetime, line: str) -> Entry:
    """time: when the line came out of the service's container."""
    said = _json_object(line)
    if said is None or not {"level", "msg", "message"} & said.keys():
        text = _COLOURS.sub("", line)
        return Entry(service, time, _level_of_text(text), text, line)
    level = _level(said.pop("level", ""))
    text = next((str(said.pop(name)) for name in ("msg", "message") if isinstance(said.get(name), str)), "")
    for name in _TIMES:
        own_time = _time(said.get(name))
        if own_time is not None and abs(own_time - time) < _CLOCKS_DIFFER:
            time = own_time
            del said[name]
            break
    if said.get("service") == service:
        del said["service"]
    if isinstance(said.get("task"), str) and service != _GUARD:
        service = str(said.pop("task"))
    stack = _stack(said)
    return Entry(service, time, level, text, line, said, stack)


def _json_object(line: str) -> dict[str, object] | None:
    if not line.startswith("{"):
        return None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _level(value: object) -> str:
    if isinstance(value, int):
        return LEVELS[min(max(value // _LEVEL_STEP, 1), len(LEVELS)) - 1]
    name = str(value).lower()
    return _OTHER_NAMES.get(name, name)


def _level_of_text(text: str) -> str:
    if mark := _REDIS.match(text):
        return _REDIS_LEVELS[mark[1]]
    word = _LEVEL_WORD.match(text)
    return _level(word[1]) if word else ""


def _time(value: object) -> datetime | None:
    """ISO 8601, or milliseconds since 1970, as Pino writes it."""
    try:
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value / 1000, UTC)
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return read if read is not None and read.tzinfo is not None else None


def _stack(said: dict[str, object]) -> str:
    """Take an error apart: its stack says its type and message too, what else it has stays among the fields."""
    error = said.get("err")
    stack = error.get("stack") if isinstance(error, dict) else None
    if not isinstance(error, dict) or not isinstance(stack, str):
        return ""
    del said["err"]
    said.update({f"err.{name}": value for name, value in error.items() if name not in ("type", "message", "stack")})
    return stack
