# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The objects that scale: a ScaledObject for KEDA, or a HorizontalPodAutoscaler. Pure.

https://keda.sh/docs/latest/reference/scaledobject-spec/
https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.37/#horizontalpodautoscalerspec-v2-autoscaling

The ScaledObject has no fallback: while a queue cannot be measured KEDA then leaves the replicas as they are, none
included. With one it takes the failure for activity and starts a replica where there is none.
"""

from __future__ import annotations

from typing import Any, Dict, List
from urllib.parse import quote

from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import MANAGER
from ansible_collections.bunops.platform.plugins.module_utils.scaler.spec import (
    LONGEST_WINDOW,
    Metric,
    Pace,
    Queue,
    Rate,
    Wanted,
)

Json = Dict[str, Any]

KEDA, HPA = "keda", "hpa"
SCALED_OBJECT = ("keda.sh/v1alpha1", "ScaledObject")
AUTOSCALER = ("autoscaling/v2", "HorizontalPodAutoscaler")
KIND_OF = {KEDA: SCALED_OBJECT, HPA: AUTOSCALER}
# The name of the scaler, on what it has made.
SCALER_LABEL = "bunops.platform/scaler"
_ALL = 100


def labels(name: str) -> Dict[str, str]:
    """What a scaler's own objects carry."""
    return {"app.kubernetes.io/managed-by": MANAGER, SCALER_LABEL: name}


def body(wanted: Wanted, backend: str, grace: int) -> Json:
    """The object of a backend. grace: seconds that the target's pods have to end."""
    api_version, kind = KIND_OF[backend]
    metadata = {"name": wanted.name, "namespace": wanted.namespace, "labels": labels(wanted.name)}
    make = _scaled_object if backend == KEDA else _autoscaler
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": make(wanted, grace)}


def longest_job(wanted: Wanted, grace: int) -> int:
    """Seconds that a job may take: a worker that is told to stop has no more than its grace period for one."""
    return grace if wanted.longest_job is None else wanted.longest_job


def down_window(wanted: Wanted, grace: int) -> int:
    """Seconds for which less has to be enough before replicas go."""
    own = wanted.down.stabilization
    return min(longest_job(wanted, grace), LONGEST_WINDOW) if own is None else own


def meter_path(queue: Queue) -> str:
    """Where a meter answers for a queue."""
    return f"/queues/{quote(queue.store, safe='')}/{quote(queue.name, safe='')}"


def _target(wanted: Wanted) -> Json:
    return {"apiVersion": "apps/v1", "kind": wanted.kind, "name": wanted.target}


def _scaled_object(wanted: Wanted, grace: int) -> Json:
    spec: Json = {
        "scaleTargetRef": _target(wanted),
        "minReplicaCount": wanted.min_replicas,
        "maxReplicaCount": wanted.max_replicas,
        "advanced": {"horizontalPodAutoscalerConfig": {"behavior": _behavior(wanted, grace)}},
        "triggers": _triggers(wanted),
    }
    # Both are for the step between none and one; the others are the HPA's, which has its own time.
    if wanted.min_replicas == 0:
        spec["pollingInterval"] = wanted.polling_interval
        spec["cooldownPeriod"] = longest_job(wanted, grace)
    return spec


def _triggers(wanted: Wanted) -> List[Json]:
    found: List[Json] = []
    if wanted.queue:
        found.append(_queue_trigger(wanted.queue, wanted))
    if wanted.rate:
        found.append(_rate_trigger(wanted.rate))
    if wanted.cpu_percent:
        value = str(wanted.cpu_percent)
        found.append({"name": "cpu", "type": "cpu", "metricType": "Utilization", "metadata": {"value": value}})
    return found


def _queue_trigger(queue: Queue, wanted: Wanted) -> Json:
    """https://keda.sh/docs/latest/scalers/metrics-api/"""
    metadata = {
        "url": f"http://{queue.service}.{wanted.namespace}.svc:{queue.port}{meter_path(queue)}",
        "valueLocation": "demand",
        "targetValue": str(wanted.jobs_per_replica),
    }
    return {"name": "queue", "type": "metrics-api", "metricType": "AverageValue", "metadata": metadata}


def _rate_trigger(rate: Rate) -> Json:
    """https://keda.sh/docs/latest/scalers/prometheus/"""
    metadata = {"serverAddress": rate.address, "query": rate.query, "threshold": str(rate.per_replica)}
    return {"name": "requests", "type": "prometheus", "metricType": "AverageValue", "metadata": metadata}


def _autoscaler(wanted: Wanted, grace: int) -> Json:
    return {
        "scaleTargetRef": _target(wanted),
        "minReplicas": wanted.min_replicas,
        "maxReplicas": wanted.max_replicas,
        "behavior": _behavior(wanted, grace),
        "metrics": _metrics(wanted),
    }


def _metrics(wanted: Wanted) -> List[Json]:
    found: List[Json] = []
    if wanted.metric and wanted.jobs_per_replica:
        found.append(_external(wanted.metric, wanted.jobs_per_replica))
    if wanted.rate and wanted.rate.metric:
        found.append(_external(wanted.rate.metric, wanted.rate.per_replica))
    if wanted.cpu_percent:
        target = {"type": "Utilization", "averageUtilization": wanted.cpu_percent}
        found.append({"type": "Resource", "resource": {"name": "cpu", "target": target}})
    return found


def _external(metric: Metric, average: int) -> Json:
    named: Json = {"name": metric.name}
    if metric.selector:
        named["selector"] = {"matchLabels": dict(metric.selector)}
    target = {"type": "AverageValue", "averageValue": str(average)}
    return {"type": "External", "external": {"metric": named, "target": target}}


def _behavior(wanted: Wanted, grace: int) -> Json:
    return {
        "scaleUp": _rules(wanted.up, wanted.up.stabilization or 0),
        "scaleDown": _rules(wanted.down, down_window(wanted, grace)),
    }


def _rules(pace: Pace, window: int) -> Json:
    policy = {"type": "Percent", "value": _ALL} if pace.pods is None else {"type": "Pods", "value": pace.pods}
    return {
        "stabilizationWindowSeconds": window,
        "selectPolicy": "Max",
        "policies": [{**policy, "periodSeconds": pace.period}],
    }
