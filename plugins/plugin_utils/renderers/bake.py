# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog's images as a bake definition: https://docs.docker.com/build/bake/reference/"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..model.errors import CatalogError, Problem
from ..model.images import BuiltImage, Image
from ..model.platform import Platform
from ..model.stores import Kind
from .backups import has_backups
from .meter import has_meter
from .names import (
    ALERTMANAGER,
    EDGE,
    GUARD,
    METER,
    NODE_EXPORTER,
    PROMETHEUS,
    dev_tag,
    has_guard,
    local_stores,
    local_tag,
)
from .paths import inside
from .sources import DEV_STAGE, developed

Definition = dict[str, Any]

_STORE_DOCKERFILES: Mapping[Kind, str] = {
    "redis": "redis.Dockerfile",
    "libsql": "turso.Dockerfile",
}


@dataclass(frozen=True)
class BuildHost:
    """What the builds have to know of the machine; paths are absolute.

    project_dir: what the catalog's paths are relative to.
    docker_dir: holds the Dockerfiles of stores, guard and queue meter.
    bases: a local image for each base image that cannot or shall not be pulled.
    ca_file: certificates that package registries are checked with, as build secret `ca`.
    npmrc: settings of the package registry, as build secret `npmrc`.
    """

    project_dir: str
    docker_dir: str
    bases: Mapping[str, str] = field(default_factory=dict)
    ca_file: str | None = None
    npmrc: str | None = None


def bake(
    platform: Platform,
    host: BuildHost,
    tag: str | None = None,
    *,
    develop: bool = False,
    monitoring: bool = False,
    edge: bool = False,
) -> Definition:
    """One target per image that is built here, sorted, and the group `default` of all.

    tag: with one, the images carry it in the catalog's registry, to be pushed there for a cluster, which runs the queue
    meter. develop: services' images are of their Dockerfile's stage `dev`, and stay here. monitoring: with the images
    of Prometheus, Alertmanager, node exporter and the queue meter, to run here. edge: with that of Envoy, to run here.
    Raises CatalogError if the catalog then names no registry.
    """
    meter = (monitoring or tag is not None) and has_meter(platform)
    images = built_images(platform, host, meter=meter, develop=develop, monitoring=monitoring, edge=edge)
    tags = {name: _tag(platform, name, tag) for name in images}
    if develop:
        tags.update({name: dev_tag(platform, name) for name in developed(platform)})
    common = _common(host)
    targets = {name: {**common, **images[name], "tags": [tags[name]]} for name in sorted(images)}
    definition: Definition = _literal({"group": {"default": {"targets": list(targets)}}, "target": targets})
    return definition


def built_images(
    platform: Platform,
    host: BuildHost,
    *,
    meter: bool = False,
    develop: bool = False,
    monitoring: bool = False,
    edge: bool = False,
) -> dict[str, Definition]:
    """Context, Dockerfile, target and arguments of each image that is built here.

    meter: with the queue meter's. develop: those of services are of the stage `dev`. monitoring: with those of
    Prometheus, Alertmanager and node exporter. edge: with that of Envoy.
    """
    images = {
        name: _own_image(host, image)
        for name, image in _declared_images(platform).items()
        if isinstance(image, BuiltImage)
    }
    for name, store in local_stores(platform).items():
        if store.image is None:
            images[name] = _our_image(host, _STORE_DOCKERFILES[store.kind])
    if has_guard(platform):
        images[GUARD] = _our_image(host, "guard.Dockerfile")
    if meter:
        images[METER] = _our_image(host, f"{METER}.Dockerfile")
    for name in (PROMETHEUS, ALERTMANAGER) if monitoring else ():
        images[name] = _our_image(host, f"{name}.Dockerfile")
    if monitoring and has_backups(platform):
        images[NODE_EXPORTER] = _our_image(host, f"{NODE_EXPORTER}.Dockerfile")
    if edge:
        images[EDGE] = _our_image(host, "envoy.Dockerfile")
    for name in developed(platform) if develop else ():
        images[name]["target"] = DEV_STAGE
    return images


def secret_files(host: BuildHost) -> dict[str, str]:
    """The build secrets, and the file of each."""
    files = {"ca": host.ca_file, "npmrc": host.npmrc}
    return {name: path for name, path in files.items() if path}


def _tag(platform: Platform, name: str, tag: str | None) -> str:
    if tag is None:
        return local_tag(platform, name)
    if platform.registry is None:
        text = "nothing, but images are to be pushed; expected such as registry.example.com/atlas"
        raise CatalogError([str(Problem(("registry",), text))])
    return f"{platform.registry}/{name}:{tag}"


def _declared_images(platform: Platform) -> dict[str, Image | None]:
    return {
        **{name: service.image for name, service in platform.services.items()},
        **{name: task.image for name, task in platform.tasks.items()},
        **{name: store.image for name, store in local_stores(platform).items()},
    }


def _own_image(host: BuildHost, image: BuiltImage) -> Definition:
    return {
        "context": inside(host.project_dir, image.context),
        "dockerfile": inside(host.project_dir, image.dockerfile),
        "target": image.target,
        "args": dict(image.args),
    }


def _our_image(host: BuildHost, dockerfile: str) -> Definition:
    return {
        "context": host.docker_dir,
        "dockerfile": inside(host.docker_dir, dockerfile),
        "target": "production",
        "args": {},
    }


def _common(host: BuildHost) -> Definition:
    return {
        "contexts": {base: f"docker-image://{local}" for base, local in host.bases.items()},
        "secret": [_secret(name, path) for name, path in secret_files(host).items()],
        "output": ["type=docker"],
        "pull": False,
    }


def _secret(name: str, path: str) -> str:
    """A secret's attributes, which buildx reads as a line of CSV."""
    source = f"src={path}"
    if any(character in source for character in ',"\n'):
        source = '"' + source.replace('"', '""') + '"'
    return f"id={name},{source}"


def _literal(node: Any) -> Any:
    """A sorted copy whose text bake's HCL leaves alone: `${` and `%{` begin templates there.

    https://github.com/hashicorp/hcl/blob/main/json/spec.md
    """
    if isinstance(node, Mapping):
        return {key: _literal(node[key]) for key in sorted(node)}
    if isinstance(node, list):
        return [_literal(item) for item in node]
    if isinstance(node, str):
        return node.replace("${", "$${").replace("%{", "%%{")
    return node
