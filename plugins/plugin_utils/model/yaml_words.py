# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Values as somebody who writes YAML knows them, and what to do where YAML surprises.

Ansible reads YAML 1.1 (https://yaml.org/type/): unquoted yes, no, on and off are booleans,
0755 is octal, 1:30 is 90 and 1.10 is 1.1.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping

_LONGEST = 60


def kind(value: object) -> str:
    """What a value is, without showing it: `a list`, `a number`, `true`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    names = {str: "a string", int: "a number", float: "a number", list: "a list", tuple: "a list"}
    if type(value) in names:
        return names[type(value)]
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, datetime.date):
        return "a date"
    return f"a {type(value).__name__}"


def found(value: object) -> str:
    """A value as it is shown in a message: numbers as they are, strings quoted and cut."""
    if isinstance(value, str):
        shown = value if len(value) <= _LONGEST else value[:_LONGEST] + "…"
        return json.dumps(shown, ensure_ascii=False)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)[:_LONGEST]
    return kind(value)


def refusal(value: object, expected: str, hint: str = "", *, show: bool = True) -> str:
    """`80800 is not a port, 1 to 65535`; nothing at all is called empty.

    show: False where the value may be a secret that somebody wrote down in the wrong place.
    """
    if value is None:
        return f"is empty, expected {expected}; leave the key out or give it a value"
    subject = found(value) if show else kind(value)
    return f"{subject} is not {expected}" + (f"; {hint}" if hint else "")


def string_hint(value: object) -> str:
    """How to write what YAML did not read as a string."""
    if isinstance(value, bool):
        return "YAML reads unquoted yes, no, on, off as true or false: put it in quotes"
    if isinstance(value, float):
        return "put it in quotes, or YAML makes 1.1 of 1.10"
    if isinstance(value, int):
        return "put it in quotes (YAML reads 0755 as octal, 1:30 as 90)"
    if isinstance(value, datetime.date):
        return "put it in quotes"
    return ""


def number_hint(value: object) -> str:
    """How to write what YAML did not read as a number."""
    if isinstance(value, str) and value.strip().isdecimal():
        return f"remove the quotes: {int(value)}"
    if isinstance(value, bool):
        return "YAML reads unquoted yes, no, on, off as true or false"
    return ""


def list_hint(value: object) -> str:
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return f"write it as a list: [{value}]" if len(str(value)) <= _LONGEST else ""
    return ""


def mapping_hint(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "write key: value lines without dashes"
    return ""
