# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Operations and plans: what is to be done, with causes, readable as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import FrozenSet, List, Mapping, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.compose.model import Observed

# What the operations come to, in the words of the module's result.
RESULTS: Mapping[str, str] = {
    "create": "created",
    "recreate": "recreated",
    "start": "started",
    "restart": "started",
    "unpause": "started",
    "stop": "stopped",
    "remove": "removed",
}


@dataclass(frozen=True)
class Operation:
    """One thing to do. kind: a key of RESULTS. resource: service, network or volume. containers: their ids."""

    kind: str
    resource: str
    name: str
    cause: str
    containers: Tuple[str, ...] = ()

    def __str__(self) -> str:
        what = self.name if self.resource == "service" else f"{self.resource} {self.name}"
        return f"{self.kind} {what}: {self.cause}"


@dataclass(frozen=True)
class Plan:
    """What to do, or why nothing. notes: what stays different on purpose."""

    operations: Tuple[Operation, ...] = ()
    reason: str = ""
    notes: Tuple[str, ...] = ()
    # Services whose containers another tool made from the same definition; they stay as they are.
    adopted: FrozenSet[str] = field(default_factory=frozenset)

    def names(self, *kinds: str) -> List[str]:
        """Services with an operation of one of these kinds, sorted."""
        return sorted({item.name for item in self.operations if item.resource == "service" and item.kind in kinds})

    def containers(self, resource: str, kind: str) -> List[str]:
        """Ids of the containers concerned by operations of one kind."""
        return [
            container
            for item in self.operations
            if (item.resource, item.kind) == (resource, kind)
            for container in item.containers
        ]

    def __str__(self) -> str:
        lines = [str(item) for item in self.operations] or [f"nothing: {self.reason}"]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


def task_operations(project: str, observed: Observed, cause: str) -> List[Operation]:
    """Removal of throw-away containers that a service of the project started; they keep its networks in use."""
    return [
        Operation("remove", "task", item.name, cause, (item.id,))
        for item in observed.neighbours
        if item.task_of == project
    ]


def shortened(causes: Sequence[str], limit: int = 3) -> str:
    """The first causes in one line."""
    more = len(causes) - limit
    return ", ".join(causes[:limit]) + (f" and {more} more" if more > 0 else "")
