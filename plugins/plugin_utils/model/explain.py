# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What pydantic found, said in the words of somebody who writes YAML."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from .entry import NO_VARIANT_KEY, NO_VARIANT_SHAPE, REFUSED
from .errors import Path, Problem, did_you_mean, words
from .schema import Fields, fields_at
from .yaml_words import list_hint, mapping_hint, refusal, string_hint

# How pydantic marks the problem of a mapping's key, and how entry.py tags variants.
_KEY = "[key]"
_TAG = re.compile(r"<(\w+)>")


@dataclass(frozen=True)
class Place:
    """Where an error is.

    keys: keys and indices of the raw data, from the outermost mapping on.
    at: the same for a message.
    missing: whether the last key is one that should be there.
    variant: the key that chose the variant of the mapping around, if one did.
    """

    keys: tuple[object, ...]
    at: Path
    missing: bool
    variant: str


def locate(raw: object, details: ErrorDetails) -> Place:
    """The place of an error in the raw data, without pydantic's own marks."""
    keys: list[object] = []
    at: list[str] = []
    node, tag, variant = raw, "", ""
    for part in details["loc"]:
        known, key = _own_key(node, part)
        if not known and (match := _TAG.fullmatch(str(part))):
            tag = match[1]
        elif known or part != _KEY:
            keys.append(key)
            at.append(f"[{key}]" if isinstance(node, list) else _key_text(key))
            node = node[key] if known else None  # type: ignore[index]  # _own_key looked
            tag, variant = "", tag
    return Place(tuple(keys), tuple(at), details["type"] == "missing", variant)


def explain(model: type[BaseModel], raw: object, details: ErrorDetails) -> Problem:
    """The problem that a pydantic error stands for."""
    place = locate(raw, details)
    say = _SAID.get(details["type"])
    text = say(model, place, details) if say else _told(place, details["input"], details["msg"])
    return Problem(place.at, text)


def _own_key(node: object, part: object) -> tuple[bool, object]:
    """pydantic turns keys that are neither strings nor integers into strings."""
    if isinstance(node, dict):
        for key in node:
            if key == part or str(key) == part:
                return True, key
    if isinstance(node, list) and isinstance(part, int):
        return part < len(node), part
    return False, part


def _key_text(key: object) -> str:
    return ("true" if key else "false") if isinstance(key, bool) else str(key)


def _fields(model: type[BaseModel], place: Place) -> Fields:
    return fields_at(model, [str(key) for key in place.keys[:-1]])


def _refused(_model: type[BaseModel], _place: Place, details: ErrorDetails) -> str:
    return str(details["ctx"]["text"])


def _missing(model: type[BaseModel], place: Place, _details: ErrorDetails) -> str:
    description = _fields(model, place)[place.at[-1]].get("description", "")
    return f"is missing ({description[:1].lower()}{description[1:]})"


def _unknown_key(model: type[BaseModel], place: Place, _details: ErrorDetails) -> str:
    known = _fields(model, place)
    key = place.at[-1]
    if key in known:
        return f"does not go with {place.variant}; leave one of the two out"
    nearest = did_you_mean(key, known)
    return "unknown key" + (nearest or f"; known here: {words(sorted(known))}")


def _told(place: Place, value: object, expected: str, hint: str = "") -> str:
    """As refusal(); among secrets neither the value nor a hint, which may hold it."""
    if place.keys[:1] == ("secrets",):
        return refusal(value, expected, show=False)
    return refusal(value, expected, hint)


def _no_string_key(_model: type[BaseModel], place: Place, details: ErrorDetails) -> str:
    return _told(place, details["input"], "a known key", string_hint(details["input"]))


def _no_list(_model: type[BaseModel], place: Place, details: ErrorDetails) -> str:
    return _told(place, details["input"], "a list", list_hint(details["input"]))


def _no_mapping(_model: type[BaseModel], place: Place, details: ErrorDetails) -> str:
    return _told(place, details["input"], "a mapping", mapping_hint(details["input"]))


def _no_choice(_model: type[BaseModel], place: Place, details: ErrorDetails) -> str:
    choices = re.findall(r"'([^']*)'", str(details["ctx"]["expected"]))
    value = details["input"]
    nearest = did_you_mean(value, choices) if isinstance(value, str) else ""
    return _told(place, value, words(choices, "or"), nearest[2:] or _bool_hint(value))


def _no_variant_key(model: type[BaseModel], place: Place, details: ErrorDetails) -> str:
    value, expected = details["input"], details["msg"]
    if not isinstance(value, Mapping):
        return _told(place, value, expected)
    known = fields_at(model, [str(key) for key in place.keys])
    unknown = sorted(str(key) for key in value if key not in known)
    # Other keys would not help.
    choosing = sorted(set(re.findall(r"\w+", expected)) & set(known))
    guesses = [did_you_mean(key, choosing) for key in unknown]
    return f"needs {expected}" + next((guess for guess in guesses if guess), "")


def _no_variant_shape(_model: type[BaseModel], place: Place, details: ErrorDetails) -> str:
    return _told(place, details["input"], details["msg"], _bool_hint(details["input"]))


def _empty_list(_model: type[BaseModel], _place: Place, _details: ErrorDetails) -> str:
    return "is an empty list; leave the key out or write at least one item"


def _bool_hint(value: object) -> str:
    return string_hint(value) if isinstance(value, bool) else ""


_SAID: Mapping[str, Callable[[type[BaseModel], Place, ErrorDetails], str]] = {
    REFUSED: _refused,
    NO_VARIANT_KEY: _no_variant_key,
    NO_VARIANT_SHAPE: _no_variant_shape,
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "invalid_key": _no_string_key,
    "tuple_type": _no_list,
    "dict_type": _no_mapping,
    "mapping_type": _no_mapping,
    "model_type": _no_mapping,
    "literal_error": _no_choice,
    "too_short": _empty_list,
}
