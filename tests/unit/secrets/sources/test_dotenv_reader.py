# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The reader of .env files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.dotenv import parse

PEM = b"-----BEGIN X-----\nQUJD\n-----END X-----\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"A=1", {"A": b"1"}),
        (b"A=1\r\nB=2\r\n", {"A": b"1", "B": b"2"}),
        (b"\xef\xbb\xbfA=1\n", {"A": b"1"}),
        (b"export A=1\n\texport  B=2\nexport=3\n", {"A": b"1", "B": b"2", "export": b"3"}),
        (b"A = 1 \n", {"A": b"1"}),
        (b"A=a b\tc  # comment\n", {"A": b"a b\tc"}),
        (b"A=#1\nB=1#2\nC= # comment\nD=\n", {"A": b"#1", "B": b"1#2", "C": b"", "D": b""}),
        (b"# A=1\n   # B=2\n\n \t\nC=3\n#", {"C": b"3"}),
        (b"A='$X \\n \" #'  # it's\n", {"A": b'$X \\n " #'}),
        (b"A='" + PEM + b"'\nB=1\n", {"A": PEM, "B": b"1"}),
        (b'A="' + PEM + b'"\nB=1\n', {"A": PEM, "B": b"1"}),
        (b'A="a\\nb\\r\\t\\"\\\\n\\$X $X \\q\'#"#\n'.replace(b'"#\n', b'" #\n'), {"A": b"a\nb\r\t\"\\n$X $X \\q'#"}),
        (b"A=\"\"\nB=''\n", {"A": b"", "B": b""}),
        (b"A=1=2\nB=a'b\"c\n", {"A": b"1=2", "B": b"a'b\"c"}),
        (b"A=\xff\xfc\xa0\nB='\xff\x00'\n", {"A": b"\xff\xfc\xa0", "B": b"\xff\x00"}),
        (b"A\nexport B\nC=1\n", {"C": b"1"}),
        (b"A=1\nA=2\n", {"A": b"2"}),
        (b"a.b-c_9=1\n", {"a.b-c_9": b"1"}),
        (b"", {}),
    ],
)
def test_what_is_read(content: bytes, expected: dict[str, bytes]) -> None:
    assert parse(content) == expected


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"A=1\ncanary: 2\n", 2, "is no KEY=value"),
        (b"9=canary\n", 1, "is no KEY=value"),
        (b"A='1\n2'\n\nB='canary\n", 4, "has a quote that is not closed, or something after it"),
        (b'A="canary\\"\n', 1, "has a quote that is not closed, or something after it"),
        (b"A='canary'x\n", 1, "has a quote that is not closed, or something after it"),
        (b"A='canary'#\n", 1, "has a quote that is not closed, or something after it"),
        (b"A B=canary\n", 1, "is no KEY=value"),
        (b"A=canary\rB\n", 1, "is no KEY=value"),
    ],
)
def test_what_is_refused_with_its_line_and_without_its_text(content: bytes, line: int, words: str) -> None:
    with pytest.raises(SecretError) as caught:
        parse(content)
    assert str(caught.value) == f"cannot be read: line {line} {words}; expected the form of a .env file"


@given(st.binary().filter(lambda value: b"'" not in value), st.binary())
def test_every_value_comes_back(literal: bytes, escaped: bytes) -> None:
    quoted = escaped.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    content = b"A='" + literal + b"'\nB=\"" + quoted + b'"\n'
    assert parse(content) == {"A": literal, "B": escaped}
