# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is remembered of the last successful build of a target: one small private file each.

The files are a cache: without them everything is built again, from the builder's own cache.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Dict, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils import atomic_file
from ansible_collections.bunops.platform.plugins.module_utils.images.context import Entries, Entry

_FORMAT = 1


class Sources(NamedTuple):
    """What an image is made of, as digests.

    definition: of the target's part of the bake definition. bases: image references to their ids in the engine (None:
    not there, the builder gets it from a registry). entries: of Dockerfile, ignore file and contexts. linked: digests
    of the targets it builds on. taken_at: nanoseconds since the epoch.
    """

    definition: str
    bases: Dict[str, Optional[str]]
    entries: Entries
    linked: Dict[str, str]
    taken_at: int

    def digest(self) -> str:
        """One digest over everything; equal digests mean equal sources."""
        contents = {path: entry.digest for path, entry in self.entries.items()}
        parts = [self.definition, self.bases, contents, self.linked]
        return hashlib.blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).hexdigest()


class Record(NamedTuple):
    """A successful build: its sources, the id of its image in the engine, its digest in the registry if pushed."""

    sources: Sources
    image: str
    pushed: str


def record_path(folder: str, engine_id: str, tags: Sequence[str]) -> str:
    """The file for one target on one engine."""
    key = hashlib.blake2b("\n".join([engine_id, *sorted(tags)]).encode(), digest_size=16).hexdigest()
    return f"{folder}/images/{key}.json"


def load(path: str) -> Optional[Record]:
    """The record in a file; None if there is none that this version can read."""
    try:
        document = load_json(path)
        if document.get("format") != _FORMAT:
            return None
        entries = {name: Entry(*values) for name, values in document["entries"].items()}
        sources = Sources(document["definition"], document["bases"], entries, document["linked"], document["taken_at"])
        return Record(sources, document["image"], document["pushed"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def save(path: str, record: Record) -> None:
    """Write a record, whole or not at all, readable by its owner only. Raises OSError."""
    sources = record.sources
    store_json(
        path,
        {
            "format": _FORMAT,
            "image": record.image,
            "pushed": record.pushed,
            "definition": sources.definition,
            "bases": sources.bases,
            "linked": sources.linked,
            "taken_at": sources.taken_at,
            "entries": sources.entries,
        },
    )


def load_json(path: str) -> Dict[str, Any]:
    """The JSON object in a file. Raises OSError, ValueError."""
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise ValueError(f"{path} does not hold an object")
    return document


def store_json(path: str, document: Mapping[str, Any]) -> None:
    """Write a JSON object to a file of mode 0600 by rename. Raises OSError."""
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    atomic_file.write(path, json.dumps(document, separators=(",", ":")).encode("utf-8"))
