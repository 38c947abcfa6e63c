# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog as a Compose project to develop on: services run the `dev` stage of their image on sources from here.

Specification: https://github.com/compose-spec/compose-spec/blob/main/build.md and develop.md
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..model.images import BuiltImage
from ..model.platform import Platform
from .bake import BuildHost, built_images, secret_files
from .bake import Definition as Target
from .compose import Host, project
from .compose_containers import Definition
from .compose_text import finished
from .names import USER, dev_tag
from .sources import IGNORED_PATHS, developed, is_mounted, lock_file, watched


def compose_develop(platform: Platform, host: Host, build: BuildHost, sources: str) -> Definition:
    """The project as plain data, sorted; sources: one of SOURCES. Raises CatalogError for what Compose cannot do."""
    definition = project(platform, host)
    services = definition["services"]
    images = built_images(platform, build, develop=True)
    for name, image in developed(platform).items():
        mounted = is_mounted(image, sources)
        change = _mounted(services[name], image, images[name]) if mounted else _synced(image, images[name], build)
        services[name] |= {**_developed(services[name]), **change, "image": dev_tag(platform, name)}
    for name, task in platform.tasks.items():
        if isinstance(task.image, BuiltImage):
            # The next one that is started runs the new image.
            watch = [*_rebuilt(task.image, images[name]["context"])]
            services[name] |= {"build": _build(images[name], build), "develop": {"watch": watch}}
    secrets = {name: {"file": path} for name, path in secret_files(build).items()}
    plain: Definition = finished({**definition, "secrets": {**definition["secrets"], **secrets}})
    return plain


def _developed(service: dict[str, Any]) -> Definition:
    return {
        # A reload takes in one moment what would otherwise be spread over the life of the program.
        "cpus": None,
        "environment": {**service["environment"], "NODE_ENV": "development"},
    }


def _mounted(service: dict[str, Any], image: BuiltImage, target: Target) -> Definition:
    # A folder that is not there is a slip of the pen in the catalog, not to be made by the engine, as root.
    options = {"type": "bind", "read_only": True, "bind": {"create_host_path": False}}
    mounts = [{**options, "source": path, "target": place} for path, place in watched(image, target["context"])]
    return {"volumes": [*(service.get("volumes") or ()), *mounts]}


def _synced(image: BuiltImage, target: Target, build: BuildHost) -> Definition:
    rules = [
        {"action": "sync", "path": path, "target": place, "ignore": list(IGNORED_PATHS)}
        for path, place in watched(image, target["context"])
    ]
    return {
        # Without it, Compose does not watch.
        "build": _build(target, build),
        "develop": {"watch": rules},
        # What is copied has to be written there. For whom, the engine looks up by the whole text, which is to be an id.
        "read_only": False,
        "user": USER.partition(":")[0],
    }


def _rebuilt(image: BuiltImage, context: str) -> Iterator[Definition]:
    for path in (lock_file(context), *(path for path, _target in watched(image, context))):
        yield {"action": "rebuild", "path": path, "ignore": list(IGNORED_PATHS)}


def _build(target: Target, host: BuildHost) -> Definition:
    return {
        "context": target["context"],
        "dockerfile": target["dockerfile"],
        "target": target["target"],
        "args": target["args"] or None,
        "additional_contexts": {base: f"docker-image://{local}" for base, local in host.bases.items()} or None,
        "secrets": list(secret_files(host)) or None,
    }
