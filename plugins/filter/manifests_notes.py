# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the catalog says and Kubernetes does not act on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from ansible_collections.bunops.platform.plugins.plugin_utils.filters import catalog_filter

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform

DOCUMENTATION = r"""
name: manifests_notes
author: bunops contributors (@bunops)
version_added: 0.1.0
short_description: Say which fields of the catalog Kubernetes does not act on
description:
  - Gives one sentence per field that the rendered objects cannot honour, or honour only with something that the cluster
    has to bring, with the reason and the names that it concerns.
extends_documentation_fragment:
  - bunops.platform.catalog
positional: _input
options:
  backend:
    description: What scales services with a range of replicas, as for P(bunops.platform.scalers#filter).
    type: str
    choices: [auto, keda, hpa, none]
    default: auto
  prometheus_url:
    description: URL of the Prometheus that knows the services' requests, as for P(bunops.platform.scalers#filter).
    type: str
    default: ""
  namespace:
    description: Namespace of services and stores, as for P(bunops.platform.manifests#filter).
    type: str
  monitoring:
    description: Who watches the platform, as for P(bunops.platform.manifests#filter).
    type: dict
  secrets:
    description: Where each secret of the catalog is, as for P(bunops.platform.manifests#filter).
    type: dict
    default: {}
seealso:
  - plugin: bunops.platform.manifests
    plugin_type: filter
  - plugin: bunops.platform.scalers
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Say what does not act here
  ansible.builtin.debug:
    msg: "{{ platform | bunops.platform.manifests_notes }}"
"""

RETURN = r"""
_value:
  description: Sentences, each beginning with the name of the field.
  type: list
  elements: str
"""


@catalog_filter
def manifests_notes(
    platform: Platform,
    *,
    backend: Literal["auto", "keda", "hpa", "none"] = "auto",
    prometheus_url: str = "",
    namespace: str | None = None,
    monitoring: Mapping[str, Any] | None = None,
    secrets: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[str]:
    """See DOCUMENTATION."""
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers import scalers
    from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests import cluster, notes

    watching = cluster.watching_of(platform, namespace or platform.name, monitoring) if monitoring else None
    places = cluster.secret_objects(secrets or {})
    return notes.manifests_notes(platform, scalers.Autoscaling(backend, prometheus_url), watching, places)


class FilterModule:
    """Filters of this file."""

    def filters(self) -> dict[str, Callable[..., object]]:
        return {"manifests_notes": manifests_notes}
