# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog as a Compose project to develop on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ansible.errors import AnsibleFilterError

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: compose_develop
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Render the platform's catalog as a Compose project to develop on
description:
  - Renders the project of P(bunops.platform.compose#filter) with another image for each service that is built here,
    that of the stage C(dev) of its Dockerfile. It has the build context in C(/app), and its program reloads by itself
    when a file there changes.
  - What the catalog names in C(image.watch) is mounted there, or copied by C(docker compose watch), which also builds
    the image of a task when what it watches changes.
  - Rights, networks, health and secrets stay as they are, and so do limits, but for that of CPU, which would draw out
    each reload.
extends_documentation_fragment:
  - bunops.platform.catalog
  - bunops.platform.compose_host
  - bunops.platform.build_host
positional: _input
options:
  sources:
    description:
      - With V(mount), folders are mounted read-only, and an edit is there at once. The engine has to run on this very
        machine. Services that watch V(.), all of their build context, are synced anyway.
      - With V(sync), C(docker compose watch) copies what is edited, about half a second later, and the root of these
        containers can be written to.
    type: str
    choices: [mount, sync]
    default: mount
  docker_dir:
    description: >-
      Absolute path of the directory with C(seccomp/chrome.json) and the Dockerfiles of stores and guard. Without it,
      C(docker) in O(project_dir).
    type: path
seealso:
  - plugin: bunops.platform.compose
    plugin_type: filter
  - plugin: bunops.platform.tiltfile
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Build the images to develop on
  bunops.platform.image_set:
    definition: "{{ platform | bunops.platform.bake(project_dir=project_dir, develop=true) }}"

- name: Run the platform on the sources
  bunops.platform.compose_project:
    definition: >-
      {{ platform | bunops.platform.compose_develop(project_dir=project_dir, secrets_dir=secrets_dir) }}
"""

RETURN = r"""
_value:
  description: The Compose project, with C(name), C(services), C(networks), C(volumes), C(secrets).
  type: dict
"""


@catalog_filter
def compose_develop(
    platform: Platform,
    *,
    project_dir: str,
    secrets_dir: str,
    sources: str = "mount",
    docker_socket: str = "/var/run/docker.sock",
    docker_gid: int = 0,
    docker_dir: str | None = None,
    bases: Mapping[str, str] | None = None,
    ca_file: str | None = None,
    npmrc: str | None = None,
) -> dict[str, Any]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import compose_develop as renderer
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.bake import BuildHost
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose import Host
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose_guard import EngineSocket
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.sources import SOURCES

    if sources not in SOURCES:
        raise AnsibleFilterError(f"sources: {sources!r}, expected one of {', '.join(SOURCES)}")
    folder = docker_dir or f"{project_dir}/docker"
    host = Host(secrets_dir=secrets_dir, docker_dir=folder, engine=EngineSocket(docker_socket, int(docker_gid)))
    build = BuildHost(project_dir=project_dir, docker_dir=folder, bases=bases or {}, ca_file=ca_file, npmrc=npmrc)
    return renderer.compose_develop(platform, host, build, sources)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"compose_develop": compose_develop}
