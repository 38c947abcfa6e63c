# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What events say about an object. Pure.

https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/
"""

from __future__ import annotations

import re
from typing import AbstractSet, Dict, Iterable, List, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Object
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.plain import dig, number, text

_CONTAINER = re.compile(r"spec\.(?:initContainers|containers)\{(?P<name>[^}]+)\}")


class Event(NamedTuple):
    """One event. container: the one it is about, "" if about the whole object. last: RFC 3339, when it came last."""

    reason: str
    message: str
    container: str
    warning: bool
    last: str
    times: int


def read(value: Object) -> Event:
    """An event of the core API, whichever of its two ways to count repetitions its reporter uses."""
    last = (
        text(value, "series", "lastObservedTime")
        or text(value, "lastTimestamp")
        or text(value, "eventTime")
        or text(value, "metadata", "creationTimestamp")
    )
    place = _CONTAINER.fullmatch(text(value, "involvedObject", "fieldPath"))
    return Event(
        text(value, "reason"),
        # Reporters that repeat themselves put this in front.
        text(value, "message").replace("(combined from similar events): ", "", 1),
        place["name"] if place else "",
        text(value, "type") == "Warning",
        # "…:05Z" is before "…:05.2Z".
        last.rstrip("Z"),
        number(value, "series", "count", default=number(value, "count", default=1)),
    )


def by_object(values: Iterable[Object]) -> Dict[str, List[Event]]:
    """Events by the uid of the object that they are about, oldest first."""
    found: Dict[str, List[Event]] = {}
    for value in values:
        found.setdefault(str(dig(value, "involvedObject", "uid")), []).append(read(value))
    return {uid: sorted(events, key=lambda event: event.last) for uid, events in found.items()}


def latest(events: Sequence[Event], reasons: AbstractSet[str], container: str = "") -> Optional[Event]:
    """The newest one with one of these reasons; with a container: about that one."""
    return next(
        (e for e in reversed(events) if e.reason in reasons and (not container or e.container == container)), None
    )
