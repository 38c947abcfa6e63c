# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog as objects of Kubernetes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: manifests
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Render the platform's catalog as objects of Kubernetes
description:
  - Renders services, tasks and stores as a list of objects. The same catalog always gives the same list, in the form
    that the API server keeps.
  - All pods fit the Pod Security Standard V(restricted), have limits, and reach only what the catalog says they use.
    Only services that start tasks get a token of the API server.
  - Tasks run in a namespace of their own, C(<namespace>-tasks).
  - The Secrets that pods read are not in the list; M(bunops.platform.secret_sync) makes them.
  - A catalog that Kubernetes cannot run is refused with all problems and their paths.
  - What the catalog says and Kubernetes does not act on is told by P(bunops.platform.manifests_notes#filter).
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input
options:
  images:
    description: >-
      The reference by digest of each image that is built, by the name of its service, task or store. An image that the
      catalog takes from elsewhere may stand here, too.
    type: dict
    default: {}
  digests:
    description: >-
      Whether the references in O(images) have to have a digest. In check mode that of an image that is still to be
      built is not known.
    type: bool
    default: true
  secrets:
    description: >-
      Where each secret of the catalog is, as C({name, keys}): the name of a Secret and, where that is known, a list of
      the keys in it. Without any, the Secrets are called like C(redis-password) for C(REDIS_PASSWORD). With C(jwks) of
      C(CLERK_JWT_KEY), a JSON Web Key Set, a Gateway verifies tokens.
    type: dict
    default: {}
  develop:
    description: >-
      Whether the objects are to be developed on, by the Tiltfile of P(bunops.platform.tiltfile#filter): one pod of each
      service, and no queue meter, since nothing scales. Images are called like C(atlas/api), which Tilt replaces.
    type: bool
    default: false
  namespace:
    description: Namespace of services and stores. Without it, the catalog's C(name).
    type: str
  chrome_profile:
    description: Seccomp profile of tasks with a browser, relative to the kubelet's folder of such profiles.
    type: str
    default: bunops/chrome.json
  docker_socket:
    description: The Docker engine's socket on the nodes, for C(docker=socket) in the catalog.
    type: path
    default: /var/run/docker.sock
  docker_gid:
    description: Numeric id of the group on the nodes that may use O(docker_socket).
    type: int
    default: 0
  monitoring:
    description: >-
      Who watches the platform. Without it nobody may read metrics, and there are neither monitors, nor rules, nor a
      dashboard.
    type: dict
    suboptions:
      namespace:
        description: Namespace of the Prometheus. The policies let its pods reach the ports of metrics.
        type: str
        required: true
      runbooks:
        description: URL of the folder with a page per alert.
        type: str
        required: true
      kinds:
        description: >-
          The kinds of the Prometheus Operator that the cluster serves. With any of them there is a dashboard for
          Grafana, too, in a ConfigMap with the label C(grafana_dashboard).
        type: list
        elements: str
        choices: [PodMonitor, PrometheusRule]
        default: []
      labels:
        description: Labels of these objects, by which a Prometheus knows what is meant for it.
        type: dict
        default: {}
      sources:
        description: What else tells metrics to the same Prometheus, as for P(bunops.platform.alerts#filter).
        type: list
        elements: str
        default: []
seealso:
  - plugin: bunops.platform.alerts
    plugin_type: filter
  - plugin: bunops.platform.manifests_notes
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Run the platform
  bunops.platform.k8s_set:
    name: "{{ platform.name }}"
    namespace: "{{ platform.name }}"
    objects: >-
      {{ platform | bunops.platform.manifests(
           images={'api': 'registry.example.com/atlas/api@sha256:' ~ api_digest},
           secrets={'REDIS_PASSWORD': {'name': 'redis-password-7d9f'}}) }}
"""

RETURN = r"""
_value:
  description: The objects, sorted by kind, namespace and name; Namespaces are the first.
  type: list
  elements: dict
"""


@catalog_filter
def manifests(
    platform: Platform,
    *,
    images: Mapping[str, str] | None = None,
    digests: bool = True,
    develop: bool = False,
    secrets: Mapping[str, Mapping[str, Any]] | None = None,
    namespace: str | None = None,
    chrome_profile: str = "bunops/chrome.json",
    docker_socket: str = "/var/run/docker.sock",
    docker_gid: int = 0,
    monitoring: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests import cluster, render
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.develop import develop_manifests

    own = namespace or platform.name
    target = cluster.Cluster(
        namespace=own,
        images=images or {},
        digests=digests,
        secrets=cluster.secret_objects(secrets or {}),
        chrome_profile=chrome_profile,
        docker_socket=docker_socket,
        docker_gid=int(docker_gid),
        watching=cluster.watching_of(platform, own, monitoring) if monitoring else None,
    )
    return develop_manifests(platform, target) if develop else render.manifests(platform, target)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"manifests": manifests}
