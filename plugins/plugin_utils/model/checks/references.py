# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Names that have to stand for something: uses, starts, secrets, queues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..draft import Draft
from ..errors import Problem, did_you_mean
from ..scaling import Scaling
from ..stores import auth_secret
from .circles import circles


def used_things_exist(draft: Draft) -> Iterator[Problem]:
    providers = draft.names("services", "stores")
    for name, service in draft.platform.services.items():
        at = ("services", name, "uses")
        for used in service.uses:
            if used in providers:
                continue
            if used in draft.names("tasks"):
                yield Problem(at, f"{used} is a task: tasks are started, write it under starts")
            else:
                nearest = did_you_mean(used, providers)
                yield Problem(at, f"{used} is not a service or store{nearest}")


def used_services_listen(draft: Draft) -> Iterator[Problem]:
    services = draft.platform.services
    for name, service in services.items():
        for used in service.uses:
            if used in services and services[used].port is None:
                yield Problem(
                    ("services", name, "uses"),
                    f"{used} has no port to be called at",
                    needs=(("services", used, "port"),),
                )


def started_things_are_tasks(draft: Draft) -> Iterator[Problem]:
    tasks = draft.names("tasks")
    for name, service in draft.platform.services.items():
        for started in service.starts:
            if started not in tasks:
                at = ("services", name, "starts", started)
                yield Problem(at, f"{started} is not a task{did_you_mean(started, tasks)}")


def secrets_are_declared(draft: Draft) -> Iterator[Problem]:
    declared = draft.names("secrets")
    for name, service in draft.platform.services.items():
        for secret in service.secrets:
            if secret not in declared:
                yield Problem(
                    ("services", name, "secrets"),
                    f"{secret} is not declared under {_SECRETS}{did_you_mean(secret, declared)}",
                )


def nothing_is_listed_twice(draft: Draft) -> Iterator[Problem]:
    for name, service in draft.platform.services.items():
        for key, items in (("uses", service.uses), ("secrets", service.secrets)):
            for item, times in Counter(items).items():
                if times > 1:
                    yield Problem(("services", name, key), f"{item} is listed {times} times")


def store_secrets_are_listed(draft: Draft) -> Iterator[Problem]:
    """A store that asks for a password lets nobody in who does not have it."""
    stores = draft.platform.stores
    for name, service in draft.platform.services.items():
        at = ("services", name, "secrets")
        for used in dict.fromkeys(service.uses):
            secret = auth_secret(used, stores[used].kind) if used in stores else ""
            if secret in draft.names("secrets") and secret not in service.secrets:
                yield Problem(
                    at,
                    f"{secret} is missing: {name} uses {used}, which asks for it",
                    needs=(("services", name, "uses"), ("stores", used, "kind")),
                )


def queues_are_in_redis(draft: Draft) -> Iterator[Problem]:
    stores = draft.platform.stores
    for name, service in draft.platform.services.items():
        queue = service.replicas.queue if isinstance(service.replicas, Scaling) else None
        if queue is None:
            continue
        at = ("services", name, "replicas", "queue", "store")
        if queue.store not in draft.names("stores"):
            nearest = did_you_mean(queue.store, draft.names("stores"))
            yield Problem(at, f"{queue.store} is not a store{nearest}")
        elif queue.store in stores and stores[queue.store].kind != "redis":
            text = f"{queue.store} is a {stores[queue.store].kind} store, a queue needs redis"
            yield Problem(at, text, needs=(("stores", queue.store, "kind"),))
        elif queue.store not in service.uses:
            text = f"{name} does not use {queue.store}; add it to uses"
            yield Problem(at, text, needs=(("services", name, "uses"),))


def nobody_waits_for_itself(draft: Draft) -> Iterator[Problem]:
    """Each service waits until what it uses is healthy, so a circle would never start."""
    services = draft.platform.services
    graph = {
        name: [used for used in dict.fromkeys(service.uses) if used in services] for name, service in services.items()
    }
    for circle in circles(graph):
        text = f"{' → '.join(circle)} is a circle: each would wait for the next one's health"
        yield Problem(("services", circle[0], "uses"), text)


_SECRETS = "platform.secrets"

CHECKS = (
    used_things_exist,
    used_services_listen,
    started_things_are_tasks,
    secrets_are_declared,
    nothing_is_listed_twice,
    store_secrets_are_listed,
    queues_are_in_redis,
    nobody_waits_for_itself,
)
