# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How Tilt builds the images, and what it brings into running containers: https://docs.tilt.dev/live_update_reference.html"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from ...model.images import BuiltImage
from ...model.platform import Platform
from ...model.services import Service
from ..bake import BuildHost, Definition, built_images
from ..meter import has_meter
from ..names import GUARD, has_guard, local_tag
from .session import COMPOSE, COMPOSE_FILE, KUBERNETES, Session
from .starlark import Code, call

# Where the `dev` stages of the Dockerfiles have the sources.
_SOURCES = "/app"
_LOCK_FILE = "bun.lock"
IGNORED = Code("IGNORED")
# Neither what is installed or built, nor what may hold secrets, is built in or synced.
IGNORED_PATHS = ("**/node_modules", "**/dist", "**/.bunops", "**/.env", "**/.env.local")


def runs_dev_stage(platform: Platform, name: str) -> bool:
    """Whether it runs the `dev` stage of its Dockerfile, whatever the catalog names: a service that is built here."""
    return name in platform.services and isinstance(platform.services[name].image, BuiltImage)


def built(platform: Platform, session: Session) -> dict[str, Definition]:
    """The images that are built here, with paths from the Tiltfile on. Clusters run the meter, and no guard."""
    host = BuildHost(project_dir="", docker_dir=session.docker_dir)
    in_cluster = session.backend == KUBERNETES
    images = built_images(platform, host, meter=in_cluster and has_meter(platform))
    if in_cluster and has_guard(platform):
        del images[GUARD]
    return dict(sorted(images.items()))


def repository(platform: Platform, name: str) -> str:
    """Without the tag: Tilt gives each build one of its own."""
    return local_tag(platform, name).rpartition(":")[0]


def image_builds(platform: Platform, session: Session) -> Iterator[Code]:
    """The images of what runs all the time; on a cluster also those of tasks."""
    for name, image in built(platform, session).items():
        if session.backend == COMPOSE and name in platform.tasks:
            continue
        dev = runs_dev_stage(platform, name)
        yield call(
            "docker_build",
            repository(platform, name),
            image["context"],
            dockerfile=image["dockerfile"],
            target="dev" if dev else image["target"],
            build_args=image["args"] or None,
            secret=_secrets(session) or None,
            ignore=IGNORED,
            # The Compose project runs this tag, and never pulls it.
            extra_tag=local_tag(platform, name) if session.backend == COMPOSE else None,
            live_update=_steps(platform.services[name], session, image["context"]) if dev else None,
        )


def task_build(platform: Platform, session: Session, name: str, image: Definition) -> str:
    """The command that builds a task's image under the tag that the guard starts, and makes the task's network."""
    build = ["docker", "build", "--file", image["dockerfile"], "--target", image["target"]]
    build += [word for key, value in image["args"].items() for word in ("--build-arg", f"{key}={value}")]
    build += [word for secret in _secrets(session) for word in ("--secret", secret)]
    build += ["--tag", local_tag(platform, name), image["context"]]
    return f"{shlex.join(build)} && {task_network(name)}"


def task_network(name: str) -> str:
    return shlex.join(["docker", "compose", "--file", COMPOSE_FILE, "create", "--no-build", name])


def _steps(service: Service, session: Session, context: str) -> list[Code] | None:
    """None where only a new image will do.

    A service without a port serves nobody: it takes work, and holds on to what it has begun with. Hot reload would let
    old and new code take jobs side by side, so it is restarted. On a cluster a restarted container has lost what was
    synced, so there it gets a new image.
    """
    restarts = service.port is None
    if restarts and session.backend == KUBERNETES:
        return None
    lock = posixpath.join(context, _LOCK_FILE) if context != "." else _LOCK_FILE
    sync = call("sync", context, _SOURCES)
    if service.egress == "public":
        steps = [sync, call("run", "bun install --frozen-lockfile", trigger=[lock])]
    else:
        # It reaches no package registry, and shall not: the build does, and its layers install on a new lock file only.
        steps = [call("fall_back_on", [lock]), sync]
    return [*steps, call("restart_container")] if restarts else steps


def _secrets(session: Session) -> Sequence[str]:
    files: dict[str, Any] = {"ca": session.ca_file, "npmrc": session.npmrc}
    return [f"id={name},src={path}" for name, path in files.items() if path]
