# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a user wants of a scaler: read once from the module's options, and what is wrong with them. Pure."""

from __future__ import annotations

from typing import Any, Dict, Iterator, Mapping, NamedTuple, Optional, Tuple
from urllib.parse import urlsplit

Json = Dict[str, Any]

KINDS = ("Deployment", "StatefulSet")
# Limits of the API: https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.37/#hpascalingrules-v2-autoscaling
LONGEST_WINDOW = 3600
_LONGEST_PERIOD = 1800
# The name becomes the value of a label, with KEDA behind "keda-hpa-".
_LONGEST_NAME = 63 - len("keda-hpa-")

_METRIC: Json = {
    "name": {"type": "str", "required": True},
    "selector": {"type": "dict", "default": {}},
}
ARGUMENT_SPEC: Json = {
    "target": {
        "type": "dict",
        "required": True,
        "options": {
            "kind": {"type": "str", "choices": list(KINDS), "default": "Deployment"},
            "name": {"type": "str", "required": True},
        },
    },
    "namespace": {"type": "str"},
    "name": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "backend": {"type": "str", "choices": ["auto", "keda", "hpa"], "default": "auto"},
    "queue": {
        "type": "dict",
        "options": {
            "store": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "service": {"type": "str", "default": "queue-meter"},
            "port": {"type": "int", "default": 8080},
            "must_exist": {"type": "bool", "default": True},
        },
    },
    "jobs_per_replica": {"type": "int"},
    "metric": {"type": "dict", "options": _METRIC},
    "cpu_percent": {"type": "int"},
    "requests_per_second": {
        "type": "dict",
        "options": {
            "per_replica": {"type": "int", "required": True},
            "address": {"type": "str"},
            "query": {"type": "str"},
            "metric": {"type": "dict", "options": _METRIC},
        },
    },
    "min_replicas": {"type": "int", "default": 1},
    "max_replicas": {"type": "int"},
    "longest_job": {"type": "int"},
    "up": {
        "type": "dict",
        "apply_defaults": True,
        "options": {
            "pods": {"type": "int", "default": 100},
            "period": {"type": "int", "default": 15},
            "stabilization": {"type": "int", "default": 0},
        },
    },
    "down": {
        "type": "dict",
        "apply_defaults": True,
        "options": {
            "pods": {"type": "int"},
            "period": {"type": "int", "default": 15},
            "stabilization": {"type": "int"},
        },
    },
    "polling_interval": {"type": "int", "default": 1},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 60},
}


class Queue(NamedTuple):
    """A queue, and the Service of the meter that measures it."""

    store: str
    name: str
    service: str = "queue-meter"
    port: int = 8080
    must_exist: bool = True

    def __str__(self) -> str:
        return f"{self.store}/{self.name}"


class Metric(NamedTuple):
    """A metric of external.metrics.k8s.io. selector: labels that its series have to have."""

    name: str
    selector: Tuple[Tuple[str, str], ...] = ()


class Rate(NamedTuple):
    """Requests per second. address, query: of Prometheus, for KEDA. metric: the same for an HPA."""

    per_replica: int
    address: str = ""
    query: str = ""
    metric: Optional[Metric] = None


class Pace(NamedTuple):
    """How fast. pods: at the most in a period, None for any number; period, stabilization: seconds."""

    pods: Optional[int]
    period: int
    stabilization: Optional[int]


class Wanted(NamedTuple):
    """A scaler. name: of its object; longest_job: seconds, None for what the target's grace period allows."""

    name: str
    namespace: str
    kind: str
    target: str
    min_replicas: int
    max_replicas: int
    queue: Optional[Queue] = None
    jobs_per_replica: Optional[int] = None
    metric: Optional[Metric] = None
    cpu_percent: Optional[int] = None
    rate: Optional[Rate] = None
    longest_job: Optional[int] = None
    up: Pace = Pace(100, 15, 0)
    down: Pace = Pace(None, 15, None)
    polling_interval: int = 1
    backend: str = "auto"

    @property
    def target_text(self) -> str:
        """The target in words."""
        return f"{self.kind} {self.namespace}/{self.target}"


def wanted_of(params: Mapping[str, Any], namespace: str) -> Wanted:
    """The options as the scaler's parts take them; namespace: what to use without one."""
    rate = params["requests_per_second"]
    return Wanted(
        name=params["name"] or params["target"]["name"],
        namespace=params["namespace"] or namespace,
        kind=params["target"]["kind"],
        target=params["target"]["name"],
        queue=Queue(**params["queue"]) if params["queue"] else None,
        metric=_metric(params["metric"]),
        rate=_rate(rate) if rate else None,
        # What is missing is a problem, see problems().
        max_replicas=params["max_replicas"] or 0,
        up=Pace(**params["up"]),
        down=Pace(**params["down"]),
        **{
            name: params[name]
            for name in (
                "min_replicas",
                "jobs_per_replica",
                "cpu_percent",
                "longest_job",
                "polling_interval",
                "backend",
            )
        },
    )


def _rate(given: Mapping[str, Any]) -> Rate:
    return Rate(given["per_replica"], given["address"] or "", given["query"] or "", _metric(given["metric"]))


def _metric(given: Optional[Mapping[str, Any]]) -> Optional[Metric]:
    if not given:
        return None
    return Metric(given["name"], tuple(sorted((str(key), str(value)) for key, value in given["selector"].items())))


def problems(wanted: Wanted) -> Iterator[str]:
    """What is wrong with the options alone, a line each."""
    if len(wanted.name) > _LONGEST_NAME:
        yield f"name: {wanted.name} has {len(wanted.name)} characters; expected {_LONGEST_NAME} at most"
    yield from _replica_problems(wanted)
    yield from _signal_problems(wanted)
    yield from _pace_problems(wanted)


def _replica_problems(wanted: Wanted) -> Iterator[str]:
    least, most = wanted.min_replicas, wanted.max_replicas
    if least < 0:
        yield f"min_replicas: {least}; expected 0 or more"
    if most < 1:
        yield f"max_replicas: {most or 'none'}; expected 1 or more"
    elif most < least:
        yield f"max_replicas: {most} is below min_replicas, which is {least}; expected {least} or more"


def _signal_problems(wanted: Wanted) -> Iterator[str]:
    jobs, counted = wanted.jobs_per_replica, wanted.queue or wanted.metric
    if not counted and wanted.cpu_percent is None and not wanted.rate:
        yield "queue: none, and no other signal; expected queue, metric, cpu_percent or requests_per_second"
    elif wanted.min_replicas == 0 and not counted and not wanted.rate:
        yield "min_replicas: 0, but CPU cannot wake what does not run; expected 1 or more, or a queue"
    if counted and jobs is None:
        yield "jobs_per_replica: none; expected how many jobs of the queue one replica is there for"
    if jobs is not None and not counted:
        yield f"jobs_per_replica: {jobs}, but there is no queue; expected queue, or metric for an HPA"
    yield from _range("jobs_per_replica", jobs, 1)
    yield from _range("cpu_percent", wanted.cpu_percent, 1)
    if wanted.queue:
        yield from _range("queue.port", wanted.queue.port, 1, 65535)
    if wanted.rate:
        yield from _range("requests_per_second.per_replica", wanted.rate.per_replica, 1)
        yield from _address_problems(wanted.rate.address)


def _address_problems(address: str) -> Iterator[str]:
    if not address:
        return
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield "requests_per_second.address: no URL; expected one such as http://prometheus.monitoring:9090"
    elif "@" in parts.netloc:
        yield "requests_per_second.address: holds credentials, which anybody could read; expected a URL without"


def _pace_problems(wanted: Wanted) -> Iterator[str]:
    for name, pace in (("up", wanted.up), ("down", wanted.down)):
        yield from _range(f"{name}.pods", pace.pods, 1)
        yield from _range(f"{name}.period", pace.period, 1, _LONGEST_PERIOD)
        yield from _range(f"{name}.stabilization", pace.stabilization, 0, LONGEST_WINDOW)
    yield from _range("longest_job", wanted.longest_job, 0)
    yield from _range("polling_interval", wanted.polling_interval, 1)


def _range(name: str, value: Optional[int], least: int, most: Optional[int] = None) -> Iterator[str]:
    if value is not None and (value < least or (most is not None and value > most)):
        yield f"{name}: {value}; expected {least} {'or more' if most is None else f'to {most}'}"
