# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What queue_scaler has to do for each service: its options, without anything that only a catalog would explain."""

from __future__ import annotations

from dataclasses import dataclass
from string import Template
from typing import Any, Literal

from ..model.platform import Platform
from ..model.scaling import Queue, Scaling
from .meter import METER_PORT
from .names import METER
from .scaling import ranges

Options = dict[str, Any]

# Of the pods of one Deployment: in their names, two words follow its own. The time is enough for Prometheus' default of
# one look a minute.
REQUESTS_QUERY = 'sum(rate(http_requests_total{namespace="$namespace",pod=~"$service-[^-]+-[^-]+"}[2m]))'
# CPU and requests go up and down all the time. It is what an HPA waits, too:
# https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#stabilization-window
_CALM_SECONDS = 300


@dataclass(frozen=True)
class Autoscaling:
    """What the cluster scales with.

    backend: `none` leaves the numbers to somebody else.
    prometheus_url: of the Prometheus that KEDA asks for requests; empty if there is none.
    requests_query: gives a service's requests per second; $namespace and $service stand for those.
    """

    backend: Literal["auto", "keda", "hpa", "none"] = "auto"
    prometheus_url: str = ""
    requests_query: str = REQUESTS_QUERY

    @property
    def knows_requests(self) -> bool:
        """Whether requests per second can be acted upon: an HPA asks no Prometheus."""
        return bool(self.prometheus_url) and self.backend != "hpa"


def scalers(platform: Platform, namespace: str, autoscaling: Autoscaling) -> list[Options]:
    """One entry a service, in their order; `state: absent` for those that nothing scales (any more)."""
    scaled = scaled_services(platform, autoscaling)
    return [
        {"target": {"kind": "Deployment", "name": name}, "state": "present" if name in scaled else "absent"}
        | (_present(platform, name, scaled[name], namespace, autoscaling) if name in scaled else {})
        for name in platform.services
    ]


def scaled_services(platform: Platform, autoscaling: Autoscaling) -> dict[str, Scaling]:
    """The services with a range in which something chooses, by name."""
    if autoscaling.backend == "none":
        return {}
    return {
        name: scaling
        for name, scaling in ranges(platform).items()
        if scaling.queue or scaling.cpu_percent or (scaling.requests_per_second and autoscaling.knows_requests)
    }


def _present(platform: Platform, name: str, scaling: Scaling, namespace: str, autoscaling: Autoscaling) -> Options:
    options: Options = {"min_replicas": scaling.min, "max_replicas": scaling.max}
    if scaling.cpu_percent:
        options["cpu_percent"] = scaling.cpu_percent
    if scaling.requests_per_second and autoscaling.knows_requests:
        query = Template(autoscaling.requests_query).safe_substitute(namespace=namespace, service=name)
        options["requests_per_second"] = {
            "per_replica": scaling.requests_per_second,
            "address": autoscaling.prometheus_url,
            "query": query,
        }
    if scaling.queue is None:
        return {**options, "down": {"stabilization": _CALM_SECONDS}}
    return {**options, **_of_queue(scaling.queue), "longest_job": platform.services[name].stop_after.seconds}


def _of_queue(queue: Queue) -> Options:
    """For KEDA, which asks the meter, and for an HPA, which gets the same number by an adapter from a Prometheus."""
    return {
        "queue": {
            "store": queue.store,
            "name": queue.name,
            "service": METER,
            "port": METER_PORT,
            # On a new platform nobody has used it yet.
            "must_exist": False,
        },
        "metric": {"name": "queue_demand", "selector": {"store": queue.store, "queue": queue.name}},
        "jobs_per_replica": queue.jobs_per_replica,
    }
