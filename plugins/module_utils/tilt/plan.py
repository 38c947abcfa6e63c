# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The plan: what has to be done to get from observed to desired, each operation with its cause. Pure."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.tilt.model import Leftovers, Seen, Session, TiltError


@dataclass(frozen=True)
class Operation:
    """One thing to do. kind: run, start, args, end or remove."""

    kind: str
    what: str
    cause: str

    def __str__(self) -> str:
        return f"{self.what}: {self.cause}"


@dataclass(frozen=True)
class Plan:
    """What to do, or why nothing."""

    operations: Tuple[Operation, ...] = ()
    reason: str = ""

    def __contains__(self, kind: str) -> bool:
        return any(item.kind == kind for item in self.operations)

    def __str__(self) -> str:
        return "\n".join(str(item) for item in self.operations) or f"nothing: {self.reason}"


def plan_ci(tiltfile: str, seen: Seen, port: int) -> Plan:
    """Run `tilt ci`. Raises TiltError if the port is not free."""
    if seen.taken:
        raise TiltError(f"port {port}: found {_occupant(seen)}, expected nothing. {_remedy(seen)}")
    return Plan((Operation("run", f"run tilt ci with {tiltfile}", "it is run each time"),))


def plan_up(tiltfile: str, args: Sequence[str], seen: Seen, port: int) -> Plan:
    """Have a Tilt with this Tiltfile and these arguments. Raises TiltError if the port is in other hands."""
    if not seen.taken:
        return Plan((Operation("start", f"start Tilt with {tiltfile}", f"none runs on port {port}"),))
    session = seen.session
    if session is None or session.mode != "up" or not same(session, tiltfile):
        raise TiltError(
            f"port {port}: found {_occupant(seen)}, expected Tilt with {tiltfile}, or nothing. {_remedy(seen)}"
        )
    if session.args != tuple(args):
        cause = f"args: found {_words(session.args)}, expected {_words(args)}"
        return Plan((Operation("args", "give Tilt other arguments", cause),))
    return Plan(reason=f"Tilt runs with {tiltfile} on port {port} (process {session.pid})")


def plan_down(tiltfile: str, seen: Seen, leftovers: Leftovers, port: int) -> Plan:
    """End the Tilt with this Tiltfile, and remove what it has made. Another's Tilt is left alone."""
    operations, cause = [], ""
    session = seen.session
    if session is not None and same(session, tiltfile):
        operations.append(Operation("end", f"end Tilt (process {session.pid})", f"it runs on port {port}"))
        cause = "it may have just made something"
    if leftovers.found:
        cause = f"still there: {', '.join(leftovers.found)}"
    elif not leftovers.known:
        cause = "what is left cannot be told"
    if cause:
        operations.append(Operation("remove", f"run tilt down with {tiltfile}", cause))
    return Plan(tuple(operations), reason="" if operations else f"no Tilt runs with {tiltfile}, and nothing is left")


def same(session: Session, tiltfile: str) -> bool:
    """Whether that Tilt runs this Tiltfile."""
    return os.path.realpath(session.tiltfile) == os.path.realpath(tiltfile)


def _occupant(seen: Seen) -> str:
    if seen.session is None:
        return "a process that is no Tilt of this user"
    command = "tilt ci" if seen.session.mode == "ci" else "Tilt"
    return f"{command} with {seen.session.tiltfile} (process {seen.session.pid})"


def _remedy(seen: Seen) -> str:
    if seen.session is None:
        return "Choose another port."
    if seen.session.mode == "ci":
        return "Wait for its end, or choose another port."
    return "End it with state=down and its Tiltfile, or choose another port."


def _words(args: Sequence[str]) -> str:
    return " ".join(args) or "none"
