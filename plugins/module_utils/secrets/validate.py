# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a value has to look like. Pure; no message tells the value or how long it is."""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, NoReturn, Optional

ARGUMENT_SPEC: Dict[str, Any] = {
    "type": "dict",
    "options": {
        # Bytes.
        "min_length": {"type": "int"},
        # Of Python's module re, for the whole value.
        "pattern": {"type": "str", "no_log": False},
        "format": {"type": "str", "choices": ["pem", "url", "base64", "json"]},
    },
}

# https://www.rfc-editor.org/rfc/rfc4648#section-4
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")

# https://www.rfc-editor.org/rfc/rfc7468#section-3; text outside of the blocks is allowed by section 2.
_LABEL = rb"[!-,.-~](?:[- ]?[!-,.-~])*"
_PEM = re.compile(
    rb"^-----BEGIN (?P<label>" + _LABEL + rb")-----[ \t]*\r?\n(?P<text>[A-Za-z0-9+/=\s]+)"
    rb"^-----END (?P=label)-----[ \t]*\r?$",
    re.MULTILINE,
)
_BOUNDARY = re.compile(rb"^-----(?:BEGIN|END) ", re.MULTILINE)

# https://www.rfc-editor.org/rfc/rfc3986#appendix-A, with the authority that makes it a URL.
_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})"
_URL = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://(?=.)"
    rf"(?:{_CHARACTER}*@)?"
    rf"(?:\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\]|(?:(?!:){_CHARACTER})*)(?::[0-9]*)?"
    rf"(?:/(?:{_CHARACTER}|[@/])*)?(?:\?(?:{_CHARACTER}|[@/?])*)?(?:#(?:{_CHARACTER}|[@/?])*)?"
)


class _Format(NamedTuple):
    fits: Callable[[bytes], bool]
    words: str


def problem(value: bytes, rules: Mapping[str, Any]) -> Optional[str]:
    """What is wrong with a value, as `is shorter than 16 bytes`; None if nothing is. rules: without problems."""
    shortest, pattern, form = rules.get("min_length"), rules.get("pattern"), rules.get("format")
    if shortest is not None and len(value) < shortest:
        return f"is shorter than {shortest} bytes"
    if form and not _FORMATS[form].fits(value):
        return f"is {_FORMATS[form].words}"
    if pattern is not None and not re.fullmatch(pattern, value.decode("utf-8", "surrogateescape")):
        return f"does not match the pattern {pattern}"
    return None


def rules_problems(rules: Mapping[str, Any]) -> List[str]:
    """What is wrong with the rules themselves, a line each."""
    found = []
    shortest, pattern = rules.get("min_length"), rules.get("pattern")
    if shortest is not None and shortest < 0:
        found.append(f"validate.min_length is {shortest}; expected 0 or more")
    if pattern is not None:
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            found.append(f"validate.pattern is {pattern}: {error}; expected a regular expression of Python")
    return found


def _is_pem(value: bytes) -> bool:
    blocks = list(_PEM.finditer(value))
    # Each boundary is one of a whole block.
    whole = bool(blocks) and len(_BOUNDARY.findall(value)) == 2 * len(blocks)
    texts = [b"".join(block["text"].split()) for block in blocks]
    return whole and all(text and _is_base64(text) for text in texts)


def _is_url(value: bytes) -> bool:
    return _URL.fullmatch(value.decode("latin-1")) is not None


def _is_base64(value: bytes) -> bool:
    return _BASE64.fullmatch(value) is not None


def _is_json(value: bytes) -> bool:
    try:
        json.loads(value.decode("utf-8"), parse_constant=_refuse, parse_int=str)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> NoReturn:
    """Python reads NaN and Infinity, which are no JSON."""
    raise ValueError(constant)


_FORMATS = {
    "pem": _Format(_is_pem, "not PEM (RFC 7468)"),
    "url": _Format(_is_url, "no absolute URL (RFC 3986)"),
    "base64": _Format(_is_base64, "not base64 (RFC 4648)"),
    "json": _Format(_is_json, "not JSON (RFC 8259)"),
}
