# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The same objects to be developed on, with images that Tilt builds."""

from __future__ import annotations

from dataclasses import replace

from ...model.platform import Platform
from ..bake import BuildHost, built_images
from ..names import repository
from ..scaling import unscaled
from .cluster import Cluster
from .parts import Object
from .render import manifests


def develop_manifests(platform: Platform, cluster: Cluster) -> list[Object]:
    """One pod of each service, no queue meter, and no edge. Raises CatalogError for what Kubernetes cannot do."""
    platform = unscaled(platform)
    # Only the names of what is built matter here, not where from.
    built = built_images(platform, BuildHost(project_dir="", docker_dir=""))
    images = {**cluster.images, **{name: repository(platform, name) for name in built}}
    return manifests(platform, replace(cluster, images=images, digests=False, edge=False))
