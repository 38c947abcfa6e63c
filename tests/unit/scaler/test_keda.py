# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether KEDA has taken up a ScaledObject."""

from __future__ import annotations

import copy
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.scaler.keda import Taken, taken
from ansible_collections.bunops.platform.plugins.module_utils.scaler.objects import HPA, KEDA, body
from ansible_collections.bunops.platform.tests.unit.scaler.support import QUEUE, wanted

OPTIONS: dict[str, Any] = {**QUEUE, "metric": {"name": "jobs"}, "min_replicas": 0}
FORMER = Taken(False, "its HPA is still the former one")


def of_keda(*conditions: tuple[str, str, str], **options: Any) -> dict[str, Any]:
    made = body(wanted(**OPTIONS, **options), KEDA, 30)
    states = [{"type": kind, "status": status, "message": message} for kind, status, message in conditions]
    return {**made, "status": {"hpaName": "keda-hpa-worker", "conditions": states}}


def its_hpa(**edits: Any) -> dict[str, Any]:
    made = copy.deepcopy(body(wanted(**OPTIONS), HPA, 30))
    made["spec"].update({"minReplicas": 1, **edits})
    return made


READY = ("Ready", "True", "ScaledObject is defined correctly and is ready for scaling")


def test_taken() -> None:
    assert taken(of_keda(READY), its_hpa()) == Taken(True)


def test_the_former_hpa_is_none_of_it() -> None:
    live = of_keda(READY)
    former: list[dict[str, Any]] = [{"minReplicas": 2}, {"maxReplicas": 3}, {"behavior": {}}, {"metrics": []}]
    for edits in former:
        assert taken(live, its_hpa(**edits)) == FORMER
    assert taken(live, its_hpa(scaleTargetRef={"kind": "Deployment", "name": "api"})) == FORMER
    assert taken(live, None) == FORMER


def test_what_keda_says_is_passed_on() -> None:
    wrong = ("Ready", "False", "failed to ensure HPA is correctly created: no such host.")
    assert taken(of_keda(wrong), None) == Taken(False, "failed to ensure HPA is correctly created: no such host")


def test_no_word() -> None:
    silent = Taken(False, "it says nothing, its operator may not run")
    assert taken({"spec": {}}, None) == silent
    assert taken(of_keda(("Ready", "Unknown", "")), its_hpa()) == silent


def test_paused() -> None:
    found = taken(of_keda(READY, ("Paused", "True", "")), None)
    assert found == Taken(True, "ScaledObject worker is paused by an annotation: nothing scales until that is gone.")
