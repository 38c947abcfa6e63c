# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Columns, values, colours, and what a terminal must not see."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import pytest

from ansible_collections.bunops.platform.tools.log_viewer.entry import Entry
from ansible_collections.bunops.platform.tools.log_viewer.main import has_colours
from ansible_collections.bunops.platform.tools.log_viewer.render import Renderer

# In local time.
ENTRY = Entry("api", datetime(2026, 11, 27, 22, 14, 3, 512_999).astimezone(), "info", "job accepted", "")


def plain(entry: Entry) -> str:
    return Renderer(colour=False).text(entry)


def test_columns() -> None:
    assert plain(ENTRY) == "22:14:03.512 api          info  job accepted"
    assert plain(replace(ENTRY, text="")) == "22:14:03.512 api          info"
    assert plain(replace(ENTRY, level="", text="  at y")) == "22:14:03.512 api                  at y"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("https://example.com/?a", "https://example.com/?a"),
        ("two words", '"two words"'),
        ("a=b", '"a=b"'),
        ('a"b', r'"a\"b"'),
        ("", '""'),
        ("two\nlines", r'"two\nlines"'),
        ("Größe", "Größe"),
        (7, "7"),
        (1.5, "1.5"),
        (True, "true"),
        (None, "null"),
        ({"a": [1, "x"]}, '{"a":[1,"x"]}'),
    ],
)
def test_values(value: object, shown: str) -> None:
    assert plain(replace(ENTRY, fields={"key": value})) == f"{plain(ENTRY)}  key={shown}"


def test_more_lines_are_indented_below() -> None:
    assert plain(replace(ENTRY, text="first\nsecond", stack="Error: x\n    at y")).splitlines()[1:] == [
        "    second",
        "    Error: x",
        "        at y",
    ]


@pytest.mark.parametrize("text", ["\x1b]0;title\x07", "\x9b31m", "\u202egnp.exe", "\ud800", "\x00\x7f"])
def test_nothing_steers_the_terminal(text: str) -> None:
    for entry in (
        replace(ENTRY, text=text),
        replace(ENTRY, stack=text),
        replace(ENTRY, service=text),
        replace(ENTRY, level=text),
        replace(ENTRY, fields={"key": text}),
        replace(ENTRY, fields={"key": {"deep": text}}),
        replace(ENTRY, fields={text: 1}),
    ):
        assert all(part.isprintable() for part in plain(entry).split("\n"))


def test_a_service_keeps_its_colour() -> None:
    def colours(*services: str) -> dict[str, str]:
        renderer = Renderer(colour=True)
        return {name: renderer.text(replace(ENTRY, service=name)).split("\x1b[")[3] for name in services}

    parts = ("api", "worker", "dashboard", "redis", "turso", "docker-guard", "fetcher", "queue-meter")
    together = colours(*parts)
    assert len({text.split("m")[0] for text in together.values()}) == len(parts)
    assert together == colours(*parts)
    # No red, which is for errors, and more services than colours are no trouble.
    assert not {"31m", "91m"} & {text[:3] for text in colours(*map(str, range(30))).values()}


def test_colours_change_nothing_else() -> None:
    entry = replace(ENTRY, level="error", fields={"key": "v"}, stack="Error: x")
    coloured = Renderer(colour=True).text(entry)
    assert "\x1b[31mjob accepted\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain(entry)


@pytest.mark.parametrize(
    ("environment", "is_terminal", "has"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"TERM": "dumb"}, True, False),
    ],
)
def test_colours_are_for_terminals(environment: dict[str, str], is_terminal: bool, has: bool) -> None:
    assert has_colours(environment, is_terminal) is has
