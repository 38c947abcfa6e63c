# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""From plain YAML data to the typed model, with a problem for every place that does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .errors import Path, Problem
from .explain import Place, explain, locate

M = TypeVar("M", bound=BaseModel)
Keys = tuple[object, ...]

# Required fields that take part in few checks: with something in their place the rest of a
# catalog can be judged although they are broken.
_STAND_INS: Mapping[object, object] = {
    "name": "unnamed",
    "services": {},
    "image": {"ref": "unnamed"},
    "health": {"exec": ["unnamed"]},
    "kind": "redis",
}
_ALWAYS_NEEDED = (("name",), ("services",))


@dataclass(frozen=True)
class Reading(Generic[M]):
    """model: what could be read; None where not even the outermost mapping is one."""

    model: M | None
    problems: tuple[Problem, ...]

    @property
    def broken(self) -> frozenset[Path]:
        return frozenset(problem.at for problem in self.problems)


def read(model: type[M], raw: object) -> Reading[M]:
    """Validates `raw`; where it is broken, takes the broken places out and tries again.

    Only the problems of the first round are told: later ones follow from taking out.
    """
    try:
        return Reading(model.model_validate(raw), ())
    except ValidationError as error:
        errors = _without_followers(error.errors(include_url=False))
    problems = tuple(sorted({explain(model, raw, details) for details in errors}, key=str))
    return Reading(_healed(model, raw, errors), problems)


def _without_followers(errors: list[ErrorDetails]) -> list[ErrorDetails]:
    """Without what pydantic says of the length of a list whose items it did not take."""
    return [error for error in errors if error["type"] != "too_short" or not error["input"]]


def _healed(model: type[M], raw: object, errors: list[ErrorDetails]) -> M | None:
    """The model of what is left when everything broken is gone; each round takes something."""
    while True:
        places = {locate(raw, details) for details in errors}
        less = _without(raw, places) if all(place.keys for place in places) else raw
        if less == raw:
            return None
        raw = less
        try:
            return model.model_validate(raw)
        except ValidationError as error:
            errors = error.errors(include_url=False)


def _without(raw: object, places: set[Place]) -> object:
    """A copy of `raw` without these places; a missing one takes its surroundings along."""
    gone: set[Keys] = set()
    stand_ins: dict[Keys, object] = {}
    for place in places:
        *holder, key = place.keys
        if key in _STAND_INS and (place.missing or place.keys in _ALWAYS_NEEDED):
            stand_ins[place.keys] = _STAND_INS[key]
        else:
            gone.add(tuple(holder) if place.missing else place.keys)
    return _copy(raw, (), gone, stand_ins)


def _copy(
    value: object,
    at: Keys,
    gone: set[Keys],
    stand_ins: Mapping[Keys, object],
) -> object:
    if at in stand_ins:
        return stand_ins[at]
    if isinstance(value, dict):
        kept = {key: _copy(item, (*at, key), gone, stand_ins) for key, item in value.items() if (*at, key) not in gone}
        added = {keys[-1]: item for keys, item in stand_ins.items() if keys[:-1] == at and keys[-1] not in value}
        return {**kept, **added}
    if isinstance(value, list):
        return [
            _copy(item, (*at, index), gone, stand_ins) for index, item in enumerate(value) if (*at, index) not in gone
        ]
    return value
