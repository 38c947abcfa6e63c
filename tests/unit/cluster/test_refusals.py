# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the API server refuses, as a user reads it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.answer import Answer
from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import is_final, refusal
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import Key
from ansible_collections.bunops.platform.plugins.module_utils.cluster.refusals import Problem, Refused, problems_of
from ansible_collections.bunops.platform.tests.unit.cluster.support import cases

CASES = cases("refusals")
KEY = Key("apps", "Deployment", "atlas", "a")


def error_of(case: dict[str, Any]) -> ApiError:
    return ApiError(case["status"], case["reason"], case["message"], {"causes": case.get("causes")})


@pytest.mark.parametrize("name", CASES)
def test_problems(name: str) -> None:
    case = CASES[name]
    key = KEY._replace(kind="Secret", group="") if case.get("kind") else KEY
    assert [str(problem) for problem in problems_of(key, error_of(case))] == case["problems"]


def test_all_problems_in_one_text() -> None:
    other = KEY._replace(name="b")
    error = Refused(
        [
            Problem(KEY, "Invalid", "spec.a", "bad"),
            Problem(KEY, "Invalid", "", "worse"),
            Problem(other, "Forbidden", "", "no"),
        ]
    )
    assert str(error) == (
        "The API server refuses 2 objects:\n"
        "  Deployment atlas/a: spec.a: bad\n"
        "  Deployment atlas/a: worse\n"
        "  Deployment atlas/b: no"
    )


def test_conflicts_tell_the_way_out() -> None:
    error = Refused([Problem(KEY, "Conflict", ".spec.replicas", "kubectl-edit manages it")])
    assert str(error).endswith("\nWith force_conflicts they are taken over from whoever manages them.")


def test_what_is_no_status() -> None:
    error = refusal(Answer(502, {}, b"<html>\n  Bad Gateway\n</html>"), "GET /api")
    assert (error.status, error.reason, error.message) == (502, "", "<html> Bad Gateway </html>")
    assert refusal(Answer(500, {}, b""), "GET /api").message == "no explanation"
    assert refusal(Answer(500, {}, b'["text"]'), "GET /api").message == '["text"]'


@pytest.mark.parametrize(
    ("status", "reason", "message", "final"),
    [
        (500, "", "failed to create typed patch object (…): .spec.bar: field not declared in schema", True),
        (500, "", "failed to convert new object (…) to proper version", True),
        (500, "", "etcdserver: leader changed", False),
        (500, "InternalError", "Internal error occurred: failed calling webhook", False),
        (503, "", "failed to reach the backend", False),
    ],
)
def test_which_500_is_worth_another_attempt(status: int, reason: str, message: str, final: bool) -> None:
    body = {"kind": "Status", "reason": reason, "message": message}
    assert is_final(refusal(Answer(status, {}, json.dumps(body).encode()), "PATCH /")) is final
