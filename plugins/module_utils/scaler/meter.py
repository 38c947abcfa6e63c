# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Asks a queue meter, and metrics APIs, through the API server: who runs the module needs no way into the cluster.

https://kubernetes.io/docs/tasks/access-application-cluster/access-cluster-services/
"""

from __future__ import annotations

import json
import re
from typing import Any, Mapping, Tuple, Union
from urllib.parse import quote

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError, ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.scaler.objects import meter_path
from ansible_collections.bunops.platform.plugins.module_utils.scaler.spec import Metric, Queue
from ansible_collections.bunops.platform.plugins.module_utils.scaler.state import Depth, Measured

EXTERNAL = "/apis/external.metrics.k8s.io/v1beta1"
STATES = (
    "waiting",
    "prioritized",
    "delayed",
    "due_delayed",
    "active",
    "paused",
    "failed",
    "oldest_waiting_seconds",
    "oldest_prioritized_seconds",
    "oldest_delayed_seconds",
    "oldest_active_seconds",
)
# The beginning of {"message": "…"}: long answers come cut off.
_MESSAGE = re.compile(r'\{"message":\s*"(?P<text>(?:[^"\\]|\\.)*)')
_QUANTITY = re.compile(r"(?P<number>[+-]?\d+(?:\.\d+)?)(?P<suffix>[numkMGTPE]?)")
_FACTORS = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}


def ask(client: Client, namespace: str, queue: Queue) -> Union[Depth, str]:
    """The depth of a queue, or what is wrong."""
    path = f"/api/v1/namespaces/{quote(namespace, safe='')}/services/{service_of(queue)}/proxy{meter_path(queue)}"
    try:
        return read(client.text(path), namespace, queue)
    except ApiError as error:
        return refusal(error, namespace, queue)
    except ClusterError as error:
        return f"queue: {_meter(namespace, queue)} cannot be asked: {error}"


def service_of(queue: Queue) -> str:
    """The Service as the API server's proxy names it."""
    return quote(f"http:{queue.service}:{queue.port}", safe=":")


def read(answer: str, namespace: str, queue: Queue) -> Union[Depth, str]:
    """The depth in a meter's answer, or what is wrong with it."""
    try:
        document = json.loads(answer)
    except ValueError:
        document = None
    if not isinstance(document, dict) or not _is_depth(document):
        return f"queue: {_meter(namespace, queue)} is no queue meter; expected JSON with exists and demand"
    if "reason" in document:
        # What it measured last, for autoscalers to go on with.
        return f"queue: queue meter: cannot measure {queue}: {document['reason']}"
    states = {name: document[name] for name in STATES if name in document}
    return Depth(document["exists"], document["demand"], states)


def _is_depth(document: Mapping[str, Any]) -> bool:
    demand = document.get("demand")
    is_count = isinstance(demand, (int, float)) and not isinstance(demand, bool) and demand >= 0
    return isinstance(document.get("exists"), bool) and is_count


def refusal(error: ApiError, namespace: str, queue: Queue) -> str:
    """Why there is no depth. Only the API server's own refusals have a reason; others are the meter's words."""
    meter = _meter(namespace, queue)
    if error.reason == "NotFound":
        return f"queue: there is no Service {namespace}/{queue.service}; expected that of a queue meter"
    if error.reason:
        return f"queue: {meter} cannot be asked: {error.message}"
    said = _MESSAGE.match(error.message)
    if said:
        text = said["text"].replace('\\"', '"').replace("\\\\", "\\")
        return f"queue: {text}" if text.startswith("queue meter") else f"queue: {meter} says: {text}"
    return f"queue: {meter} answers {error.status}; expected a queue meter"


def _meter(namespace: str, queue: Queue) -> str:
    return f"Service {namespace}/{queue.service}, port {queue.port},"


def measure(client: Client, namespace: str, metric: Metric, option: str) -> Measured:
    """The sum of an external metric, as an HPA takes it. option: which names the metric, for problems."""
    selector = ",".join(f"{key}={value}" for key, value in metric.selector) or None
    path = f"{EXTERNAL}/namespaces/{quote(namespace, safe='')}/{quote(metric.name, safe='')}"
    try:
        items = client.request("GET", path, query={"labelSelector": selector}).get("items") or []
        if not items:
            return Measured(None, f"{option}: external.metrics.k8s.io has no value of {metric.name}")
        return Measured(sum(number(item.get("value")) for item in items))
    except ApiError as error:
        return Measured(None, f"{option}: external.metrics.k8s.io refuses {metric.name}: {error.message}")
    except (ClusterError, ValueError) as error:
        return Measured(None, f"{option}: external.metrics.k8s.io cannot be asked for {metric.name}: {error}")


def number(quantity: Any) -> float:
    """A quantity of the metrics APIs, "1500m" or "12". Raises ValueError."""
    match = _QUANTITY.fullmatch(str(quantity))
    if not match:
        raise ValueError(f"{quantity} is no number")
    return float(match["number"]) * _FACTORS[match["suffix"]]


def parts(measured: Union[Depth, str]) -> Tuple[Any, str]:
    """A depth and no problem, or the other way round."""
    return (None, measured) if isinstance(measured, str) else (measured, "")
