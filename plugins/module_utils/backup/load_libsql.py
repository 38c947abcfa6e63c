# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A dump, loaded by a scratch libSQL server, whose files are then those of a database that has it.

The server could load a dump by itself, but it joins the lines of a statement, and that changes texts of tables and
lets a comment swallow what follows it.
"""

from __future__ import annotations

import base64
import http.client
import secrets
import sqlite3
import tempfile
import urllib.request
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

from ansible_collections.bunops.platform.plugins.module_utils.backup import scratch as instances
from ansible_collections.bunops.platform.plugins.module_utils.backup import snapshot_libsql
from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.places import sha256_of

DATA_DIR = "/var/lib/sqld"
# What a store's volume gets of the instance's.
DATA = "data"
_PORT = 8080
# Characters of SQL that one request has at the least, if there are as many.
_BATCH = 4_000_000
_OUTER = ("BEGIN TRANSACTION;\n", "COMMIT;\n")


def load(scratch: instances.Scratch, name: str, file: Path) -> Dict[str, Any]:
    """Load the file, and return what the instance has then: it dumps the same bytes. Raises BackupError."""
    login = base64.b64encode(b"scratch:" + secrets.token_urlsafe(24).encode()).decode()
    command = ["sqld", "--http-listen-addr", "0.0.0.0:%d" % _PORT, "--db-path", "%s/%s" % (DATA_DIR, DATA)]
    environment = {"SQLD_HTTP_AUTH": "basic:" + login}
    with instances.running(scratch, [*command, "--no-welcome"], DATA_DIR, environment) as running:
        url = "http://%s:%d" % (running.address, _PORT)
        running.until(lambda: _ready(url), name)
        headers = {"Authorization": "Basic " + login}
        try:
            for batch in batches(file):
                snapshot_libsql.script(name, url, headers, batch, running.timeout)
        except UnicodeDecodeError:
            raise BackupError("%s: the dump is no UTF-8" % name) from None
        with tempfile.TemporaryDirectory(dir=str(file.parent.parent), prefix=".new-") as folder:
            again = Path(folder) / file.name
            snapshot_libsql.dump(name, url, headers, again, running.timeout)
            if sha256_of(again) != sha256_of(file):
                raise BackupError("%s: what was restored from the dump is not what the dump says" % name)
        return {"rows": snapshot_libsql.rows(name, url, headers, running.timeout)}


def batches(file: Path) -> Iterator[str]:
    """The dump's statements, some together, each time in a transaction of their own."""
    batch: List[str] = []
    size = 0
    for statement in statements(file):
        if statement in _OUTER:
            continue
        batch.append(statement)
        size += len(statement)
        if size >= _BATCH:
            yield _transaction(batch)
            batch, size = [], 0
    if batch:
        yield _transaction(batch)


def statements(file: Path) -> Iterator[str]:
    """Most have a line each; the text of a table may have more."""
    lines: List[str] = []
    with file.open(encoding="utf-8", newline="\n") as dump:
        for line in dump:
            lines.append(line)
            if line.endswith(";\n") and sqlite3.complete_statement("".join(lines)):
                yield "".join(lines)
                lines = []
    if lines:
        yield "".join(lines)


def _transaction(batch: List[str]) -> str:
    # Without the pragma, which a transaction would ignore, a row might come before the one that it refers to.
    return "PRAGMA foreign_keys=OFF;\nBEGIN;\n" + "".join(batch) + "COMMIT;\n"


def _ready(url: str) -> Optional[bool]:
    try:
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url + "/health", timeout=5).close()
    except (OSError, http.client.HTTPException):
        return None
    return True
