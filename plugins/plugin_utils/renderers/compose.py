# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog as a Compose project: https://github.com/compose-spec/compose-spec"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..model.errors import CatalogError, Problem
from ..model.health import HttpHealth
from ..model.images import TakenImage
from ..model.injection import service_variables
from ..model.platform import Platform
from .compose_containers import Definition, connected, container, health_check, published, waits_for
from .compose_guard import EngineSocket, docker_access, guard_container, guard_volumes
from .compose_networks import memberships, networks
from .compose_stores import store_container
from .compose_tasks import task_container
from .compose_text import finished, overridable
from .edge.service import EDGE_DIR, RunningEdge, secret_files, with_edge
from .log_shipping import collector, shipped
from .monitoring import CONFIG_DIR, DATA_DIR, TEXTFILE_DIR, Watch, with_monitoring
from .names import (
    ALERTMANAGER,
    EDGE,
    GUARD,
    LOG_COLLECTOR,
    METER,
    NODE_EXPORTER,
    PROMETHEUS,
    files_read,
    has_guard,
    is_published,
    local_stores,
)

# Of the files that Prometheus, Alertmanager and the edge were started with.
_CHECKSUM = "bunops.platform.config-checksum"


@dataclass(frozen=True)
class Host:
    """What the project has to know of the machine it runs on; paths are absolute.

    secrets_dir: holds a file per secret, and those derived from them.
    docker_dir: holds seccomp/chrome.json.
    watch: with it, Prometheus, Alertmanager and node exporter run beside the platform.
    edge: with it, Envoy runs in front of the services that have routes.
    """

    secrets_dir: str
    docker_dir: str
    engine: EngineSocket
    watch: Watch | None = None
    edge: RunningEdge | None = None


def compose(platform: Platform, host: Host) -> Definition:
    """The project as plain data, sorted. Raises CatalogError for what Compose cannot do."""
    definition: Definition = finished(project(platform, host))
    return definition


def project(platform: Platform, host: Host) -> dict[str, Any]:
    """The project before its text is escaped. Raises CatalogError for what Compose cannot do."""
    problems = [str(problem) for problem in _refused(platform)]
    if problems:
        raise CatalogError(problems)
    if host.watch:
        platform = with_monitoring(platform, host.watch)
    if host.edge:
        platform = with_edge(platform, host.edge)
    all_networks = networks(platform)
    services = _containers(platform, memberships(all_networks), host)
    return {
        "name": platform.name,
        "services": services,
        "networks": {key: network.definition for key, network in all_networks.items()},
        "volumes": {**{name: {} for name in _volumes(platform, host)}, **guard_volumes(platform)},
        "secrets": _secret_files(services, host.secrets_dir),
    }


def _containers(platform: Platform, of: Mapping[str, Sequence[str]], host: Host) -> dict[str, Definition]:
    """of: the networks of each container that is in any."""
    containers = {name: _service(platform, name, of.get(name, []), host) for name in platform.services}
    if host.watch:
        for name in (PROMETHEUS, ALERTMANAGER):
            containers[name] |= _watching(name, host.watch)
        if NODE_EXPORTER in containers:
            containers[NODE_EXPORTER]["volumes"] = [_files(host.watch.backup_metrics_dir, TEXTFILE_DIR)]
    if host.edge:
        containers[EDGE] |= _leading_in(platform, host.edge)
    for name, store in local_stores(platform).items():
        containers[name] = store_container(platform, name, store, of.get(name, []))
    for name, task in platform.tasks.items():
        containers[name] = task_container(platform, name, task, of[name], host.docker_dir)
    if has_guard(platform):
        containers[GUARD] = guard_container(platform, host.engine)
    if logs := platform.log_store:
        containers = {name: shipped(platform, logs, name, definition) for name, definition in containers.items()}
        containers[LOG_COLLECTOR] = collector(platform, logs, of[LOG_COLLECTOR])
    return containers


def _service(platform: Platform, name: str, network_keys: Sequence[str], host: Host) -> Definition:
    service = platform.services[name]
    guard = [GUARD] if service.starts and has_guard(platform) else []
    awaited = [used for used in service.uses if used in _running(platform)]
    return {
        **container(platform, name, service.image, service.resources, service.logging),
        **connected(network_keys),
        **docker_access(platform, name, host.engine),
        "command": list(service.command) if service.command else None,
        "depends_on": waits_for([*awaited, *guard]),
        "environment": _environment(platform, name, host.edge.https_port if host.edge else None),
        "healthcheck": health_check(service.health, service.port),
        "ports": [published(service.port)] if service.port and is_published(platform, name) else None,
        "secrets": list(files_read(platform, service)) or None,
        "stop_grace_period": service.stop_after.text,
    }


def _watching(name: str, watch: Watch) -> Definition:
    """What these need on top: their files, a place for their data, and a start when the files change."""
    return {
        "labels": {_CHECKSUM: watch.checksum},
        "volumes": [_files(watch.directory, CONFIG_DIR), f"{name}:{DATA_DIR}"],
    }


def _leading_in(platform: Platform, edge: RunningEdge) -> Definition:
    """What the edge needs on top: its file, its certificate and keys, and the port that leads to the other one."""
    return {
        "labels": {_CHECKSUM: edge.checksum},
        "ports": [published(edge.https_port), published(edge.http_port)],
        "secrets": secret_files(platform),
        "volumes": [_files(edge.directory, EDGE_DIR)],
    }


def _files(directory: str, target: str) -> Definition:
    bind = {"type": "bind", "source": directory, "target": target, "read_only": True}
    return {**bind, "bind": {"create_host_path": False}}


def _volumes(platform: Platform, host: Host) -> list[str]:
    return [*local_stores(platform), *((PROMETHEUS, ALERTMANAGER) if host.watch else ())]


def _environment(platform: Platform, name: str, edge_port: int | None) -> dict[str, str]:
    given = service_variables(platform, name, edge_port=edge_port)
    own = platform.services[name].env
    # The meter is nothing of the catalog's, so nobody's .env speaks of it.
    values = own if name == METER else {key: overridable(key, value) for key, value in own.items()}
    return {**{key: variable.value for key, variable in given.items()}, **values}


def _running(platform: Platform) -> set[str]:
    return {*platform.services, *local_stores(platform)}


def _secret_files(services: Mapping[str, Mapping[str, object]], secrets_dir: str) -> Definition:
    named: set[str] = set()
    for service in services.values():
        secrets = service.get("secrets")
        named.update(secrets if isinstance(secrets, list) else ())
    return {name: {"file": f"{secrets_dir}/{name}"} for name in named}


def _refused(platform: Platform) -> Iterator[Problem]:
    text = "Compose asks by Bun inside of the container, and an image that is not built here may have none; "
    for name, service in platform.services.items():
        if isinstance(service.health, HttpHealth) and isinstance(service.image, TakenImage):
            yield Problem(("services", name, "health", "http"), text + "use exec")
    for name, store in local_stores(platform).items():
        if store.kind == "libsql" and isinstance(store.image, TakenImage):
            yield Problem(("stores", name, "image", "ref"), text + "build it from a Dockerfile")
