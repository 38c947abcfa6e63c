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
  - With V(docker_compose) it takes the Compose project from C(.bunops/compose.json), with V(k8s_yaml) the objects from
    C(.bunops/manifests.yml). Values of secrets are in none of them.
  - Services that are built here run the stage C(dev) of their Dockerfile, which has the sources in C(/app). What is
    edited is synced into them; those without a port are restarted, or get a new image on a cluster.
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
  docker_dir:
    description: >-
      Path of the directory with the Dockerfiles of stores, guard and queue meter; absolute, or relative to the
      Tiltfile.
    type: path
    default: docker
  ca_file:
    description: Certificates to trust while building, as the build secret C(ca).
    type: path
  npmrc:
    description: Settings of the package registry, as the build secret C(npmrc).
    type: path
seealso:
  - plugin: bunops.platform.compose
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
    docker_dir: str = "docker",
    ca_file: str | None = None,
    npmrc: str | None = None,
) -> str:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.tiltfile import render
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.tiltfile.session import (
        Session,
        SessionError,
    )

    session = Session(
        backend=backend,
        docker_dir=docker_dir,
        contexts=contexts or (),
        buttons=buttons or {},
        ca_file=ca_file,
        npmrc=npmrc,
    )
    try:
        return render.tiltfile(platform, session)
    except SessionError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"tiltfile": tiltfile}
