# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog as a Tiltfile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ansible.errors import AnsibleFilterError

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: tiltfile
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Render the platform's catalog as a Tiltfile
description:
  - Renders the text of a Tiltfile for the project's folder. The same catalog always gives the same text.
  - With V(docker_compose) it takes the Compose project from C(.bunops/compose.dev.json), as
    P(bunops.platform.compose_develop#filter) renders it; with V(k8s_yaml) it takes the objects from
    C(.bunops/manifests.yml), what P(bunops.platform.manifests#filter) gives with C(develop). It builds by
    C(.bunops/bake.dev.json), what P(bunops.platform.bake#filter) gives with C(develop). Values of secrets are in none
    of them.
  - Services that are built here run the stage C(dev) of their Dockerfile, which has the sources in C(/app) and reloads
    by itself. A new C(bun.lock) gives a new image.
  - C(Tiltfile.local) is loaded when it is there.
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input
options:
  backend:
    description: What runs the platform.
    type: str
    required: true
    choices: [docker_compose, k8s_yaml]
  contexts:
    description: >-
      The contexts of the kubeconfig that may be developed on, at least one for O(backend=k8s_yaml). In any other
      the Tiltfile stops before it touches something.
    type: list
    elements: str
    default: []
  buttons:
    description: >-
      Commands of the shell by name, for everyday tasks. They run in the project's folder when somebody presses their
      button. They stand in the Tiltfile as they are, so they are to read secrets from files.
    type: dict
    default: {}
  sources:
    description: >-
      For O(backend=docker_compose), how edits reach the containers: what P(bunops.platform.compose_develop#filter) was
      told. With V(mount) Tilt itself copies nothing. On a cluster they are synced.
    type: str
    choices: [mount, sync]
    default: mount
  docker_dir:
    description: >-
      For O(backend=k8s_yaml), path of the directory with the Dockerfiles of stores; absolute, or relative to the
      Tiltfile.
    type: path
    default: docker
  registry:
    description: >-
      For O(backend=k8s_yaml), where images are pushed to and the cluster pulls them from, such as
      V(registry.example.com/atlas). Without it the cluster has to run the engine's own images.
    type: str
    default: ""
seealso:
  - plugin: bunops.platform.compose_develop
    plugin_type: filter
  - plugin: bunops.platform.manifests
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Have a Tiltfile for the Compose project
  ansible.builtin.copy:
    dest: "{{ project_dir }}/Tiltfile"
    content: >-
      {{ platform | bunops.platform.tiltfile(backend='docker_compose', buttons={'run-the-tests': 'bun test'}) }}
    mode: "0644"

- name: Have a Tiltfile for a cluster
  ansible.builtin.copy:
    dest: "{{ project_dir }}/Tiltfile"
    content: "{{ platform | bunops.platform.tiltfile(backend='k8s_yaml', contexts=['kind-atlas']) }}"
    mode: "0644"
"""

RETURN = r"""
_value:
  description: The text of the Tiltfile.
  type: str
"""


@catalog_filter
def tiltfile(
    platform: Platform,
    *,
    backend: str,
    contexts: Sequence[str] | None = None,
    buttons: Mapping[str, str] | None = None,
    sources: str = "mount",
    docker_dir: str = "docker",
    registry: str = "",
) -> str:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.tiltfile import render
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.tiltfile.session import (
        Session,
        SessionError,
    )

    session = Session(
        backend=backend,
        sources=sources,
        docker_dir=docker_dir,
        contexts=contexts or (),
        buttons=buttons or {},
        registry=registry,
    )
    try:
        return render.tiltfile(platform, session)
    except SessionError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"tiltfile": tiltfile}
