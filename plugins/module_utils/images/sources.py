# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Observe: what each target is made of right now."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Callable, Dict, List, Mapping, Optional

from ansible_collections.bunops.platform.plugins.module_utils.images import context, dockerfile, ignore
from ansible_collections.bunops.platform.plugins.module_utils.images.definition import DefinitionError, Target
from ansible_collections.bunops.platform.plugins.module_utils.images.state import Sources

# The id of an image in the engine, or None.
IdOf = Callable[[str], Optional[str]]


def observe(target: Target, known: Optional[Sources], image_id: IdOf, linked: Mapping[str, str]) -> Sources:
    """Digests of everything that the image of a target is made of.

    known: the sources of the last build, whose file digests are used again where a file is unchanged.
    linked: digests of the targets that this one builds on. Raises DefinitionError for unreadable sources.
    """
    taken_at = time.time_ns()
    try:
        entries = _entries(target, known)
        text = _text(target.dockerfile) if target.dockerfile else target.inline
    except ignore.IgnoreError as error:
        raise DefinitionError(f"The ignore file of target '{target.name}': {error}.") from error
    except OSError as error:
        raise DefinitionError(f"Target '{target.name}': {error.filename}: {error.strerror}.") from error
    return Sources(
        definition=hashlib.blake2b(target.text.encode(), digest_size=16).hexdigest(),
        bases=_bases(target, dockerfile.base_images(text, target.args), image_id),
        entries=entries,
        linked=dict(linked),
        taken_at=taken_at,
    )


def _bases(target: Target, references: List[str], image_id: IdOf) -> Dict[str, Optional[str]]:
    """Ids of the images that the Dockerfile starts from; named contexts take the place of some."""
    images = {dockerfile.full_name(name): image for name, image in target.images.items()}
    elsewhere = {dockerfile.full_name(name) for name in (*target.folders, *target.targets)}
    return {
        reference: image_id(images.get(dockerfile.full_name(reference), reference))
        for reference in references
        if dockerfile.full_name(reference) not in elsewhere
    }


def _entries(target: Target, known: Optional[Sources]) -> context.Entries:
    before = known.entries if known else {}
    at = known.taken_at if known else 0
    entries: Dict[str, context.Entry] = {}
    if target.context:
        ignore_file = _ignore_file(target)
        for path, title in ((target.dockerfile, "Dockerfile"), (ignore_file, "ignore file")):
            if path:
                label = f"{Path(path).name} ({title})"
                entries[label] = context.file_entry(path, before.get(label), at)
        entries.update(context.take(target.context, _rules(ignore_file), before, at).entries)
    for name, folder in target.folders.items():
        prefix = f"{name}: "
        inside = {path[len(prefix) :]: entry for path, entry in before.items() if path.startswith(prefix)}
        found = context.take(folder, _rules(_existing(f"{folder}/.dockerignore")), inside, at)
        entries.update({prefix + path: entry for path, entry in found.entries.items()})
    return entries


def _ignore_file(target: Target) -> Optional[str]:
    own = _existing(f"{target.dockerfile}.dockerignore") if target.dockerfile else None
    return own or _existing(f"{target.context}/.dockerignore")


def _existing(path: str) -> Optional[str]:
    return path if Path(path).is_file() else None


def _rules(path: Optional[str]) -> ignore.IgnoreRules:
    return ignore.parse(_text(path)) if path else ignore.IgnoreRules()


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8", errors="surrogateescape")
