# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is backed up, and what a backup says of itself. Pure."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError

FORMAT = 1
MANIFEST = "manifest.json"
ENDINGS = {"redis": ".rdb", "libsql": ".sql"}


class Store(NamedTuple):
    """One store. volume and labels: where its data is; the rest: how a running one is read.

    In a cluster, the host of the url is a Service, the image is known there, and secret names one that is kept there.
    """

    name: str
    kind: str
    image: str = ""
    url: Optional[str] = None
    username: Optional[str] = None
    secret_file: Optional[str] = None
    secret: Optional[Mapping[str, str]] = None
    volume: str = ""
    labels: Mapping[str, str] = {}


class Snapshot(NamedTuple):
    """One file of a backup. contents: what a scratch instance had after loading it."""

    store: str
    kind: str
    file: str
    bytes: int
    sha256: str
    image: str
    contents: Mapping[str, Any]


class Manifest(NamedTuple):
    """What stands beside the files. taken_at: seconds since the epoch, when the first store was read."""

    platform: str
    taken_at: int
    snapshots: List[Snapshot]

    def text(self) -> str:
        stores = [snapshot._asdict() for snapshot in self.snapshots]
        document = {"format": FORMAT, "platform": self.platform, "taken_at": self.taken_at, "stores": stores}
        return json.dumps(document, indent=2, sort_keys=True) + "\n"


def parse_manifest(text: str, where: str) -> Manifest:
    """The manifest in a file. Raises BackupError: no JSON, another format, fields missing."""
    try:
        document: Dict[str, Any] = json.loads(text)
        if document["format"] != FORMAT:
            raise BackupError("%s: format is %r; expected %d" % (where, document["format"], FORMAT))
        snapshots = [Snapshot(**each) for each in document["stores"]]
        for snapshot in snapshots:
            if snapshot.file != file_name(snapshot.store, snapshot.kind):
                raise BackupError("%s: file is %r; expected one named after its store" % (where, snapshot.file))
        return Manifest(str(document["platform"]), int(document["taken_at"]), snapshots)
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError("%s is no manifest of a backup: %s" % (where, error)) from None


def file_name(store: str, kind: str) -> str:
    """Name of a store's file in a backup. Raises KeyError: unknown kind."""
    return store + ENDINGS[kind]


def in_order(stores: List[Store]) -> List[Store]:
    """Queues before databases.

    The database is the truth and the queue only delivers. A database that is read last knows every job that the queue
    knows; what it knows beyond, the programs put back into the queue.
    """
    return sorted(stores, key=lambda store: store.kind != "redis")
