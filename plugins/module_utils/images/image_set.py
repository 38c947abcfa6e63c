# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A set of images: observe what is, apply what the plan says."""

from __future__ import annotations

import functools
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.images import bake, definition, registry, sources, state
from ansible_collections.bunops.platform.plugins.module_utils.images.definition import Target
from ansible_collections.bunops.platform.plugins.module_utils.images.engine_api import EngineApi, Image
from ansible_collections.bunops.platform.plugins.module_utils.images.plan import Observed, Operation, changed_files
from ansible_collections.bunops.platform.plugins.module_utils.images.state import Record, Sources

# A target to what is known of its sources from before.
Known = Callable[[Target], Optional[Sources]]


class Wanted(NamedTuple):
    """What the caller asks for; see the options of the module image_set."""

    definition: Mapping[str, Any]
    targets: Sequence[str]
    settings: bake.Settings


class Outcome(NamedTuple):
    """The state of one target afterwards. digest: its id in the engine, or that in the registry if pushed.

    reference: its first tag; if it was pushed, repository@digest.
    """

    target: str
    tags: List[str]
    digest: Optional[str]
    size: Optional[int]
    layers: List[str]
    built: bool
    changed: bool
    reference: Optional[str]


def local_contexts(document: Mapping[str, Any], targets: Sequence[str], folder: str) -> List[str]:
    """Absolute paths of the local build contexts of some targets. Raises DefinitionError."""
    read = definition.read(document, targets, folder)
    return [path for target in read for path in (target.context, *target.folders.values()) if path]


class _Survey:
    """One look at the sources of targets and of those that they build on, each read once."""

    def __init__(self, wanted: Wanted, image: Callable[[str], Optional[Image]], known: Known) -> None:
        self._wanted = wanted
        self._image = image
        self._known = known
        self._seen: Dict[str, Sources] = {}

    def sources(self, target: Target) -> Sources:
        """What the target is made of. Raises DefinitionError, EngineError."""
        if target.name not in self._seen:
            needed = sorted(set(target.targets.values()))
            below = definition.read(self._wanted.definition, needed, self._wanted.settings.folder) if needed else []
            linked = {other.name: self.sources(other).digest() for other in below}
            self._seen[target.name] = sources.observe(target, self._known(target), self._id, linked)
        return self._seen[target.name]

    def _id(self, reference: str) -> Optional[str]:
        image = self._image(reference)
        return image.id if image else None


def observe(wanted: Wanted, api: EngineApi, folder: str) -> List[Observed]:
    """One look at every target: its sources, its images, the record of its last build.

    folder: where the records are. Raises DefinitionError, EngineError.
    """
    engine_id = api.engine_id()
    image = functools.lru_cache(maxsize=None)(api.image)

    @functools.lru_cache(maxsize=None)
    def record(tags: Tuple[str, ...]) -> Optional[Record]:
        return state.load(state.record_path(folder, engine_id, tags))

    def known(target: Target) -> Optional[Sources]:
        found = record(target.tags)
        return found.sources if found else None

    survey = _Survey(wanted, image, known)
    targets = definition.read(wanted.definition, wanted.targets, wanted.settings.folder)
    tags = [tag for target in targets for tag in target.tags] if wanted.settings.push else []
    published = registry.digests(tags, wanted.settings)
    return [
        Observed(
            target=target,
            sources=survey.sources(target),
            record=record(target.tags),
            images=[image(tag) for tag in target.tags],
            pushed=[published[tag] for tag in target.tags] if wanted.settings.push else (),
        )
        for target in targets
    ]


def apply(
    wanted: Wanted,
    observed: Sequence[Observed],
    operations: Sequence[Operation],
    api: EngineApi,
    folder: str,
    warn: Callable[[str], None],
) -> List[Outcome]:
    """Build what the plan says, in one go, and remember it. Raises BuildError, RunnerError, EngineError."""
    building = [item for item, operation in zip(observed, operations) if operation.action == "build"]
    if not building:
        return [outcome(item, item.images, built=False) for item in observed]
    metadata = bake.run(wanted.definition, [item.target for item in building], wanted.settings)
    engine_id = api.engine_id()
    before = {item.target.name: item.sources for item in observed}
    survey = _Survey(wanted, api.image, lambda target: before.get(target.name))
    outcomes: List[Outcome] = []
    for item in observed:
        if item not in building:
            outcomes.append(outcome(item, item.images, built=False))
            continue
        pushed = _pushed(metadata, item.target) if wanted.settings.push else ""
        images = [api.image(tag) for tag in item.target.tags]
        edited = _edited(item.sources, survey.sources(item.target))
        if edited:
            warn(f"Target '{item.target.name}': {edited} changed during the build; the next run builds it again.")
        else:
            _remember(item, images, pushed, state.record_path(folder, engine_id, item.target.tags))
        outcomes.append(outcome(item, images, built=True, pushed=pushed))
    return outcomes


def _pushed(metadata: Mapping[str, Any], target: Target) -> str:
    return str(metadata.get(target.name, {}).get("containerimage.digest", ""))


def outcome(item: Observed, images: Sequence[Optional[Image]], built: bool, pushed: str = "") -> Outcome:
    """What a target's images are now, against what was observed."""
    image = images[0] if images else None
    digest = image.id if image else None
    before = [known.id if known else None for known in item.images]
    after = [known.id if known else None for known in images]
    # What was not pushed now is in the registry only as far as the registry says so itself.
    known_push = pushed or next(iter(item.pushed), "")
    republished = bool(pushed) and any(digest != pushed for digest in item.pushed or [""])
    return Outcome(
        target=item.target.name,
        tags=list(item.target.tags),
        digest=known_push or digest,
        size=image.size if image else None,
        layers=list(image.layers) if image else [],
        built=built,
        changed=before != after or republished,
        reference=_reference(item.target, known_push),
    )


def _reference(target: Target, pushed: str) -> Optional[str]:
    if not target.tags:
        return None
    return f"{definition.repository(target.tags[0])}@{pushed}" if pushed else target.tags[0]


def _remember(item: Observed, images: Sequence[Optional[Image]], pushed: str, path: str) -> None:
    ids = {image.id for image in images if image}
    # Without one image under all tags (a builder that does not load it), there is nothing to compare with later.
    if len(ids) == 1 and None not in images and not item.target.unknowable:
        state.save(path, Record(item.sources, ids.pop(), pushed))


def _edited(before: Sources, after: Sources) -> str:
    """What is no longer as it was before the build, in a word; empty if nothing is."""
    if before.digest() == after.digest():
        return ""
    return next(iter(changed_files(before, after)), "what it is built on")
