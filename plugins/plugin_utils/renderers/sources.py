# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which sources are edited while developing, and where running containers have them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..model.images import BuiltImage
from ..model.platform import Platform
from .paths import inside

# How edits reach a container: its folders are mounted, or what is edited is copied.
SOURCES = ("mount", "sync")

DEV_STAGE = "dev"
# Where the `dev` stages of the Dockerfiles have the build context.
_SOURCES = "/app"
_LOCK_FILE = "bun.lock"
# Neither what is installed or built, nor what may hold secrets, reaches a container.
IGNORED_PATHS = ("**/node_modules", "**/dist", "**/.bunops", "**/.env", "**/.env.local")


class Watched(NamedTuple):
    """path: of a file or folder, absolute if the context is; target: its place in the container."""

    path: str
    target: str


def developed(platform: Platform) -> dict[str, BuiltImage]:
    """The services that are built here: they run the stage `dev` of their Dockerfile, whatever the catalog names."""
    images = {name: service.image for name, service in platform.services.items()}
    return {name: image for name, image in images.items() if isinstance(image, BuiltImage)}


def watched(image: BuiltImage, context: str) -> Iterator[Watched]:
    """What is brought into the container. context: the image's own, from wherever the paths are to begin."""
    for path in image.watch:
        yield Watched(inside(context, path), inside(_SOURCES, path))


def is_mounted(image: BuiltImage, sources: str) -> bool:
    """Not all of the context: a mount would hide what the image has installed into it. sources: one of SOURCES."""
    return sources == "mount" and "." not in image.watch


def lock_file(context: str) -> str:
    """What is installed changes with it, and only then."""
    return inside(context, _LOCK_FILE)
