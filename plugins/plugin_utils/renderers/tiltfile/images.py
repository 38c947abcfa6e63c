# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How Tilt builds the images, and what it brings into running containers: https://docs.tilt.dev/live_update_reference.html"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from ...model.images import BuiltImage, Image
from ...model.platform import Platform
from ..bake import BuildHost, built_images
from ..names import GUARD, dev_tag, has_guard, repository
from ..sources import developed, is_mounted, lock_file, watched
from .session import BAKE_FILE, COMPOSE_FILE, Session
from .starlark import Code, call

IGNORED = Code("IGNORED")


def compose_images(platform: Platform, session: Session) -> Iterator[Code]:
    """Those of services, built as the role has built them before the first start."""
    for name, image in developed(platform).items():
        reference = dev_tag(platform, name)
        mounted = is_mounted(image, session.sources)
        yield call(
            "custom_build",
            # With the tag: Tilt itself gives it to an image that it has built, or else another one, which nobody runs.
            reference,
            _bake(name),
            [*_installed(image), *(() if mounted else _paths(image))],
            tag=reference.rpartition(":")[2],
            ignore=IGNORED,
            live_update=None if mounted else _steps(image),
        )


def cluster_images(platform: Platform, session: Session) -> Iterator[Code]:
    """All that is built here and runs on a cluster: the guard does not."""
    targets = built_images(platform, BuildHost(project_dir="", docker_dir=session.docker_dir))
    if has_guard(platform):
        del targets[GUARD]
    own: dict[str, Image] = {name: service.image for name, service in platform.services.items()}
    own |= {name: task.image for name, task in platform.tasks.items()}
    edited = developed(platform)
    for name in sorted(targets):
        yield call(
            "custom_build",
            repository(platform, name),
            _bake_as_expected(name),
            sources_of(own[name]) if name in own else [targets[name]["dockerfile"]],
            ignore=IGNORED,
            live_update=_steps(edited[name]) if name in edited else None,
        )


def task_command(name: str, image: Image) -> str:
    """What has a task ready to be started by the guard: its image, if it is built here, and its network."""
    network = shlex.join(["docker", "compose", "--file", COMPOSE_FILE, "create", "--no-build", name])
    return f"{_bake(name)} && {network}" if isinstance(image, BuiltImage) else network


def sources_of(image: Image) -> list[str]:
    """What its image is built from; nothing if it is not built here."""
    return [*_installed(image), *_paths(image)] if isinstance(image, BuiltImage) else []


def _steps(image: BuiltImage) -> list[Code]:
    """The program reloads by itself. What it has installed is in a layer of its image, which a new lock file renews."""
    syncs = [call("sync", path, target) for path, target in watched(image, image.context)]
    return [call("fall_back_on", [lock_file(image.context)]), *syncs]


def _installed(image: BuiltImage) -> list[str]:
    return [image.dockerfile, lock_file(image.context)]


def _paths(image: BuiltImage) -> list[str]:
    return [path for path, _target in watched(image, image.context)]


def _bake_as_expected(name: str) -> str:
    """Tilt gives each build a name of its own, and pushes it where the cluster pulls from."""
    return f'{_bake(name)} --set "{name}.tags=$EXPECTED_REF"'


def _bake(name: str) -> str:
    return shlex.join(["docker", "buildx", "bake", "--file", BAKE_FILE, name])
