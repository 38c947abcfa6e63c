# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What stands in a scaler's way, found before anything is changed; all of it, a line each. Pure."""

from __future__ import annotations

from typing import Iterator, List

from ansible_collections.bunops.platform.plugins.module_utils.scaler import spec
from ansible_collections.bunops.platform.plugins.module_utils.scaler.backend import Choice
from ansible_collections.bunops.platform.plugins.module_utils.scaler.objects import HPA, KEDA, KIND_OF, longest_job
from ansible_collections.bunops.platform.plugins.module_utils.scaler.spec import Wanted
from ansible_collections.bunops.platform.plugins.module_utils.scaler.state import (
    Observed,
    grace_of,
    is_own,
    key_of,
    of_others,
    replicas_of,
    scaler_of,
    target_of,
    without_cpu_request,
)


def problems(wanted: Wanted, choice: Choice, observed: Observed) -> List[str]:
    """Why the scaler cannot be made, a line each; none if it can."""
    found = list(spec.problems(wanted))
    if choice.problem:
        found.append(choice.problem)
    if choice.backend == KEDA:
        found += _keda_problems(wanted)
    elif choice.backend == HPA:
        found += _hpa_problems(wanted, observed)
    found += _target_problems(wanted, observed)
    found += _others(wanted, choice, observed)
    found += _queue_problems(wanted, observed)
    return [*found, *observed.metric.problem.splitlines()]


def warnings(wanted: Wanted, observed: Observed) -> List[str]:
    """What is allowed and may not be meant."""
    grace = grace_of(observed.target)
    if wanted.queue and longest_job(wanted, grace) > grace:
        return [
            f"longest_job is {wanted.longest_job} s, but the pods of {wanted.target_text} have {grace} s to end: a "
            "longer job is cut off when its pod goes. Expected terminationGracePeriodSeconds to be as long."
        ]
    return []


def _keda_problems(wanted: Wanted) -> Iterator[str]:
    if wanted.metric and not wanted.queue:
        yield "queue: none; expected the queue, which KEDA asks for itself (metric is for the backend hpa)"
    if wanted.rate:
        for name in ("address", "query"):
            if not getattr(wanted.rate, name):
                yield f"requests_per_second.{name}: none; expected Prometheus, which KEDA asks"


def _hpa_problems(wanted: Wanted, observed: Observed) -> Iterator[str]:
    if wanted.queue and not wanted.metric:
        yield "metric: none; expected the queue's metric of external.metrics.k8s.io, from which an HPA takes it"
    if wanted.rate and not wanted.rate.metric:
        yield "requests_per_second.metric: none; expected a metric of external.metrics.k8s.io, which an HPA takes"
    handed_over = any(is_own(item, wanted.name) for item in observed.autoscalers)
    if observed.target is not None and replicas_of(observed.target) == 0 and not handed_over:
        yield (
            f"target: {wanted.target_text} has 0 replicas, from where an HPA does not scale what others have brought "
            "there; expected 1 or more when it is handed over"
        )


def _target_problems(wanted: Wanted, observed: Observed) -> Iterator[str]:
    if observed.target is None:
        yield f"target: there is no {wanted.target_text}"
        return
    if wanted.cpu_percent is None:
        return
    names = [] if observed.cpu_by_default else without_cpu_request(observed.target)
    for name in names:
        yield (
            f"target: container {name} of {wanted.target_text} has no CPU request, of which cpu_percent is a share; "
            "expected resources.requests.cpu"
        )
    if observed.resource.known and not observed.resource.by:
        yield "cpu_percent: nobody serves metrics.k8s.io, which says how much is used; expected metrics-server"
    elif observed.resource.reason:
        yield (
            f"cpu_percent: {observed.resource.by} serves metrics.k8s.io and is not available: "
            f"{observed.resource.reason}"
        )


def _others(wanted: Wanted, choice: Choice, observed: Observed) -> Iterator[str]:
    """Who scales the target already, or has the name that the scaler's object is to have."""
    for item in of_others(observed, wanted.name):
        key, made_by = key_of(item), scaler_of(item)
        if target_of(item) == (wanted.kind, wanted.target):
            whose = f", the scaler {made_by}'s," if made_by else ""
            yield f"target: {key}{whose} scales {wanted.target_text} already; expected nobody else"
        elif choice.backend and (key.kind, key.name) == (KIND_OF[choice.backend][1], wanted.name):
            kind, name = target_of(item)
            yield f"name: {key} is there already and scales {kind} {key.namespace}/{name}; expected a free name"


def _queue_problems(wanted: Wanted, observed: Observed) -> Iterator[str]:
    if observed.depth_problem:
        yield observed.depth_problem
    if wanted.queue and observed.depth and not observed.depth.exists and wanted.queue.must_exist:
        yield (
            f"queue: Redis has nothing of {wanted.queue}; expected a queue that was used before, or must_exist: false"
        )
