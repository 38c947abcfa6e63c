# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Who can reach whom: the networks of a Compose project.

A network per provider, without a way out, holds the provider and those that use it, so a
service reaches what it uses and nothing else. Ways in (published ports) and out (egress) are
networks with a single member.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..model.platform import Platform
from ..model.stores import ExternalStore
from .alerts_parts import told_by
from .names import EDGE, LOG_COLLECTOR, NODE_EXPORTER, PROMETHEUS, is_published, local_stores

# Keeps the network's route to the outside from working, while ports can be published.
_NO_WAY_OUT = {"com.docker.network.bridge.enable_ip_masquerade": "false"}


@dataclass(frozen=True)
class Network:
    """definition: as Compose takes it; members: names of containers."""

    definition: Mapping[str, object]
    members: frozenset[str]


def networks(platform: Platform) -> dict[str, Network]:
    """The networks by their key in the Compose project."""
    return {
        **_of_providers(platform),
        **_of_ports(platform),
        **_of_egress(platform),
        **_of_tasks(platform),
        **_of_metrics(platform),
        **_of_logs(platform),
    }


def memberships(all_networks: Mapping[str, Network]) -> dict[str, list[str]]:
    """The keys of each container's networks; a container in none is not listed."""
    found: dict[str, list[str]] = {}
    for key in sorted(all_networks):
        for member in all_networks[key].members:
            found.setdefault(member, []).append(key)
    return found


def task_network(platform: Platform, task: str) -> str:
    """The key of the network that a task's containers are in, alone."""
    return task if platform.tasks[task].egress == "none" else f"egress-{task}"


def _of_providers(platform: Platform) -> dict[str, Network]:
    users: dict[str, set[str]] = {}
    for name, service in platform.services.items():
        for used in service.uses:
            users.setdefault(used, set()).add(name)
    providers = {*platform.services, *local_stores(platform)} & users.keys()
    return {provider: Network({"internal": True}, frozenset({provider, *users[provider]})) for provider in providers}


def _of_ports(platform: Platform) -> dict[str, Network]:
    services = [name for name in platform.services if is_published(platform, name)]
    return {
        f"{name}-port": Network({"driver_opts": _NO_WAY_OUT}, frozenset({name}))
        for name in (*services, *local_stores(platform))
    }


def _of_egress(platform: Platform) -> dict[str, Network]:
    return {
        f"egress-{name}": Network({}, frozenset({name}))
        for name, service in platform.services.items()
        if service.egress == "public" or external_stores_of(platform, name)
    }


def _of_tasks(platform: Platform) -> dict[str, Network]:
    return {
        task_network(platform, name): Network({"internal": True} if task.egress == "none" else {}, frozenset({name}))
        for name, task in platform.tasks.items()
    }


def _of_metrics(platform: Platform) -> dict[str, Network]:
    """Prometheus reaches each service that it asks, and they do not reach each other by it."""
    if PROMETHEUS not in platform.services:
        return {}
    read = [*told_by(platform), *(name for name in (EDGE, NODE_EXPORTER) if name in platform.services)]
    return {f"metrics-{name}": Network({"internal": True}, frozenset({PROMETHEUS, name})) for name in read}


def _of_logs(platform: Platform) -> dict[str, Network]:
    """The engine reaches the collector by a port, and no other container does."""
    return {f"egress-{LOG_COLLECTOR}": Network({}, frozenset({LOG_COLLECTOR}))} if platform.log_store else {}


def external_stores_of(platform: Platform, service: str) -> list[str]:
    """The stores outside of the platform that a service uses."""
    return [used for used in platform.services[service].uses if isinstance(platform.stores.get(used), ExternalStore)]
