# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The text of a dotenv file: which form a value gets, and that reading gives back what was written.

That Compose, Bun and shells read the same is shown with the real ones in tests/integration/secret_sync/files.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.bunops.platform.plugins.module_utils.secrets.dotenv_text import (
    PREFIX,
    header_of,
    parse,
    problem,
    render,
)

ODD = st.text(st.sampled_from("ab$${}\\'\"`\r\n\t #=_BUNOPS\x85\u2028\ufeffü😀"), max_size=12)
TEXTS = st.one_of(ODD, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))


def entries(**values: str) -> str:
    return render({name: value.encode() for name, value in values.items()}).decode()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("", "A=''"),
        ("plain", "A='plain'"),
        (' a "b" `c` #d\t', "A=' a \"b\" `c` #d\t'"),
        ("two\nlines\n", "A='two\nlines\n'"),
        ("back\\slash", "A='back\\slash'"),
        ("even\\\\", "A='even\\\\'"),
        ("99$", "A='99$'"),
        ("it's", 'A="it\'s"'),
        ("$HOME ${x}", 'A="\\$HOME \\${x}"'),
    ],
)
def test_most_values_need_nothing_but_quotes(value: str, written: str) -> None:
    assert entries(A=value) == written + "\n"


@pytest.mark.parametrize(
    ("value", "written", "helpers"),
    [
        ('it\'s "so"', 'A="it\'s ${_BUNOPS_QUOTE}so${_BUNOPS_QUOTE}"', ["QUOTE"]),
        ("$`", 'A="\\$${_BUNOPS_BACKTICK}"', ["BACKTICK"]),
        ("'$", 'A="\'${_BUNOPS_DOLLAR}"', ["DOLLAR"]),
        ("end\\", 'A="end${_BUNOPS_BACKSLASH}"', ["BACKSLASH", "BACKSLASH_BARE", "BACKSLASH_QUOTED", "NOTHING"]),
        ("\r", 'A="${_BUNOPS_RETURN}"', ["NOTHING", "RETURN", "RETURN_PLAIN"]),
    ],
)
def test_what_quotes_cannot_carry_is_a_variable_of_the_file(value: str, written: str, helpers: list[str]) -> None:
    text = entries(A=value, B="plain")
    assert text.endswith(f"\n{written}\nB='plain'\n")
    defined = {name for name in text.replace("=", " ").split() if name.startswith(PREFIX) and "$" not in name}
    assert sorted(defined) == [PREFIX + name for name in helpers]


@settings(derandomize=True, max_examples=500)
@given(st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True), TEXTS, max_size=5))
@example({"A": "${_BUNOPS_QUOTE}", "B": "'\\${_BUNOPS_DOLLAR}", "C": "\"\r'"})
def test_reading_gives_back_what_was_written(values: dict[str, str]) -> None:
    wanted = {name: value.encode() for name, value in values.items()}
    made = render(wanted, ["a comment", '{"more": 1}'])
    assert parse(made) == wanted
    assert header_of(made) == ["a comment", '{"more": 1}']
    assert render(parse(made), header_of(made)) == made


@settings(derandomize=True, max_examples=200)
@given(TEXTS)
def test_all_text_without_nul_can_be_carried(value: str) -> None:
    assert problem(value.encode()) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"a\0b", "has a NUL byte, which no environment variable can hold"),
        (b"\xff\xfe", "is not UTF-8 text, which Compose and Bun would change"),
        (b"\xed\xa0\x80", "is not UTF-8 text, which Compose and Bun would change"),
        (
            b"x" * 130_001,
            "is longer than 130000 bytes, which is about what Linux allows for one environment variable",
        ),
    ],
)
def test_what_no_variable_can_hold_is_refused(value: bytes, reason: str) -> None:
    assert problem(value) == reason


@pytest.mark.parametrize("line", ["A=bare", "A='open", 'A="$x"', 'A="a" # comment', "export A='x'", "", "A='x' B='y'"])
def test_another_text_is_not_read(line: str) -> None:
    with pytest.raises(ValueError, match="line 3 is not as it was written"):
        parse(f"# head\nB='b'\n{line}\n".encode())
