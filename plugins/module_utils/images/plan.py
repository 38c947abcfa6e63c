# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Plan: which targets have to be built, and why. Pure."""

from __future__ import annotations

from typing import List, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.images.definition import Target
from ansible_collections.bunops.platform.plugins.module_utils.images.engine_api import Image
from ansible_collections.bunops.platform.plugins.module_utils.images.state import Record, Sources

# How many changed files a cause names.
NAMED = 3
UNCHANGED = "nothing changed since it was built"


class Observed(NamedTuple):
    """The state of one target: its sources now, the record of its last build, the image that its tags name now.

    images: one per tag, None where the engine has none. pushed: digests in the registry, one per tag, only
    looked up for a push.
    """

    target: Target
    sources: Sources
    record: Optional[Record]
    images: Sequence[Optional[Image]]
    pushed: Sequence[str] = ()


class Operation(NamedTuple):
    """What happens to one target: action `build` or `keep`, and its cause or reason."""

    target: str
    action: str
    cause: str


def plan(observed: Sequence[Observed]) -> List[Operation]:
    """One operation per target, in their order."""
    operations: List[Operation] = []
    for item in observed:
        cause = _cause(item)
        operations.append(Operation(item.target.name, "build" if cause else "keep", cause or UNCHANGED))
    return operations


def _cause(item: Observed) -> str:
    if item.target.unknowable:
        return f"always built: {item.target.unknowable}"
    return _image_cause(item) or _sources_cause(item) or _registry_cause(item)


def _image_cause(item: Observed) -> str:
    missing = [tag for tag, image in zip(item.target.tags, item.images) if image is None]
    if missing:
        return f"image missing: {', '.join(missing)}"
    if item.record is None:
        return "never built here"
    other = [tag for tag, image in zip(item.target.tags, item.images) if image and image.id != item.record.image]
    return f"image replaced since it was built: {', '.join(other)}" if other else ""


def _sources_cause(item: Observed) -> str:
    if item.record is None:
        return "never built here"
    now, then = item.sources, item.record.sources
    if now.definition != then.definition:
        return "definition changed"
    bases = sorted(name for name in {**now.bases, **then.bases} if now.bases.get(name) != then.bases.get(name))
    if bases:
        return f"base changed: {', '.join(bases)}"
    if now.linked != then.linked:
        return "a target that it builds on changed"
    files = changed_files(then, now)
    return f"source changed: {_some(files)}" if files else ""


def _registry_cause(item: Observed) -> str:
    if item.record is None or all(digest and digest == item.record.pushed for digest in item.pushed):
        return ""
    return "the registry does not have this image under its tag"


def changed_files(then: Sources, now: Sources) -> List[str]:
    """Paths of the entries that differ, sorted; a directory only if nothing in it explains the difference."""
    paths = sorted(
        path
        for path in {**then.entries, **now.entries}
        if (then.entries.get(path) or (None,))[0] != (now.entries.get(path) or (None,))[0]
    )
    return [path for path in paths if not any(other.startswith(path + "/") for other in paths)]


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
