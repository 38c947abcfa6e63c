# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Why objects have no pods or no volume, in words that a test cluster does not say on demand."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness import claims, refusals
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.bounds import CAPACITY, HEALING
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.events import Event, by_object
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.explain import explain
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Target, waiting
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.relatives import Relatives

QUOTA = 'pods "db-0" is forbidden: exceeded quota: small, requested: pods=1, used: pods=5, limited: pods=5'


def event(reason: str, message: str, second: int = 0) -> Event:
    return Event(reason, message, "", True, f"2026-11-01T00:00:{second:02}", 1)


@pytest.mark.parametrize(
    ("message", "said", "grace"),
    [
        (
            f"Create Pod db-0 in StatefulSet db failed error: {QUOTA}",
            "forbidden: exceeded quota: small, requested: pods=1, used: pods=5, limited: pods=5",
            HEALING,
        ),
        (
            'Error creating: Internal error occurred: failed calling webhook "w": connection refused',
            'Internal error occurred: failed calling webhook "w": connection refused',
            CAPACITY,
        ),
        (
            'Error creating: admission webhook "policy.test" denied the request: no owner',
            'admission webhook "policy.test" denied the request: no owner',
            HEALING,
        ),
        (
            'Error creating: pods "db-0" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi',
            "forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi",
            0.0,
        ),
        (
            'Error creating: Pod "db-0" is invalid: spec.containers[0].image: Required value',
            'Pod "db-0" is invalid: spec.containers[0].image: Required value',
            0.0,
        ),
    ],
)
def test_refused_pods(message: str, said: str, grace: float) -> None:
    cause = refusals.of_events([event("FailedCreate", message)], leaving=False)
    assert cause and (cause.text, cause.grace) == (f"its pods are refused: {said}", grace)


def test_a_quota_is_given_back_by_pods_that_leave() -> None:
    cause = refusals.of_events([event("FailedCreate", QUOTA)], leaving=True)
    assert cause and cause.grace is None


def test_a_repeated_refusal_is_new_evidence() -> None:
    once = refusals.of_events([event("FailedCreate", QUOTA)], leaving=False)
    again = refusals.of_events([event("FailedCreate", QUOTA)._replace(times=2)], leaving=False)
    assert once and again and once.evidence != again.evidence


def test_a_refusal_is_over_once_the_pods_exist() -> None:
    stateful = {
        "kind": "StatefulSet",
        "metadata": {"uid": "u", "namespace": "atlas"},
        "spec": {"replicas": 2},
        "status": {"replicas": 1},
    }
    target = Target("apps/v1", "StatefulSet", "atlas", "db")
    around = Relatives(events={"u": [event("FailedCreate", QUOTA)]})
    assert [cause.code for cause in explain(target, stateful, waiting("…"), around)] == ["FailedCreate"]
    stateful["status"] = {"replicas": 2}
    assert [cause.grace for cause in explain(target, stateful, waiting("…"), around)] == [None]


@pytest.mark.parametrize(
    ("events", "code", "grace"),
    [
        ([], None, None),
        ([event("ExternalProvisioning", "Waiting for a volume")], "ExternalProvisioning", CAPACITY),
        (
            [event("Provisioning", "provisioning volume"), event("ExternalProvisioning", "Waiting", 1)],
            "ExternalProvisioning",
            None,
        ),
        (
            [event("ProvisioningFailed", "disk quota"), event("ExternalProvisioning", "Waiting", 1)],
            "ProvisioningFailed",
            CAPACITY,
        ),
        ([event("ProvisioningFailed", 'storageclass "x" not found')], "ProvisioningFailed", HEALING),
        ([event("FailedBinding", "no persistent volumes available")], "FailedBinding", HEALING),
        ([event("WaitForPodScheduled", "waiting for pod db-0 to be scheduled")], "WaitForPodScheduled", None),
    ],
)
def test_claims(events: list[Event], code: str | None, grace: float | None) -> None:
    cause = claims.cause(events)
    assert (cause and cause.code, cause and cause.grace) == (code, grace)


def test_a_claim_awaits_its_first_pod_until_one_comes() -> None:
    first = event("WaitForFirstConsumer", "waiting for first consumer to be created before binding")
    assert claims.awaits_first_pod([first])
    assert not claims.awaits_first_pod([first, event("WaitForPodScheduled", "waiting for pod", 1)])
    assert not claims.awaits_first_pod([])


def test_events_are_read_whichever_way_they_are_counted_and_in_their_order() -> None:
    about = {"involvedObject": {"uid": "u", "fieldPath": "spec.containers{web}"}}
    counted = {**about, "reason": "A", "lastTimestamp": "2026-11-01T00:00:05Z", "count": 3}
    series = {"count": 7, "lastObservedTime": "2026-11-01T00:00:05.2Z"}
    found = by_object(
        [
            {**about, "reason": "B", "eventTime": "2026-11-01T00:00:01.000000Z", "series": series, "type": "Warning"},
            {**counted, "message": "(combined from similar events): twice"},
            {**about, "reason": "C", "metadata": {"creationTimestamp": "2026-11-01T00:00:04Z"}},
        ]
    )
    assert [(item.reason, item.times, item.warning) for item in found["u"]] == [
        ("C", 1, False),
        ("A", 3, False),
        ("B", 7, True),
    ]
    assert found["u"][1].message == "twice"
    assert found["u"][0].container == "web"
