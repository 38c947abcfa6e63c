# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is different between the kinds of stores."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, Mapping, NamedTuple

from ansible_collections.bunops.platform.plugins.module_utils.backup import (
    load_libsql,
    load_redis,
    snapshot_libsql,
    snapshot_redis,
)
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import Store
from ansible_collections.bunops.platform.plugins.module_utils.backup.scratch import Scratch


class Kind(NamedTuple):
    """take: snapshot of a running store; load: into a scratch instance.

    directory: where its volume belongs; data: what of it is the store's own.
    """

    take: Callable[[Store, str, Path, float], None]
    load: Callable[[Scratch, str, Path], Dict[str, Any]]
    directory: str
    data: str


KINDS: Mapping[str, Kind] = {
    "redis": Kind(snapshot_redis.take, load_redis.load, load_redis.DATA_DIR, load_redis.DATA),
    "libsql": Kind(snapshot_libsql.take, load_libsql.load, load_libsql.DATA_DIR, load_libsql.DATA),
}
