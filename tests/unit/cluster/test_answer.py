# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""HTTP answers, whole ones and broken ones."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.bunops.platform.plugins.module_utils.cluster.answer import BrokenAnswer, read_answer

PLAIN = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}'
CHUNKED = (
    b'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\n{"a"\r\n3\r\n:1}\r\n0\r\nTrailer: x\r\n\r\n'
)


@pytest.mark.parametrize(
    ("content", "status", "body", "stays"),
    [
        (PLAIN, 200, b'{"a":1}', True),
        (CHUNKED, 201, b'{"a":1}', True),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN, 200, b'{"a":1}', True),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab", 200, b"ab", False),
        (b"HTTP/1.0 503 Unavailable\r\nContent-Length: 2\r\n\r\nab", 503, b"ab", False),
        (b"HTTP/1.1 200\r\n\r\nuntil the end", 200, b"until the end", False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", True),
    ],
)
def test_answers(content: bytes, status: int, body: bytes, stays: bool) -> None:
    answer, again = read_answer(io.BytesIO(content))
    assert (answer.status, answer.body, again) == (status, body, stays)


def test_answers_follow_each_other_on_a_connection() -> None:
    stream = io.BytesIO(PLAIN + CHUNKED + PLAIN)
    assert [read_answer(stream)[0].status for _ in range(3)] == [200, 201, 200]
    with pytest.raises(ConnectionError):
        read_answer(stream)


def test_headers() -> None:
    assert read_answer(io.BytesIO(PLAIN))[0].headers == {"content-type": "application/json", "content-length": "7"}


def test_a_tunnel_has_no_body() -> None:
    stream = io.BytesIO(b"HTTP/1.1 200 Connection established\r\n\r\nTLS")
    assert read_answer(stream, without_body=True)[0].status == 200
    assert stream.read() == b"TLS"


@pytest.mark.parametrize(
    "content",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 1000,
        b"HTTP/1.1 200 OK\r\na: " + b"b" * 100_000,
    ],
)
def test_what_is_no_answer(content: bytes) -> None:
    with pytest.raises(BrokenAnswer):
        read_answer(io.BytesIO(content))


@given(st.sampled_from([PLAIN, CHUNKED]), st.data())
def test_a_cut_answer_never_counts(content: bytes, data: st.DataObject) -> None:
    cut = content[: data.draw(st.integers(0, len(content) - 1))]
    with pytest.raises(OSError):
        read_answer(io.BytesIO(cut))


@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    try:
        read_answer(io.BytesIO(content))
        read_answer(io.BytesIO(b"HTTP/1.1 200 OK\r\n" + content))
    except OSError:
        return
