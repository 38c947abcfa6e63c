# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Values to write and read back: the same ones in every run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

COUNT = 10_000
BATCH = 2_500
# Characters with a meaning to some reader, and words that only look like one.
_CHARACTERS = "$\"'`\\#= \t\r\n{}()!&;*?~%-:+0abn\x01\x7f\x85\xa0\u2028\ufeffü€😀"
_WORDS = [
    "\r\n",
    "${HOME}",
    "$(id)",
    "\\n",
    "\\u0041",
    "${_BUNOPS_QUOTE}",
    "export A=1",
    " #",
    "$$",
    '\\"',
    "\\$",
    "${x:-y}",
]
_ODD = st.lists(st.sampled_from([*_CHARACTERS, *_WORDS]), max_size=12).map("".join)
_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VARIABLES = st.one_of(_ODD, _TEXT).map(str.encode)
BINARY = st.binary(max_size=300)


def made(strategy: st.SearchStrategy[bytes], count: int) -> list[bytes]:
    """So many different values."""
    found: dict[bytes, None] = {}

    @settings(
        derandomize=True,
        database=None,
        max_examples=2 * count,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def take(value: bytes) -> None:
        found.setdefault(value)

    take()
    assert len(found) >= count
    return list(islice(found, count))


def batches(values: list[bytes]) -> Iterator[Mapping[str, bytes]]:
    """The values with names, so many at once as one process can have."""
    for start in range(0, len(values), BATCH):
        yield {f"V{start + index}": value for index, value in enumerate(values[start : start + BATCH])}
