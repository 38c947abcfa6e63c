# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a Tiltfile has to know besides the catalog."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...model.errors import did_you_mean, words
from ...model.platform import Platform
from ..names import GUARD, METER
from ..sources import SOURCES

COMPOSE = "docker_compose"
KUBERNETES = "k8s_yaml"
BACKENDS = (COMPOSE, KUBERNETES)
# Relative to the Tiltfile, which lies in the project's folder.
COMPOSE_FILE = ".bunops/compose.dev.json"
BAKE_FILE = ".bunops/bake.dev.json"
MANIFESTS_FILE = ".bunops/manifests.yml"

# What Tilt takes for the name of a resource, and what is easily typed after `tilt trigger`.
_BUTTON = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class SessionError(ValueError):
    """The options do not fit; `problems` are lines."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True)
class Session:
    """backend: one of BACKENDS.

    sources: how edits reach the containers of a Compose project; on a cluster they are synced.
    contexts: of the kubeconfig, the only ones that may be developed on.
    buttons: commands of the shell by name, run in the project's folder when somebody presses them.
    registry: where a cluster that cannot run the engine's own images pulls them from; empty for one that can.
    docker_dir: for clusters, the directory with the Dockerfiles of stores, absolute or relative to the Tiltfile.
    """

    backend: str
    sources: str = "mount"
    docker_dir: str = "docker"
    contexts: Sequence[str] = ()
    buttons: Mapping[str, str] = field(default_factory=dict)
    registry: str = ""


def check(platform: Platform, session: Session) -> None:
    """Raises SessionError with every problem of the options."""
    problems = [*_backend(session), *_buttons(platform, session)]
    if problems:
        raise SessionError(problems)


def _backend(session: Session) -> Iterator[str]:
    if session.backend not in BACKENDS:
        near = did_you_mean(session.backend, BACKENDS)
        yield f"backend: {session.backend} is none; expected {words(BACKENDS, 'or')}{near}"
    if session.sources not in SOURCES:
        yield f"sources: {session.sources} is none; expected {words(SOURCES, 'or')}"
    if session.backend == KUBERNETES and not session.contexts:
        yield "contexts: none; expected the contexts of the kubeconfig that may be developed on"
    if session.backend == COMPOSE and session.contexts:
        yield f"contexts: {words(session.contexts)}, but {COMPOSE} uses no cluster; expected none"
    if session.backend == COMPOSE and session.registry:
        yield f"registry: {session.registry}, but {COMPOSE} pushes nothing; expected none"


def _buttons(platform: Platform, session: Session) -> Iterator[str]:
    taken = {*platform.services, *platform.tasks, *platform.stores, GUARD, METER}
    for name, command in session.buttons.items():
        if not _BUTTON.fullmatch(name):
            yield f"buttons: {name!r} is not a name; expected such as post-a-job"
        elif name in taken:
            yield f"buttons: {name} is the name of a part of the platform; expected another one"
        if not command.strip():
            yield f"buttons: the command of {name!r} is empty"
