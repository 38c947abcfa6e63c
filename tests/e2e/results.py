# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Finished jobs as the worker writes them, each with a text and an image of its own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

JOBS = 1000
_JPEG = b"\xff\xd8\xff"
_BATCH = 20
_AT = "2026-01-01T00:00:00.000Z"


class Result(NamedTuple):
    identifier: str
    text: str
    image: bytes


def results(smallest: int, largest: int) -> list[Result]:
    """1,000 of them, the same ones each time. smallest, largest: bytes of an image."""
    chance = random.Random(8)
    made = []
    for number in range(JOBS):
        identifier = f"01940000-0000-7000-8000-{number:012x}"
        image = _JPEG + chance.randbytes(chance.randrange(smallest, largest))
        made.append(Result(identifier, f"It's {identifier};\n☃ \\n -- " + chance.randbytes(200).hex(), image))
    return made


def statements(made: list[Result]) -> Iterator[str]:
    """What writes them to the database."""
    for begin in range(0, len(made), _BATCH):
        rows = [
            f"('{each.identifier}', 'http://pages/', 'done', 1, '{_AT}', '{_AT}', '{_AT}', 12, 200, 'http://pages/', "
            f"'A title', NULL, '{quoted}', X'{each.image.hex()}')"
            for each in made[begin : begin + _BATCH]
            for quoted in [each.text.replace("'", "''")]
        ]
        yield "INSERT INTO jobs VALUES " + ",\n".join(rows)
