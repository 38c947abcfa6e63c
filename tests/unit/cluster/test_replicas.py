# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of a number of replicas that nobody gives any more."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.replicas import disowned, with_present_number

US = "bunops-platform"
Json = dict[str, Any]
NUMBER: Json = {"f:spec": {"f:replicas": {}}}


def live(*entries: Json, replicas: int = 4) -> Json:
    return {"metadata": {"managedFields": list(entries)}, "spec": {"replicas": replicas}}


def entry(manager: str, operation: str = "Apply", fields: Json = NUMBER) -> Json:
    return {"manager": manager, "operation": operation, "fieldsV1": fields}


def body(kind: str = "Deployment", api_version: str = "apps/v1", **spec: Any) -> Json:
    return {"apiVersion": api_version, "kind": kind, "spec": {"paused": True, **spec}}


def number(wanted: Json, found: Json) -> Any:
    return with_present_number(wanted, found, US)["spec"].get("replicas")


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_a_number_that_only_we_have_given_stays(kind: str) -> None:
    assert with_present_number(body(kind), live(entry(US)), US) == body(kind, replicas=4)


def test_a_number_that_is_given_is_taken() -> None:
    assert number(body(replicas=2), live(entry(US))) == 2


@pytest.mark.parametrize(
    "owners",
    [[], [entry("kubectl", "Update")], [entry(US), entry("bunops-scaler")], [entry(US, "Update")]],
    ids=["nobody", "somebody else", "two", "not by applying"],
)
def test_a_number_that_stays_by_itself_is_not_taken(owners: list[Json]) -> None:
    assert number(body(), live(*owners)) is None


def test_what_its_holder_owns_too_may_stay() -> None:
    both = live(entry(US), entry("bunops-scaler"))
    assert with_present_number(body(), both, US, "bunops-scaler") == body(replicas=4)
    assert with_present_number(body(), live(entry("bunops-scaler")), US, "bunops-scaler") == body()


def test_only_workloads_have_one() -> None:
    assert number(body("Widget", "example.com/v1"), live(entry(US))) is None


def test_who_gives_the_number_up_keeps_all_else() -> None:
    both = entry("one", fields={"f:spec": {"f:replicas": {}, "f:paused": {}}, "f:metadata": {".": {}, "f:labels": {}}})
    left = entry("one", fields={"f:spec": {"f:paused": {}}, "f:metadata": {".": {}, "f:labels": {}}})
    other, another = entry("other"), entry("another", fields={"f:status": {}})
    found = live(both, other, entry("only"), another)
    assert disowned(found, lambda each: each["manager"] in ("one", "only", "another")) == [left, other, another]
