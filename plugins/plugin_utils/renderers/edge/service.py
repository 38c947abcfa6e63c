# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Envoy as one more service of the platform under Compose, and its file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ....module_utils.secrets.certificate import CERTIFICATE
from ....module_utils.secrets.derived import KEY_SET
from ...model.clerk import JWT_KEY
from ...model.errors import CatalogError, Problem
from ...model.injection import SECRETS_DIR
from ...model.limits import MEBIBYTE
from ...model.platform import Platform
from ...model.services import Service
from ..config_files import checksum_of
from ..names import EDGE, SCRATCH, TLS_SECRET, is_published, local_stores
from .entrance import entrance, token_services
from .envoy import EnvoyPlace, envoy

# In the container: the folder with the file.
EDGE_DIR = "/etc/envoy"
_FILE = "envoy.json"
_ADMIN_SOCKET = f"{SCRATCH}/envoy.sock"
# Beside Envoy's own memory is that of what starts and ends it.
_RESOURCES = {"cpu": 1, "memory": "384Mi", "pids": 64}
_HEAP = 256 * MEBIBYTE
# Where Prometheus reads it, if one watches the platform.
METRICS_PORT = 9464


@dataclass(frozen=True)
class RunningEdge:
    """Envoy in front of the platform.

    directory: absolute; holds the files. files: what `edge_files` gave.
    """

    directory: str
    files: Mapping[str, object]
    https_port: int = 8443
    http_port: int = 8480

    @property
    def checksum(self) -> str:
        return checksum_of(self.files)


def edge_files(
    platform: Platform,
    https_port: int = 8443,
    http_port: int = 8480,
    empty_secrets: Collection[str] = (),
    *,
    metrics: bool = False,
) -> dict[str, dict[str, Any]]:
    """Content of each file by its name. Raises CatalogError if nothing leads in.

    empty_secrets: those without a value, as optional ones may be. metrics: whether Prometheus reads what it tells.
    """
    place = EnvoyPlace(
        https_port=https_port,
        http_port=http_port,
        certificate_file=f"{SECRETS_DIR}/{TLS_SECRET}{CERTIFICATE}",
        key_file=f"{SECRETS_DIR}/{TLS_SECRET}",
        admin_socket=_ADMIN_SOCKET,
        heap_bytes=_HEAP,
        key_set_file=f"{SECRETS_DIR}/{JWT_KEY}{KEY_SET}",
        metrics_port=METRICS_PORT if metrics else None,
    )
    return {_FILE: envoy(entrance(platform, empty_secrets), place)}


def secret_files(platform: Platform) -> list[str]:
    """What it reads in its folder of secrets."""
    own = [TLS_SECRET, TLS_SECRET + CERTIFICATE]
    return [*own, JWT_KEY + KEY_SET] if token_services(entrance(platform)) else own


def with_edge(platform: Platform, edge: RunningEdge) -> Platform:
    """The platform with Envoy. As a service it gets limits, health and networks.

    Raises CatalogError if a port of its own is taken.
    """
    led_to = [route.service for route in entrance(platform).routes]
    service = Service.model_validate(
        {
            # Where it is built from, bake.py says.
            "image": {"dockerfile": "envoy.Dockerfile", "context": "."},
            "port": edge.https_port,
            "uses": led_to,
            "command": ["bun", "/app/run.ts", f"{EDGE_DIR}/{_FILE}", _ADMIN_SOCKET],
            "health": {"exec": ["bun", "/app/run.ts", "health", _ADMIN_SOCKET]},
            "resources": _RESOURCES,
        }
    )
    led = platform.model_copy(update={"services": MappingProxyType({**platform.services, EDGE: service})})
    problems = [str(problem) for problem in _taken(led, edge)]
    if problems:
        raise CatalogError(problems)
    return led


def _taken(platform: Platform, edge: RunningEdge) -> Iterator[Problem]:
    ports = {
        **{("services", name): platform.services[name].port for name in platform.services if name != EDGE},
        **{("stores", name): store.port for name, store in local_stores(platform).items()},
    }
    for (section, name), port in ports.items():
        published = section == "stores" or is_published(platform, name)
        if published and port in (edge.https_port, edge.http_port):
            text = f"{port} is published by the edge already; give one of the two another port"
            yield Problem((section, name, "port"), text)
