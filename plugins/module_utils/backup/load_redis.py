# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""An RDB, loaded by a scratch Redis, which then has an append-only file of it.

A Redis with an append-only file reads that alone and no RDB, so the file is made by one that has none yet:
https://redis.io/docs/latest/operate/oss_and_stack/management/persistence/
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Any, Dict, List, Optional

from ansible_collections.bunops.platform.plugins.module_utils.backup import scratch as instances
from ansible_collections.bunops.platform.plugins.module_utils.backup import volumes
from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError

DATA_DIR = "/data"
# What a store's volume gets of the instance's.
DATA = "appendonlydir"
_PORT = 6379
_PAGE = 1000


def load(scratch: instances.Scratch, name: str, file: Path) -> Dict[str, Any]:
    """Load the file, and return what the instance has then. Raises BackupError."""
    password = secrets.token_urlsafe(24)
    owner = instances.owner_of(scratch)
    settings = "\n".join(
        [
            "port %d" % _PORT,
            "requirepass %s" % password,
            "dir %s" % DATA_DIR,
            'save ""',
            "appendonly no",
            "enable-debug-command yes",
            "",
        ]
    )
    archives = (
        volumes.small_archive("scratch.conf", settings.encode(), owner),
        volumes.as_archive(file, "dump.rdb", owner),
    )
    place = volumes.Place(scratch.image, scratch.volume, DATA_DIR)
    volumes.fill(scratch.engine, place, archives, scratch.mark)
    command = ["redis-server", DATA_DIR + "/scratch.conf"]
    with instances.running(scratch, command, DATA_DIR) as running:
        return _loaded(running, name, password)


def _loaded(running: instances.Running, name: str, password: str) -> Dict[str, Any]:
    import redis

    client = redis.Redis(running.address, _PORT, password=password, socket_timeout=running.timeout)

    def ready() -> Optional[bool]:
        try:
            return True if client.ping() else None
        except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError):
            return None

    def rewritten() -> Optional[bool]:
        told = client.info("persistence")
        busy = told["aof_rewrite_in_progress"] or told["aof_rewrite_scheduled"]
        return None if busy or told["aof_last_bgrewrite_status"] != "ok" or not told["aof_enabled"] else True

    with client:
        running.until(ready, name)
        try:
            contents = _contents(client, running, password)
            client.config_set("appendonly", "yes")
            running.until(rewritten, name)
        except redis.exceptions.RedisError as error:
            raise BackupError("%s: the scratch instance refuses: %s" % (name, error)) from None
    return contents


def _contents(client: Any, running: instances.Running, password: str) -> Dict[str, Any]:
    """How many keys there are that do not expire, and a digest of them; the others may go at any moment."""
    import redis

    found: Dict[str, int] = {}
    total = hashlib.sha256()
    for space in sorted(client.info("keyspace"), key=lambda each: int(each[2:])):
        number = int(space[2:])
        with redis.Redis(
            running.address, _PORT, db=number, password=password, socket_timeout=running.timeout
        ) as database:
            digests = _digests(database)
        if digests:
            found[space] = len(digests)
            total.update(b"%d\n" % number + b"".join(sorted(digests)))
    return {"keys": found, "digest": total.hexdigest()}


def _digests(database: Any) -> List[bytes]:
    """Of each key that stays, its name and Redis' own digest of its value."""
    digests: List[bytes] = []
    cursor = 0
    while True:
        cursor, names = database.scan(cursor, count=_PAGE)
        pipeline = database.pipeline(transaction=False)
        for key in names:
            pipeline.pttl(key)
            pipeline.execute_command("DEBUG", "DIGEST-VALUE", key)
        answers = pipeline.execute()
        for key, left, digest in zip(names, answers[::2], answers[1::2]):
            if left == -1:
                digests.append(key + b"\0" + digest[0] + b"\n")
        if cursor == 0:
            # A key may come twice.
            return sorted(set(digests))
