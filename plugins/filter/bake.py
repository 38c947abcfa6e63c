# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog's images as a bake definition."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: bake
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Render the platform's images as a bake definition
description:
  - Renders one target per image that the catalog builds, and the group C(default) of all of them,
    for C(docker buildx bake) or the module M(bunops.platform.image_set).
  - Stores without an image of their own, the Docker guard and the queue meter are built from the
    collection's own Dockerfiles.
extends_documentation_fragment:
  - bunops.platform.catalog
  - bunops.platform.build_host
positional: _input
options:
  project_dir:
    description: Absolute path that the catalog's paths are relative to.
    type: path
    required: true
  tag:
    description: >-
      Tag of the images in the catalog's C(registry), to be pushed there. Without it they are tagged for this machine,
      as C(atlas/api:local). With it, the queue meter is built, too, if a queue scales something; only
      clusters run it.
    type: str
  develop:
    description: >-
      Whether the images of services are built from the stage C(dev) of their Dockerfile, and tagged like
      C(atlas/api:dev).
    type: bool
    default: false
  monitoring:
    description: >-
      Whether the images of Prometheus, Alertmanager, node exporter and the queue meter are built, too, to run on this
      machine.
    type: bool
    default: false
  edge:
    description: Whether the image of Envoy is built, too, to run on this machine.
    type: bool
    default: false
  docker_dir:
    description: >-
      Absolute path of the directory with the Dockerfiles of stores, guard and queue meter. Without it,
      C(docker) in O(project_dir).
    type: path
"""

EXAMPLES = r"""
- name: Build the images
  bunops.platform.image_set:
    definition: "{{ platform | bunops.platform.bake(project_dir=project_dir) }}"

- name: Build them where no image registry can be reached
  bunops.platform.image_set:
    definition: >-
      {{ platform | bunops.platform.bake(project_dir=project_dir,
      bases={'oven/bun:1.4.5-slim': 'bunops/bases/bun:1.4.5'}) }}
"""

RETURN = r"""
_value:
  description: The bake definition, with C(group) and C(target).
  type: dict
"""


@catalog_filter
def bake(
    platform: Platform,
    *,
    project_dir: str,
    bases: Mapping[str, str] | None = None,
    ca_file: str | None = None,
    npmrc: str | None = None,
    docker_dir: str | None = None,
    tag: str | None = None,
    develop: bool = False,
    monitoring: bool = False,
    edge: bool = False,
) -> dict[str, Any]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import (
        bake as renderer,
    )

    host = renderer.BuildHost(
        project_dir=project_dir,
        docker_dir=docker_dir or f"{project_dir}/docker",
        bases=bases or {},
        ca_file=ca_file,
        npmrc=npmrc,
    )
    return renderer.bake(platform, host, tag, develop=develop, monitoring=monitoring, edge=edge)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"bake": bake}
