# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Numbers, times and choices that only make sense together."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ..clerk import JWT_KEY, needs_sessions
from ..draft import Draft
from ..errors import Path, Problem, words
from ..health import HttpHealth
from ..limits import MEBIBYTE
from ..objectives import Objectives
from ..scaling import Scaling
from ..stores import SCHEMES, ExternalStore

# Chromium's own processes alone take some 200 MiB; /dev/shm and /tmp count as memory too.
_BROWSER_MEMORY = 512 * MEBIBYTE
_OBJECTIVES = Objectives()


def http_needs_a_port(draft: Draft) -> Iterator[Problem]:
    for name, service in draft.platform.services.items():
        if service.port is not None:
            continue
        needs: tuple[Path, ...] = (("services", name, "port"),)
        if isinstance(service.health, HttpHealth):
            text = f"needs a port to ask at; give {name} a port, or use exec"
            yield Problem(("services", name, "health", "http"), text, needs)
        if service.headless:
            text = f"needs a port to be reached at; give {name} a port"
            yield Problem(("services", name, "headless"), text, needs)
        if service.route is not None:
            text = f"needs a port to lead to; give {name} a port"
            yield Problem(("services", name, "route"), text, needs)
        if isinstance(service.replicas, Scaling) and service.replicas.requests_per_second:
            text = f"{name} has no port, so it gets no requests"
            at = ("services", name, "replicas", "requests_per_second")
            yield Problem(at, text, needs)


def objectives_can_be_measured(draft: Draft) -> Iterator[Problem]:
    for name, service in draft.platform.services.items():
        at: Path = ("services", name)
        # Those that are as they would be anyway are no wish: the normalised catalog has them all.
        given = {key for key, value in service.objectives if value != getattr(_OBJECTIVES, key)}
        if service.metrics is not None and service.metrics.port == service.port:
            text = f"{service.metrics.port} is the port of its requests; expected one that clients do not reach"
            yield Problem((*at, "metrics", "port"), text, needs=((*at, "port"),))
        for key in ("availability", "latency"):
            if key in given and (service.metrics is None or service.port is None):
                text = f"nothing tells how {name} answers; give it metrics and a port"
                yield Problem((*at, "objectives", key), text, needs=((*at, "metrics"), (*at, "port")))
        if "oldest_job" in given and not (isinstance(service.replicas, Scaling) and service.replicas.queue):
            text = f"no queue scales {name}; write one under replicas.queue"
            yield Problem((*at, "objectives", "oldest_job"), text, needs=((*at, "replicas"),))


def sessions_have_an_origin(draft: Draft) -> Iterator[Problem]:
    for name, service in draft.platform.services.items():
        if service.route is not None and service.route.auth == "clerk" and draft.platform.edge is None:
            text = "clerk needs edge.host: sessions are good under that name only"
            yield Problem(("services", name, "route", "auth"), text, needs=(("edge",),))


def sessions_can_be_verified(draft: Draft) -> Iterator[Problem]:
    for name, service in draft.platform.services.items():
        if needs_sessions(service) and JWT_KEY not in service.secrets:
            text = f"clerk needs {JWT_KEY} among the secrets of {name}: by it tokens are verified"
            yield Problem(("services", name, "route", "auth"), text, needs=(("services", name, "secrets"),))


def ranges_of_replicas_make_sense(draft: Draft) -> Iterator[Problem]:
    for name, service in draft.platform.services.items():
        scaling = service.replicas
        if not isinstance(scaling, Scaling):
            continue
        at: Path = ("services", name, "replicas")
        signals = (scaling.cpu_percent, scaling.requests_per_second, scaling.queue)
        if scaling.min > scaling.max:
            text = f"{scaling.min} is more than max, {scaling.max}"
            yield Problem((*at, "min"), text, needs=((*at, "max"),))
        if scaling.min == 0 and scaling.queue is None:
            text = "0 needs a queue: nothing else wakes a service that does not run"
            yield Problem((*at, "min"), text, needs=((*at, "queue"),))
        if scaling.min < scaling.max and not any(signals):
            text = "nothing chooses between min and max; give cpu_percent, requests_per_second "
            keys = ("cpu_percent", "requests_per_second", "queue", "min", "max")
            yield Problem(at, text + "or queue", needs=tuple((*at, key) for key in keys))


def queues_have_names_of_bullmq(draft: Draft) -> Iterator[Problem]:
    for name, service in draft.platform.services.items():
        queue = service.replicas.queue if isinstance(service.replicas, Scaling) else None
        if queue and ":" in queue.name:
            text = f"{queue.name} has a colon, which stands between the parts of BullMQ's keys; expected a name without"
            yield Problem(("services", name, "replicas", "queue", "name"), text)


def browsers_have_room(draft: Draft) -> Iterator[Problem]:
    for name, task in draft.platform.tasks.items():
        memory = task.resources.memory
        if task.browser != "none" and memory.bytes < _BROWSER_MEMORY:
            yield Problem(
                ("tasks", name, "resources", "memory"),
                f"{memory.text} is too little for a browser, at least 512Mi",
                needs=(("tasks", name, "browser"),),
            )


def tasks_may_end(draft: Draft) -> Iterator[Problem]:
    """A service that is stopped waits for the tasks that it started."""
    platform = draft.platform
    for name, service in platform.services.items():
        for started in service.starts:
            task = platform.tasks.get(started)
            if task and service.stop_after < task.timeout:
                text = f"{service.stop_after.text} is shorter than the timeout of {started}, "
                at = ("services", name, "stop_after")
                needs: tuple[Path, ...] = (("tasks", started, "timeout"),)
                yield Problem(at, text + task.timeout.text, needs)


def docker_is_there_for_somebody(draft: Draft) -> Iterator[Problem]:
    platform = draft.platform
    if platform.docker == "socket" and not any(s.starts for s in platform.services.values()):
        text = "socket gives Docker's rights away, but no service starts a task; leave it out"
        yield Problem(("docker",), text, needs=(("services",),))


def addresses_fit_their_kind(draft: Draft) -> Iterator[Problem]:
    for name, store in draft.platform.stores.items():
        if isinstance(store, ExternalStore):
            scheme, known = urlsplit(store.external).scheme, SCHEMES[store.kind]
            if scheme not in known:
                text = f"{scheme}:// is not how {store.kind} is reached, {words(known, 'or')}"
                at = ("stores", name, "external")
                yield Problem(at, text, needs=(("stores", name, "kind"),))


CHECKS = (
    http_needs_a_port,
    objectives_can_be_measured,
    sessions_have_an_origin,
    sessions_can_be_verified,
    ranges_of_replicas_make_sense,
    queues_have_names_of_bullmq,
    browsers_have_room,
    tasks_may_end,
    docker_is_there_for_somebody,
    addresses_fit_their_kind,
)
