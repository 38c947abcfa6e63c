# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The parts of the platform as resources of Tilt: their order, groups, links and ports, and the buttons."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...model.platform import Platform
from ..endpoints import Endpoint, endpoints
from ..manifests.tasks import runs_tasks
from ..names import GUARD, has_guard, local_stores
from .images import IGNORED, sources_of, task_command
from .session import COMPOSE, KUBERNETES, Session
from .starlark import Code, call

_MANUAL = Code("TRIGGER_MODE_MANUAL")


def compose_resources(platform: Platform) -> Iterator[Code]:
    for endpoint in endpoints(platform):
        name = endpoint["service"]
        yield call(
            "dc_resource",
            name,
            resource_deps=awaited(platform, name, COMPOSE) or None,
            labels=[_group(platform, name)],
            links=_links(endpoint, with_url=True) or None,
            infer_links=False,
        )
    if has_guard(platform):
        yield call("dc_resource", GUARD, labels=["platform"], infer_links=False)
    for name, task in platform.tasks.items():
        sources = sources_of(task.image)
        yield call(
            "local_resource",
            name,
            task_command(name, task.image),
            deps=sources or None,
            ignore=IGNORED if sources else None,
            labels=["tasks"],
        )


def cluster_resources(platform: Platform) -> Iterator[Code]:
    for endpoint in endpoints(platform):
        name = endpoint["service"]
        port = _port(platform, name)
        yield call(
            "k8s_resource",
            name,
            port_forwards=[call("port_forward", port, port, host="127.0.0.1")] if port else None,
            resource_deps=awaited(platform, name, KUBERNETES) or None,
            labels=[_group(platform, name)],
            links=_links(endpoint, with_url=False) or None,
        )
    for name in platform.tasks if runs_tasks(platform) else ():
        # A template for Jobs that never runs by itself: there are no pods to wait for.
        yield call("k8s_resource", name, pod_readiness="ignore", labels=["tasks"])


def buttons(session: Session) -> Iterator[Code]:
    for name, command in session.buttons.items():
        yield call(
            "local_resource",
            name,
            command,
            auto_init=False,
            trigger_mode=_MANUAL,
            allow_parallel=True,
            labels=["buttons"],
        )


def awaited(platform: Platform, name: str, backend: str) -> list[str]:
    """What has to be healthy before: what a service uses and runs here, and what it starts tasks with."""
    service = platform.services.get(name)
    if service is None:
        return []
    running = {*platform.services, *local_stores(platform)}
    names = [used for used in service.uses if used in running]
    if backend == COMPOSE:
        names += [GUARD] if service.starts and has_guard(platform) else []
        names += service.starts
    return names


def _group(platform: Platform, name: str) -> str:
    return "services" if name in platform.services else "stores"


def _port(platform: Platform, name: str) -> int | None:
    return platform.services[name].port if name in platform.services else local_stores(platform)[name].port


def _links(endpoint: Endpoint, *, with_url: bool) -> list[Any]:
    urls = {endpoint["service"]: endpoint["url"] if with_url else None, "health": endpoint["health"]}
    return [call("link", url, name) for name, url in urls.items() if url]
