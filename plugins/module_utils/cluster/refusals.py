# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the API server refuses, object by object and field by field, in words for people. Pure."""

from __future__ import annotations

import re
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError, ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import Key

_MASK = "***"
# "failed to create typed patch object (ns/name; apps/v1, Kind=Deployment): .spec.bar: field not declared in schema"
_TYPED = re.compile(r"failed to [^(]*\([^)]*\)[^:]*: (?:errors:\s*)?(?P<rest>.*)", re.DOTALL)
_FIELD = re.compile(r"\s*(?P<field>\.[^\s:]+(?:\[[^\]]*\][^\s:]*)*): (?P<text>[^\n]*)")
_UNKNOWN = re.compile(r"(?P<text>(?:unknown|duplicate) field) \"(?P<field>[^\"]+)\"")
_MANAGER = re.compile(r"conflict with \"(?P<manager>[^\"]+)\"(?P<rest>.*)", re.DOTALL)
# Values that the server quotes: Invalid value: "…": and value.valueUnstructured{Value:…}.
_QUOTED = re.compile(r"(?P<before>value: )(?:\"(?:[^\"\\]|\\.)*\"|\{.*\})(?=:|$|,)|(?P<raw>got &value\.).*", re.DOTALL)


class Problem(NamedTuple):
    """One reason why an object was refused. field: "" if the server names none."""

    key: Key
    reason: str
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.key}: {self.field}: {self.message}" if self.field else f"{self.key}: {self.message}"

    def as_dict(self) -> Dict[str, Any]:
        """For a module's result."""
        return {
            "kind": self.key.kind,
            "namespace": self.key.namespace,
            "name": self.key.name,
            "reason": self.reason,
            "field": self.field,
            "message": self.message,
        }


class Refused(ClusterError):
    """The API server refused objects; the text holds all problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        objects = len({problem.key for problem in problems})
        lines = [f"  {problem}" for problem in problems]
        conflicts = any(problem.reason == "Conflict" for problem in problems)
        hint = "\nWith force_conflicts they are taken over from whoever manages them." if conflicts else ""
        count = "1 object" if objects == 1 else f"{objects} objects"
        super().__init__(f"The API server refuses {count}:\n" + "\n".join(lines) + hint)
        self.problems = list(problems)


def problems_of(key: Key, error: ApiError) -> List[Problem]:
    """The problems in one refusal. Values of a Secret do not appear in them."""
    if error.status == 409 and any(cause.get("reason") == "FieldManagerConflict" for cause in error.causes):
        found = [Problem(key, "Conflict", str(cause.get("field")), _conflict(cause)) for cause in error.causes]
    elif error.status == 422 and error.causes:
        found = [
            Problem(key, error.reason, str(cause.get("field", "")), str(cause.get("message", "")))
            for cause in error.causes
        ]
    else:
        found = list(_from_text(key, error))
    if (key.group, key.kind) == ("", "Secret"):
        found = [problem._replace(message=_without_values(problem.message)) for problem in found]
    return list(dict.fromkeys(found))


def _from_text(key: Key, error: ApiError) -> Iterable[Problem]:
    typed = _TYPED.match(error.message)
    if typed:
        fields = list(_FIELD.finditer(typed["rest"]))
        if fields:
            return [Problem(key, "Invalid", match["field"], match["text"]) for match in fields]
        return [Problem(key, "Invalid", "", typed["rest"].strip())]
    unknown = list(_UNKNOWN.finditer(error.message))
    if unknown:
        return [Problem(key, "Invalid", match["field"], match["text"]) for match in unknown]
    return [Problem(key, error.reason or str(error.status), "", error.message)]


def _conflict(cause: Mapping[str, Any]) -> str:
    match = _MANAGER.match(str(cause.get("message", "")))
    return f"{match['manager']} manages it{match['rest']}" if match else str(cause.get("message", ""))


def _without_values(message: str) -> str:
    return _QUOTED.sub(lambda match: f"{match['before'] or match['raw'].partition('&')[0]}{_MASK}", message)
