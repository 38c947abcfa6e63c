# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Why an object is not ready, from the object and what belongs to it. Pure."""

from __future__ import annotations

from typing import List, Optional

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness import claims, pods, refusals
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import (
    Cause,
    Object,
    Target,
    Verdict,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.plain import dig, number, text
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.relatives import (
    Relatives,
    claim_key,
    newest_pods,
    newest_replica_set,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.words import one_line

# Kinds whose refused pods show in events only.
REFUSED_IN_EVENTS = ("StatefulSet", "DaemonSet", "Job", "ReplicationController")
# Kinds that have pods.
CONTROLLERS = ("Deployment", "ReplicaSet", *REFUSED_IN_EVENTS)


def explain(target: Target, value: Object, verdict: Verdict, around: Relatives) -> List[Cause]:
    """Why an object is not ready.

    Only pods of the newest revision count; what those of a former one say is given when there are no others, because
    a StatefulSet does not go on before they are ready, but it never ends the wait.
    https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback
    """
    found: List[Cause] = []
    if target.kind in (*CONTROLLERS, "Pod"):
        found = _of_pods(value, verdict, around)
    elif target.kind == "PersistentVolumeClaim":
        found = [cause for cause in (claims.cause(around.events_of(value)),) if cause]
    if verdict.failed:
        found.append(Cause(verdict.code, verdict.text, 0.0, evidence=verdict.evidence))
    return found or _last_warning(value, around)


def settles_for_less(target: Target, value: Object, around: Relatives) -> bool:
    """Whether there is nothing to wait for although the object is not ready: a claim that awaits its first pod."""
    return target.kind == "PersistentVolumeClaim" and claims.awaits_first_pod(around.events_of(value))


def _of_pods(value: Object, verdict: Verdict, around: Relatives) -> List[Cause]:
    if verdict.code == "LatestGenerationNotObserved":
        return []
    refused = _refusal(value, around)
    found = [refused] if refused else []
    newest = newest_pods(value, around)
    for pod in newest:
        found += [_lenient(cause) if value.get("kind") == "Job" else cause for cause in _of_pod(pod, around)]
    if verdict.failed or not found:
        # Of a controller that goes on, they only explain: it makes new pods.
        found += [failure for pod in newest for failure in pods.failures(pod)]
    if not newest:
        found += [_of_former(cause) for pod in around.pods_of(value) for cause in _of_pod(pod, around)]
    return found


def _lenient(cause: Cause) -> Cause:
    """How often a Job's containers may fail is the Job's to say (backoffLimit)."""
    return cause._replace(grace=None) if cause.restarts else cause


def _of_pod(pod: Object, around: Relatives) -> List[Cause]:
    found = pods.causes(pod, around.events_of(pod), around.leave(pod))
    for name in pods.claims_of(pod):
        claim = around.claims.get(claim_key(text(pod, "metadata", "namespace"), name))
        why = claims.cause(around.events_of(claim)) if claim else None
        if why and why.code not in ("WaitForFirstConsumer", "WaitForPodScheduled"):
            told = f"its volume claim {name} is not bound: {why.text}"
            found.insert(0, why._replace(text=told, pod=text(pod, "metadata", "name")))
    return found


def _of_former(cause: Cause) -> Cause:
    told = f"a pod of the former version is in the way (remove it if it cannot become ready): {cause.text}"
    return cause._replace(text=told, grace=None)


def _refusal(value: Object, around: Relatives) -> Optional[Cause]:
    leaving = around.leave(value)
    if value.get("kind") in ("Deployment", "ReplicaSet"):
        newest = newest_replica_set(value, around) if value.get("kind") == "Deployment" else value
        return refusals.of_replica_set(newest, leaving) if newest else None
    if value.get("kind") not in REFUSED_IN_EVENTS or not _lacks_pods(value):
        return None
    return refusals.of_events(around.events_of(value), leaving)


def _lacks_pods(value: Object) -> bool:
    """Whether pods are still to be created; if not, a refusal is a thing of the past."""
    if value.get("kind") == "DaemonSet":
        return number(value, "status", "currentNumberScheduled") < number(value, "status", "desiredNumberScheduled")
    if value.get("kind") == "Job":
        wanted = number(value, "spec", "parallelism", default=1)
        if dig(value, "spec", "completions") is not None:
            wanted = min(wanted, number(value, "spec", "completions") - number(value, "status", "succeeded"))
        return number(value, "status", "active") < wanted
    return number(value, "status", "replicas") < number(value, "spec", "replicas", default=1)


def _last_warning(value: Object, around: Relatives) -> List[Cause]:
    warnings = [event for event in around.events_of(value) if event.warning]
    return [Cause(warnings[-1].reason, one_line(warnings[-1].message))] if warnings else []
