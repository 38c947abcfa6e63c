# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog as a Compose project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: compose
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Render the platform's catalog as a Compose project
description:
  - Renders services, tasks, stores and the Docker guard as one Compose project, a plain
    dictionary with sorted keys. The same catalog always gives the same project.
  - Containers run without capabilities, on a read-only root, as user 1000, with limits of CPU,
    memory and processes, and reach only what the catalog says they use.
  - The values of a service's C(env) are written as C(${NAME:-value}), so that C(.env) files
    override them. All other text is escaped.
  - With C(log_store) in the catalog, all logs are shipped there by one more container.
  - What the catalog says and Compose does not act on is told by
    P(bunops.platform.compose_notes#filter).
extends_documentation_fragment:
  - bunops.platform.catalog
  - bunops.platform.compose_host
positional: _input
options:
  docker_dir:
    description: >-
      Absolute path of the directory that holds C(seccomp/chrome.json). Without it, C(docker) in
      O(project_dir).
    type: path
  monitoring_dir:
    description: >-
      Absolute path of the directory with O(monitoring_files). With it, Prometheus, Alertmanager and the queue meter run
      beside the platform.
    type: path
  backup_metrics_dir:
    description: >-
      Absolute path of the directory into which backups write their metrics. With it and O(monitoring_dir), where the
      platform has stores, a node exporter tells them to Prometheus; the source V(backups) of
      P(bunops.platform.monitoring#filter) has Prometheus ask.
    type: path
  monitoring_files:
    description: What P(bunops.platform.monitoring#filter) gave; containers start anew when it changes.
    type: dict
  prometheus_port:
    description: Port that Prometheus is published on, on 127.0.0.1.
    type: int
    default: 9090
  alertmanager_port:
    description: Port that Alertmanager is published on, on 127.0.0.1.
    type: int
    default: 9093
  edge_dir:
    description: >-
      Absolute path of the directory with O(edge_files). With it, Envoy runs in front of the services that have routes,
      and their own ports are not published.
    type: path
  edge_files:
    description: What P(bunops.platform.edge#filter) gave; Envoy starts anew when it changes.
    type: dict
  edge_https_port:
    description: Port of the edge that is published on 127.0.0.1.
    type: int
    default: 8443
  edge_http_port:
    description: Port published on 127.0.0.1 that leads to the other one.
    type: int
    default: 8480
seealso:
  - plugin: bunops.platform.compose_notes
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Run the platform
  bunops.platform.compose_project:
    name: "{{ platform.name }}"
    definition: >-
      {{ platform | bunops.platform.compose(project_dir=project_dir, secrets_dir=secrets_dir,
      docker_gid=socket.stat.gid) }}
"""

RETURN = r"""
_value:
  description: The Compose project, with C(name), C(services), C(networks), C(volumes), C(secrets).
  type: dict
"""


@catalog_filter
def compose(
    platform: Platform,
    *,
    project_dir: str,
    secrets_dir: str,
    docker_socket: str = "/var/run/docker.sock",
    docker_gid: int = 0,
    docker_dir: str | None = None,
    monitoring_dir: str | None = None,
    monitoring_files: Mapping[str, object] | None = None,
    backup_metrics_dir: str | None = None,
    prometheus_port: int = 9090,
    alertmanager_port: int = 9093,
    edge_dir: str | None = None,
    edge_files: Mapping[str, object] | None = None,
    edge_https_port: int = 8443,
    edge_http_port: int = 8480,
) -> dict[str, Any]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import (
        compose as renderer,
    )
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose_guard import (
        EngineSocket,
    )
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.edge.service import RunningEdge
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.monitoring import Watch

    ports = (int(prometheus_port), int(alertmanager_port))
    watch = Watch(monitoring_dir, monitoring_files or {}, *ports, backup_metrics_dir or "") if monitoring_dir else None
    entries = (int(edge_https_port), int(edge_http_port))
    edge = RunningEdge(edge_dir, edge_files or {}, *entries) if edge_dir else None
    host = renderer.Host(
        secrets_dir=secrets_dir,
        docker_dir=docker_dir or f"{project_dir}/docker",
        engine=EngineSocket(docker_socket, int(docker_gid)),
        watch=watch,
        edge=edge,
    )
    return renderer.compose(platform, host)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"compose": compose}
