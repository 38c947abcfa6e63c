# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is put down beside the files of secrets: whose they are and which versions; no values."""

from __future__ import annotations

import json
import time
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Files, Holding, Version


class Entry(NamedTuple):
    """The version of a secret. made: seconds since the epoch. files: their names.

    since: when it was put where it is, in seconds since the epoch; a version may come back. 0 if that is not kept.
    """

    number: int
    made: Optional[int]
    files: Tuple[str, ...]
    since: float


class Record(NamedTuple):
    """What a target holds of a set; entries by the secrets' names."""

    set_name: str
    entries: Dict[str, Entry]


def dump(set_name: str, holding: Holding, since: Mapping[str, float]) -> str:
    """One line of JSON: `{"secrets": {NAME: {"files": [NAME], "made": 0, "number": 1}}, "set": "atlas"}`."""
    secrets: Dict[str, Any] = {
        name: {"number": version.number, "made": version.made, "files": sorted(version.files)}
        for name, version in holding.items()
    }
    for name in set(secrets) & set(since):
        secrets[name]["since"] = since[name]
    return json.dumps({"set": set_name, "secrets": secrets}, sort_keys=True)


def load(text: str) -> Record:
    """Raises ValueError for what dump() did not write."""
    try:
        document: Any = json.loads(text)
        entries = {name: _entry(each) for name, each in document["secrets"].items()}
        return Record(str(document["set"]), entries)
    except (KeyError, TypeError, AttributeError):
        raise ValueError("it has another shape") from None


def _entry(document: Mapping[str, Any]) -> Entry:
    made = document["made"]
    return Entry(
        number=int(document["number"]),
        made=None if made is None else int(made),
        files=tuple(map(str, document["files"])),
        since=float(document.get("since", 0)),
    )


def after(
    before: Holding,
    wanted: Mapping[str, Files],
    changed: Sequence[str],
    place: Callable[[str], str],
    highest: Mapping[str, int],
) -> Holding:
    """What a target holds after a write: what has other files than before has the next number, and is made now.

    place: of a secret. highest: the greatest number of each secret that was seen.
    """
    holding: Holding = {}
    for name, files in wanted.items():
        held = before.get(name)
        if held and (name not in changed or held.files == files):
            holding[name] = held
        else:
            number = max(highest.get(name, 0), held.number if held else 0) + 1
            holding[name] = Version(number, int(time.time()), dict(files), place(name))
    return holding


def since_after(before: Holding, after: Holding, since: Mapping[str, float]) -> Dict[str, float]:
    """When each version was put where it is, once `after` is written now. since: the same before, of a holding."""
    now = time.time()
    return {
        name: since.get(name, 0) if name in before and before[name].files == version.files else now
        for name, version in after.items()
    }


def clashes(names: Mapping[str, Sequence[str]]) -> List[str]:
    """Problems of secrets that would be kept under one name. names: those of each secret's files."""
    owners: Dict[str, List[str]] = {}
    for secret, kept in sorted(names.items()):
        for name in kept:
            owners.setdefault(name, []).append(secret)
    return [
        "secrets %s would all be kept as %s; expected a name for each" % (" and ".join(secrets), name)
        for name, secrets in sorted(owners.items())
        if len(secrets) > 1
    ]
