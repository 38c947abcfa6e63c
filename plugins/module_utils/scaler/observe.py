# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One look at a target, at all that scales it, and at who measures what."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.parallel import for_each
from ansible_collections.bunops.platform.plugins.module_utils.scaler import meter
from ansible_collections.bunops.platform.plugins.module_utils.scaler.backend import choose
from ansible_collections.bunops.platform.plugins.module_utils.scaler.objects import AUTOSCALER, HPA, SCALED_OBJECT
from ansible_collections.bunops.platform.plugins.module_utils.scaler.spec import Wanted
from ansible_collections.bunops.platform.plugins.module_utils.scaler.state import (
    Measured,
    Observed,
    Serving,
    gives_cpu_request,
)

Json = Dict[str, Any]

_AT_ONCE = 8
_SERVICES = ("apiregistration.k8s.io/v1", "APIService")


class Clients(NamedTuple):
    """api: for the API server's own objects. measuring: gives up soon, for what stands behind it."""

    api: Client
    measuring: Client


def observe(clients: Clients, wanted: Wanted) -> Observed:
    """Everything that the preflight and the plan need. Raises ClusterError."""
    client, space = clients.api, wanted.namespace
    # Before the threads: all of them need it.
    discovery = client.discovery()
    scaled = discovery.serves(*SCALED_OBJECT)
    looks: Dict[str, Callable[[], Any]] = {
        "target": lambda: client.get("apps/v1", wanted.kind, space, wanted.target),
        "scaled_objects": lambda: list(client.list(*SCALED_OBJECT, space)) if scaled else [],
        "autoscalers": lambda: list(client.list(*AUTOSCALER, space)),
        "external": lambda: _serving(client, "v1beta1.external.metrics.k8s.io"),
        "resource": lambda: _serving(client, "v1beta1.metrics.k8s.io"),
        "cpu_by_default": lambda: _has_cpu_default(client, space) if wanted.cpu_percent else False,
        "depth": lambda: meter.ask(clients.measuring, space, wanted.queue) if wanted.queue else None,
    }
    found: Dict[str, Any] = dict(zip(looks, for_each(list(looks.values()), lambda look: look(), _AT_ONCE)))
    found["depth"], found["depth_problem"] = meter.parts(found["depth"])
    observed = Observed(discovery, **found)
    if choose(wanted, observed).backend == HPA:
        observed = observed._replace(metric=_measured(clients.measuring, wanted))
    return observed


def observe_own(client: Client, wanted: Wanted) -> Observed:
    """What a removal needs. Raises ClusterError."""
    discovery, space = client.discovery(), wanted.namespace
    scaled = discovery.serves(*SCALED_OBJECT)
    looks: List[Callable[[], Any]] = [
        lambda: client.get("apps/v1", wanted.kind, space, wanted.target),
        lambda: list(client.list(*SCALED_OBJECT, space)) if scaled else [],
        lambda: list(client.list(*AUTOSCALER, space)),
    ]
    return Observed(discovery, *for_each(looks, lambda look: look(), _AT_ONCE))


def _measured(client: Client, wanted: Wanted) -> Measured:
    """The jobs that the HPA will see; the rate is asked for, too, but only whether it is there."""
    rate = wanted.rate.metric if wanted.rate else None
    of_rate = meter.measure(client, wanted.namespace, rate, "requests_per_second.metric") if rate else Measured()
    if not wanted.metric:
        return Measured(None, of_rate.problem)
    of_queue = meter.measure(client, wanted.namespace, wanted.metric, "metric")
    both = "\n".join(filter(None, (of_queue.problem, of_rate.problem)))
    return Measured(of_queue.value, both)


def _serving(client: Client, name: str) -> Serving:
    """Who serves a group; the discovery says it less well: it does not know of what is not available."""
    try:
        service = client.get(*_SERVICES, None, name)
    except ApiError as error:
        if error.status != 403:
            raise
        return Serving(known=False)
    return serving(service)


def serving(service: Optional[Json]) -> Serving:
    """What an APIService says. Pure."""
    if service is None:
        return Serving()
    reference = (service.get("spec") or {}).get("service")
    by = f"{reference.get('namespace')}/{reference.get('name')}" if reference else "the API server itself"
    states = {item.get("type"): item for item in (service.get("status") or {}).get("conditions") or []}
    available = states.get("Available") or {}
    if available.get("status") == "True":
        return Serving(by)
    return Serving(by, str(available.get("message") or "it does not say why"))


def _has_cpu_default(client: Client, namespace: str) -> bool:
    return any(gives_cpu_request(item) for item in client.list("v1", "LimitRange", namespace))
