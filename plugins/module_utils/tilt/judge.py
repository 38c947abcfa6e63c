# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether all resources are ready, have failed, or need time. Pure; the rules are those of `tilt ci`."""

from __future__ import annotations

from dataclasses import replace
from typing import List, NamedTuple, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.tilt.model import RUNTIME, TILTFILE, UPDATE, Session

CLUSTER = "(cluster)"


class Trouble(NamedTuple):
    """A resource that has failed or is not ready. cause: why, mostly in Tilt's words."""

    resource: str
    part: str
    cause: str


class Verdict(NamedTuple):
    """failed: what does not get ready by itself; pending: what needs time. Neither: all is ready."""

    failed: Tuple[Trouble, ...] = ()
    pending: Tuple[Trouble, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether all that starts by itself is ready."""
        return not self.failed and not self.pending


def judge(session: Session) -> Verdict:
    """How a Tilt stands. Resources that only start when somebody asks for them count from then on."""
    failed: List[Trouble] = []
    pending: List[Trouble] = []
    for target in session.targets:
        if target.state == "failed":
            failed.append(Trouble(target.resource, target.part, target.detail))
        elif target.state == "waiting":
            # Tilt's reasons are words like waiting-for-dep.
            cause = target.detail.replace("-", " ") if target.detail not in ("", "unknown") else "waiting"
            pending.append(Trouble(target.resource, target.part, cause))
        elif target.state == "active":
            cause = "is not ready" if target.part == RUNTIME else "is at work"
            pending.append(Trouble(target.resource, target.part, cause))
        elif target.state == "retrying":
            pending.append(Trouble(target.resource, target.part, f"is retried: {target.detail}"))
    _judge_health(session, failed, pending)
    if session.cluster_error and any(item.kind == "kubernetes" for item in session.resources):
        failed.append(Trouble(CLUSTER, UPDATE, session.cluster_error))
    if len(session.targets) < 2 and not failed and not pending:
        # Only the Tiltfile so far: its resources come in a moment.
        pending.append(Trouble(TILTFILE, UPDATE, "has given no resources yet"))
    # What does not run yet because its build is not done is named once.
    built_first = {item.resource for item in (*failed, *pending) if item.part == UPDATE}
    waiting = [item for item in pending if item.part == UPDATE or item.resource not in built_first]
    return Verdict(tuple(failed), tuple(waiting))


def _judge_health(session: Session, failed: List[Trouble], pending: List[Trouble]) -> None:
    """Tilt counts a container as ready as soon as it runs. One that is about to be replaced has no say."""
    for resource in session.resources:
        built = session.part(resource.name, UPDATE)
        if built is not None and built.state in ("active", "waiting", "retrying"):
            continue
        running = session.part(resource.name, RUNTIME)
        if running is not None and running.state == "fine":
            if resource.health == "unhealthy":
                failed.append(Trouble(resource.name, RUNTIME, "its container is unhealthy"))
            elif resource.health == "starting":
                pending.append(Trouble(resource.name, RUNTIME, "its health check has not passed yet"))


def settled(session: Session) -> Session:
    """A session of a `tilt ci` that has succeeded: Tilt may be gone before it has told the end of the last part."""
    if session.done:
        return session
    targets = [
        replace(item, state="fine", detail="") if item.state in ("active", "waiting") else item
        for item in session.targets
    ]
    return replace(session, targets=tuple(targets))
