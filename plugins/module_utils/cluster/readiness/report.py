# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The end of a wait that did not succeed, for people: which objects, why, and the last lines of their logs."""

from __future__ import annotations

from typing import Dict, List, Mapping, Optional, Sequence, Tuple
from urllib.parse import quote

from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import (
    Cause,
    NotReady,
    Problem,
    Reader,
    Target,
    Verdict,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.words import LOG_LINES, last_lines

# Objects described in full; more are only named.
_DESCRIBED = 8
# A log line can be very long; the API cuts behind that many bytes.
_LOG_BYTES = 262144


def not_ready(
    reader: Reader,
    heading: str,
    failing: Mapping[Target, Sequence[Cause]],
    pending: Mapping[Target, Verdict],
    found: Mapping[Target, Sequence[Cause]],
) -> NotReady:
    """The error for the objects that are not ready, those that end the wait first.

    failing: causes that end the wait, {} if the time is up. pending: verdicts of all that are not ready.
    found: all that is known about them.
    """
    order = sorted(pending, key=lambda target: (target not in failing, str(target)))
    logs = _Logs(reader)
    problems = []
    for position, target in enumerate(order):
        known = found.get(target) or []
        cause = best(known if pending[target].failed else failing.get(target) or known)
        lines = logs.of(target, cause) if cause and cause.log and position < _DESCRIBED else []
        problems.append(problem(target, pending[target], cause, lines))
    return NotReady(message(heading, problems, len(failing)), problems, early=bool(failing))


def best(causes: Sequence[Cause]) -> Optional[Cause]:
    """The most telling one: that of a container before that of a pod before that of the object; lasting ones first."""
    ranked = sorted(causes, key=lambda cause: (not cause.container, not cause.pod, cause.grace is None))
    return ranked[0] if ranked else None


def problem(target: Target, verdict: Verdict, cause: Optional[Cause], log: Sequence[str]) -> Problem:
    """What is reported about one object."""
    if cause is None:
        return Problem(target, verdict.code, verdict.text)
    told = cause.text if cause.code == verdict.code or verdict.code == "InProgress" else f"{verdict.text}; {cause.text}"
    return Problem(target, cause.code, told, cause.pod, cause.container, log)


def message(heading: str, problems: Sequence[Problem], failing: int) -> str:
    """One text for all problems. failing: how many of them, from the first on, end the wait (0: the time is up)."""
    lines = [heading]
    for position, item in enumerate(problems[:_DESCRIBED]):
        if failing and position == failing:
            lines.append("Not ready either at that moment:")
        lines.append(_headline(item))
        if item.log:
            lines.append("  last log lines:")
            lines.extend(f"    {line}" for line in item.log)
    more = [str(item.target) for item in problems[_DESCRIBED:]]
    if more:
        named = ", ".join(more[:_DESCRIBED])
        lines.append(f"And {named}" + (f" and {len(more) - _DESCRIBED} more." if len(more) > _DESCRIBED else "."))
    return "\n".join(lines)


def _headline(item: Problem) -> str:
    place = ", ".join(
        f"{what} {name}"
        for what, name in (("pod", item.pod if item.pod != item.target.name else ""), ("container", item.container))
        if name
    )
    return f"{item.target}: {item.text}" + (f" ({place})" if place else "")


class _Logs:
    """Reads each container's log once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: Dict[Tuple[str, str, str], List[str]] = {}

    def of(self, target: Target, cause: Cause) -> List[str]:
        key = (target.namespace, cause.pod, cause.container)
        if key not in self._known:
            self._known[key] = self._read(target.namespace, cause)
        return self._known[key]

    def _read(self, namespace: str, cause: Cause) -> List[str]:
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(cause.pod, safe='')}/log"
        query = {
            "container": cause.container,
            "previous": "true" if cause.log == "previous" else None,
            "tailLines": LOG_LINES,
            "limitBytes": _LOG_BYTES,
        }
        try:
            return last_lines(self._reader.text(path, query))
        except ClusterError:
            # The pod is gone, its node does not answer, or logs may not be read: the cause stands without.
            return []
