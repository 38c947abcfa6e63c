# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The environment that the platform gives to programs, next to the catalog's own `env`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .clerk import signs_in
from .edge import is_loopback
from .stores import ExternalStore, LocalStore, Store, env_prefix

if TYPE_CHECKING:
    from .platform import Platform

SECRETS_DIR = "/run/secrets"
GUARD_SOCKET = "unix:///run/docker-guard/docker.sock"
DOCKER_SOCKET = "unix:///var/run/docker.sock"


@dataclass(frozen=True)
class Variable:
    """value: as the program reads it; source: where it comes from, for people."""

    value: str
    source: str


def service_variables(
    platform: Platform, name: str, tasks_namespace: str | None = None, edge_port: int | None = None
) -> dict[str, Variable]:
    """What the service `name` gets. Names that stand for nothing in the catalog are left out.

    tasks_namespace: where Kubernetes runs tasks; None for Compose. edge_port: of the edge that runs under Compose.
    """
    service = platform.services[name]
    variables = {
        "NODE_ENV": Variable("production", "platform"),
        "PLATFORM_NAME": Variable(platform.name, "name"),
    }
    if service.port is not None:
        variables["PORT"] = Variable(str(service.port), "port")
    if service.metrics is not None:
        variables["METRICS_PORT"] = Variable(str(service.metrics.port), "metrics")
    for used in service.uses:
        url = url_of(platform, used)
        if url:
            variables[f"{env_prefix(used)}_URL"] = Variable(url, f"uses {used}")
    for secret in service.secrets:
        variables[f"{secret}_FILE"] = Variable(f"{SECRETS_DIR}/{secret}", f"secret {secret}")
    return (
        variables | _access_variables(platform, name, edge_port) | _starting_variables(platform, name, tasks_namespace)
    )


def tasks_namespace_of(namespace: str) -> str:
    """Where the tasks of a platform run: they are not among its services."""
    return f"{namespace}-tasks"


def task_variables(platform: Platform, name: str) -> dict[str, Variable]:
    """What each container of the task `name` gets."""
    task = platform.tasks[name]
    egress = task.egress if isinstance(task.egress, str) else ",".join(task.egress)
    return {
        "NODE_ENV": Variable("production", "platform"),
        "EGRESS": Variable(egress, "egress"),
        "TIMEOUT_SECONDS": Variable(str(task.timeout.seconds), "timeout"),
    }


def url_of(platform: Platform, name: str) -> str:
    """Where a service or store is reached inside of the platform; empty if it cannot be."""
    if name in platform.stores:
        return _store_url(name, platform.stores[name])
    service = platform.services.get(name)
    return f"http://{name}:{service.port}" if service and service.port else ""


def _store_url(name: str, store: Store) -> str:
    if isinstance(store, ExternalStore):
        return store.external
    return f"{url_scheme(store)}://{name}:{store.port}"


def url_scheme(store: LocalStore) -> str:
    """How its clients write its address."""
    return "redis" if store.kind == "redis" else "http"


def https_origin(host: str, port: int = 443) -> str:
    """What a browser shows of an address: `https://localhost:8443`."""
    name = f"[{host}]" if ":" in host else host.lower()
    return f"https://{name}" if port == 443 else f"https://{name}:{port}"


def _access_variables(platform: Platform, name: str, edge_port: int | None) -> dict[str, Variable]:
    """Who may come in by its route. Where nobody else can come, a service may do without Clerk's keys."""
    service = platform.services[name]
    if service.route is None:
        return {}
    if service.route.auth == "none" or platform.edge is None:
        return {"AUTH": Variable(service.route.auth, "route.auth")}
    host, source = platform.edge.host, "route.auth, edge.host"
    here = is_loopback(host)
    # Where the edge runs, there is no other way in.
    published = here and edge_port is None
    # Tokens of the page of one service may be sent to another one.
    others = [each.port for each in platform.services.values() if signs_in(each) and each is not service]
    ports = [service.port, *others] if published else []
    origins = [f"http://{name}:{port}" for port in ports for name in ("localhost", "127.0.0.1")]
    return {
        "AUTH": Variable("clerk-or-test" if here else "clerk", source),
        "CLERK_AUTHORIZED_PARTIES": Variable(",".join([*origins, https_origin(host, edge_port or 443)]), source),
    }


def _starting_variables(platform: Platform, name: str, tasks_namespace: str | None) -> dict[str, Variable]:
    starts = platform.services[name].starts
    if not starts:
        return {}
    variables = _runner_variables(platform.docker, tasks_namespace)
    for task, start in starts.items():
        source, prefix = f"starts {task}", env_prefix(task)
        variables[f"{prefix}_AT_ONCE"] = Variable(str(start.at_once), source)
        if task in platform.tasks:
            seconds = str(platform.tasks[task].timeout.seconds)
            variables[f"{prefix}_TIMEOUT_SECONDS"] = Variable(seconds, source)
    return variables


def _runner_variables(docker: Literal["guard", "socket"], tasks_namespace: str | None) -> dict[str, Variable]:
    source = f"docker: {docker}"
    if docker == "socket":
        return {"DOCKER_HOST": Variable(DOCKER_SOCKET, source)}
    if tasks_namespace is None:
        return {"DOCKER_HOST": Variable(GUARD_SOCKET, source)}
    return {
        "TASK_RUNNER": Variable("kubernetes", source),
        "TASKS_NAMESPACE": Variable(tasks_namespace, "namespace"),
    }
