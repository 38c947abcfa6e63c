# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is known of a Tilt: its session, its resources, and the state of what they consist of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

# How Tilt names the Tiltfile among its resources.
TILTFILE = "(Tiltfile)"

UPDATE = "update"
RUNTIME = "runtime"


class TiltError(Exception):
    """Tilt cannot do what is wanted; the text is for people."""


@dataclass(frozen=True)
class Target:
    """A part of a resource and how it stands.

    part: UPDATE (a build or a command), or RUNTIME (what runs afterwards).
    state: idle (nobody asked for it), waiting, active (not ready yet), fine, retrying, failed.
    detail: what it waits for, or the error. ended: when it ended, where it has.
    """

    resource: str
    part: str
    state: str
    detail: str = ""
    ended: Optional[str] = None


@dataclass(frozen=True)
class Resource:
    """One resource of the Tiltfile. kind: compose, kubernetes or local. health: of its container, if checked."""

    name: str
    kind: str
    health: str = ""


@dataclass(frozen=True)
class Session:
    """A Tilt that runs, or has run.

    mode: up or ci. loaded: when it began to read the Tiltfile last, "" if it is at it. done: whether `tilt ci` is.
    cluster_error: why the cluster cannot be used, if something is to run there.
    """

    pid: int
    tiltfile: str
    args: Tuple[str, ...]
    mode: str
    loaded: str
    targets: Tuple[Target, ...]
    resources: Tuple[Resource, ...]
    done: bool = False
    cluster_error: str = ""

    def part(self, name: str, part: str) -> Optional[Target]:
        """That part of a resource, if it has one."""
        return next((item for item in self.targets if (item.resource, item.part) == (name, part)), None)


@dataclass(frozen=True)
class Seen:
    """What is on the port: nothing, a Tilt with its session, or something else."""

    taken: bool
    session: Optional[Session] = None


@dataclass(frozen=True)
class Leftovers:
    """What `tilt down` would remove, as words for people. known: False where nobody can tell."""

    found: Tuple[str, ...] = ()
    known: bool = True
