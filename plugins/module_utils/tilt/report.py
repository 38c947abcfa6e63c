# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What came of a run, for people: states of the resources, and why some failed, bounded and masked."""

from __future__ import annotations

import os
import re
from itertools import takewhile
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.runner import last_lines
from ansible_collections.bunops.platform.plugins.module_utils.secrecy import mask_text, secret_values
from ansible_collections.bunops.platform.plugins.module_utils.tilt import answers
from ansible_collections.bunops.platform.plugins.module_utils.tilt.judge import CLUSTER, Trouble
from ansible_collections.bunops.platform.plugins.module_utils.tilt.model import (
    RUNTIME,
    TILTFILE,
    UPDATE,
    Session,
    Target,
    TiltError,
)

LOG_LINES = 10
# Failing resources described in full; more are only named.
_DESCRIBED = 8
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_STATES = {
    "fine": "ok",
    "failed": "error",
    "retrying": "pending",
    "waiting": "pending",
    "active": "pending",
    "idle": "none",
}
_TRACEBACK = "Traceback (most recent call last):"
# No resources: their error says it all. While one stands, Tilt starts nothing, and it does not forget the cluster's.
_WITHOUT_LOG = (TILTFILE, CLUSTER)

Failure = Dict[str, Any]


class GaveUp(TiltError):
    """Resources do not run as they should. failures: see failure()."""

    def __init__(self, message: str, failures: Sequence[Failure]) -> None:
        super().__init__(message)
        self.failures = list(failures)

    @property
    def vain(self) -> bool:
        """Whether nothing could be started at all."""
        return any(item["resource"] in _WITHOUT_LOG for item in self.failures)


def states(session: Session) -> List[Dict[str, Any]]:
    """The resources as the module returns them."""
    found = []
    for item in session.resources:
        update, runtime = session.part(item.name, UPDATE), session.part(item.name, RUNTIME)
        errors = [part.detail for part in (update, runtime) if part and part.state in ("failed", "retrying")]
        found.append(
            {
                "name": item.name,
                "kind": item.kind,
                "build": _state(update),
                "runtime": _state(runtime),
                "health": item.health,
                "error": clean("\n".join(errors)),
                "built_at": update.ended if update else None,
            }
        )
    return found


def _state(target: Optional[Target]) -> str:
    return _STATES[target.state] if target else "not_applicable"


def failures(troubles: Sequence[Trouble], view: Mapping[str, Any]) -> List[Failure]:
    """All that helps to understand why resources have failed. view: of a snapshot."""
    found = []
    for item in troubles:
        text = "" if item.resource in _WITHOUT_LOG else answers.log(view, item.resource, item.part)
        found.append(
            {
                "resource": item.resource,
                "part": "build" if item.part == UPDATE else "runtime",
                "cause": cause(item.cause),
                "log": clean(_without(item.cause, text)).splitlines(),
            }
        )
    return found


def _without(cause: str, log: str) -> str:
    """A log without the lines that only repeat the cause, which Tilt writes there, too."""
    repeated = tuple(line for line in cause.splitlines() if line.strip())
    return "\n".join(line for line in log.splitlines() if not (repeated and line.endswith(repeated)))


def message(failures: Sequence[Failure], heading: str) -> str:
    """One text for all failures."""
    lines = [heading]
    for item in failures[:_DESCRIBED]:
        cause = item["cause"].splitlines() or ["without a reason"]
        named = item["resource"] if item["resource"] in _WITHOUT_LOG else f"{item['resource']} ({item['part']})"
        lines.append(f"{named}: {cause[0]}")
        lines.extend(f"  {line}" for line in cause[1:])
        if item["log"]:
            lines.append("  last log lines:")
            lines.extend(f"    {line}" for line in item["log"])
    more = [item["resource"] for item in failures[_DESCRIBED:]]
    if more:
        lines.append(f"And {', '.join(more)}.")
    return "\n".join(lines)


def cause(text: str) -> str:
    """An error of Tilt; those of a Tiltfile come with the places, which stand below here."""
    lines = clean(text).splitlines()
    if lines[:1] != [_TRACEBACK]:
        return "\n".join(lines)
    places = list(takewhile(lambda line: line.startswith("  "), lines[1:]))
    return "\n".join(lines[1 + len(places) :] + places)


def clean(text: str) -> str:
    """The last lines, without colours and secrets."""
    lines = _COLOURS.sub("", text).replace("\r", "\n")
    return "\n".join(last_lines(mask_text(lines, _known()), LOG_LINES))


def _known() -> List[str]:
    return secret_values(f"{name}={value}" for name, value in os.environ.items())
