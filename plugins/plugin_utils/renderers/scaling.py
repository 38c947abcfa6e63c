# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which services have their number of replicas chosen for them, and by which queues."""

from __future__ import annotations

from types import MappingProxyType

from ..model.platform import Platform
from ..model.scaling import Queue, Scaling


def ranges(platform: Platform) -> dict[str, Scaling]:
    """The services with a range that leaves a choice, by name."""
    found = {name: service.replicas for name, service in platform.services.items()}
    return {
        name: replicas
        for name, replicas in found.items()
        if isinstance(replicas, Scaling) and replicas.min < replicas.max
    }


def scaling_queues(platform: Platform) -> list[Queue]:
    """The queues that something is scaled by, each once, sorted."""
    queues = {
        (scaling.queue.store, scaling.queue.name): scaling.queue
        for scaling in ranges(platform).values()
        if scaling.queue
    }
    return [queues[key] for key in sorted(queues)]


def unscaled(platform: Platform) -> Platform:
    """The platform with one of each service: while it is developed, nothing scales it or has to be measured."""
    services = {name: service.model_copy(update={"replicas": 1}) for name, service in platform.services.items()}
    return platform.model_copy(update={"services": MappingProxyType(services)})
