# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""HTTP answers as an API server sends them. Pure, but for the stream that they come from.

The standard library's http.client would do, but it parses headers as those of an e-mail: importing it takes longer
than all the requests of a run that changes nothing.
https://www.rfc-editor.org/rfc/rfc9112
"""

from __future__ import annotations

from typing import BinaryIO, Dict, NamedTuple, Tuple

_LINE = 64 * 1024
_HEADERS = 200


class BrokenAnswer(OSError):
    """What came is no whole HTTP answer."""


class Answer(NamedTuple):
    """An HTTP answer, read to its end. headers: names in lower case."""

    status: int
    headers: Dict[str, str]
    body: bytes


def read_answer(stream: BinaryIO, without_body: bool = False) -> Tuple[Answer, bool]:
    """The next answer, and whether another one can follow on the connection.

    without_body: it answers a CONNECT. Raises ConnectionError if nothing comes, BrokenAnswer, OSError of the stream.
    """
    status, version = _read_status(stream)
    headers = _read_headers(stream)
    while 100 <= status < 200:
        status, version = _read_status(stream)
        headers = _read_headers(stream)
    stays = version != "HTTP/1.0" and headers.get("connection", "").lower() != "close"
    if without_body or status in (204, 304):
        return Answer(status, headers, b""), stays
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return Answer(status, headers, _read_chunks(stream)), stays
    if "content-length" in headers:
        return Answer(status, headers, _read_exactly(stream, _number(headers["content-length"], 10))), stays
    return Answer(status, headers, stream.read()), False


def _read_status(stream: BinaryIO) -> Tuple[int, str]:
    line = stream.readline(_LINE)
    if not line:
        raise ConnectionError("it closes the connection")
    version, _unused, rest = line.decode("latin-1").partition(" ")
    if not version.startswith("HTTP/1."):
        raise BrokenAnswer("it does not answer in HTTP")
    return _number(rest[:3], 10), version


def _read_headers(stream: BinaryIO) -> Dict[str, str]:
    headers: Dict[str, str] = {}
    for _unused in range(_HEADERS):
        line = _read_line(stream)
        if not line:
            return headers
        name, _colon, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    raise BrokenAnswer("it answers with too many headers")


def _read_chunks(stream: BinaryIO) -> bytes:
    chunks = []
    while True:
        size = _number(_read_line(stream).partition(";")[0], 16)
        if size == 0:
            break
        chunks.append(_read_exactly(stream, size))
        if _read_line(stream):
            raise BrokenAnswer("its answers are garbled")
    # What may follow the last chunk is more headers.
    _read_headers(stream)
    return b"".join(chunks)


def _read_line(stream: BinaryIO) -> str:
    line = stream.readline(_LINE)
    if not line.endswith(b"\n"):
        raise BrokenAnswer("its answers end in the middle")
    return line.rstrip(b"\r\n").decode("latin-1")


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    content = stream.read(size)
    if len(content) != size:
        raise BrokenAnswer("its answers end in the middle")
    return content


def _number(text: str, base: int) -> int:
    try:
        number = int(text.strip(), base)
    except ValueError:
        raise BrokenAnswer("its answers are garbled") from None
    if number < 0:
        raise BrokenAnswer("its answers are garbled")
    return number
