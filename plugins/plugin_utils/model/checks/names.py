# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Names, ports and paths that may be there only once."""

from __future__ import annotations

from collections.abc import Iterator

from ..draft import Draft
from ..errors import Problem
from ..stores import LocalStore

_CONTAINERS = ("services", "tasks", "stores")
_SINGULAR = {"services": "service", "tasks": "task", "stores": "store"}
_OF_A_NAME = ("{}-port", "egress-{}", "guard-{}", "metrics-{}")
_OWN = {
    "docker-guard": "the platform's own container of that name",
    "queue-meter": "the meter of the queues that services are scaled by",
    "prometheus": "the platform's own container of that name",
    "alertmanager": "the platform's own container of that name",
    "node-exporter": "the platform's own container of that name",
    "edge": "the platform's own container of that name",
    "log-collector": "the platform's own container of that name",
}
_RESERVED = {
    **_OWN,
    "default": "the group of all images and Compose's own network",
    "default-deny": "the policy that closes a namespace of Kubernetes",
}


def names_are_shared_by_nobody(draft: Draft) -> Iterator[Problem]:
    """Services, tasks and stores are host names and image names in one project."""
    owners: dict[str, str] = {}
    for section in _CONTAINERS:
        for name in sorted(draft.declared[section]):
            if name in owners:
                text = f"there is a {owners[name]} of this name already"
                yield Problem((section, name), text)
            owners.setdefault(name, _SINGULAR[section])


def names_are_free(draft: Draft) -> Iterator[Problem]:
    for section in _CONTAINERS:
        for name in sorted(draft.declared[section]):
            if name in _RESERVED:
                yield Problem((section, name), f"reserved for {_RESERVED[name]}")


def networks_have_names_of_their_own(draft: Draft) -> Iterator[Problem]:
    """A published service `api` has a network `api-port`, and so on."""
    names = draft.names(*_CONTAINERS) | _OWN.keys()
    taken = {pattern.format(name): name for name in sorted(names) for pattern in _OF_A_NAME}
    for section in _CONTAINERS:
        for name in sorted(draft.declared[section]):
            if name in taken:
                text = f"the name is taken by a network or volume of {taken[name]}"
                yield Problem((section, name), text)


def ports_are_published_once(draft: Draft) -> Iterator[Problem]:
    owners: dict[int, str] = {}
    for section, name, port in _published(draft):
        if port in owners:
            at = (section, name, "port") if name else (section, "port")
            yield Problem(at, f"{port} is published by {owners[port]} already")
        owners.setdefault(port, name)


def _published(draft: Draft) -> Iterator[tuple[str, str, int]]:
    """Section, name and port of everything that this machine's other programs can reach; the name may be empty."""
    for name, service in draft.platform.services.items():
        if service.port is not None:
            yield "services", name, service.port
    for name, store in draft.platform.stores.items():
        if isinstance(store, LocalStore):
            yield "stores", name, store.port
    if draft.platform.log_store is not None:
        yield "log_store", "", draft.platform.log_store.port


def routes_are_taken_once(draft: Draft) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for name, service in draft.platform.services.items():
        if service.route is None:
            continue
        path = service.route.path.rstrip("/") or "/"
        if path in owners:
            text = f"{path} leads to {owners[path]} already"
            yield Problem(("services", name, "route", "path"), text)
        owners.setdefault(path, name)


def routes_are_written_as_they_are_matched(draft: Draft) -> Iterator[Problem]:
    """An edge resolves dots and escapes before it looks for the route: such a path would match nothing."""
    for name, service in draft.platform.services.items():
        if service.route is None:
            continue
        path = service.route.path
        if "%" in path or "." in path.split("/"):
            text = (
                f"{path} has an escape or a part . in it, which are gone when it is compared; expected a path without"
            )
            yield Problem(("services", name, "route", "path"), text)


CHECKS = (
    names_are_shared_by_nobody,
    names_are_free,
    networks_have_names_of_their_own,
    ports_are_published_once,
    routes_are_taken_once,
    routes_are_written_as_they_are_matched,
)
