# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A snapshot of a running libSQL server: its own dump, read in one transaction, which holds up no writer."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Dict, List

from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import Store

_CHUNK = 1 << 20
_END = b"COMMIT;\n"
_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name"
_NUL = b"'||char(0)||'"


def take(store: Store, secret: str, target: Path, timeout: float) -> None:
    """Write the SQL of the database. Raises BackupError."""
    dump(store.name, store.url or "", {"Authorization": "Bearer " + secret} if secret else {}, target, timeout)


def dump(name: str, url: str, headers: Dict[str, str], target: Path, timeout: float) -> None:
    end = b""
    request = urllib.request.Request(url.rstrip("/") + "/dump", headers=headers)  # noqa: S310 - spec.py knows the schemes
    try:
        with _open(request, timeout) as answer, target.open("wb") as file:
            for chunk in iter(lambda: answer.read(_CHUNK), b""):
                end = (end + chunk)[-len(_END) :]
                # SQL text ends at a NUL; the server writes those of a value as they are.
                file.write(chunk.replace(b"\0", _NUL))
    except urllib.error.HTTPError as error:
        reason = "refuses the token" if error.code in (401, 403) else "gives no dump"
        raise BackupError("%s: libSQL at %s %s: HTTP %d" % (name, url, reason, error.code)) from None
    except http.client.IncompleteRead:
        # A server that is killed ends the connection, too.
        end = b""
    except (OSError, http.client.HTTPException) as error:
        raise BackupError("%s: no dump of libSQL at %s: %s" % (name, url, error)) from None
    if end != _END:
        raise BackupError("%s: libSQL at %s ended the dump before its end; its log may say why" % (name, url))


def rows(name: str, url: str, headers: Dict[str, str], timeout: float) -> Dict[str, int]:
    """How many rows each table has. Raises BackupError."""
    tables = query(name, url, headers, _TABLES, timeout)
    names = [str(row[0]["value"]) for row in tables]
    counts = {}
    for table in names:
        quoted = table.replace('"', '""')
        answer = query(name, url, headers, 'SELECT count(*) FROM "%s"' % quoted, timeout)  # noqa: S608
        counts[table] = int(answer[0][0]["value"])
    return counts


def query(name: str, url: str, headers: Dict[str, str], sql: str, timeout: float) -> List[List[Dict[str, str]]]:
    """The rows that one statement gives. Raises BackupError."""
    answer = _asked(name, url, headers, {"type": "execute", "stmt": {"sql": sql}}, timeout)
    found: List[List[Dict[str, str]]] = answer["result"]["rows"]
    return found


def script(name: str, url: str, headers: Dict[str, str], sql: str, timeout: float) -> None:
    """Run any number of statements. Raises BackupError."""
    _asked(name, url, headers, {"type": "sequence", "sql": sql}, timeout)


def _asked(name: str, url: str, headers: Dict[str, str], asked: Dict[str, Any], timeout: float) -> Dict[str, Any]:
    """https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md"""
    where, data = url.rstrip("/") + "/v2/pipeline", json.dumps({"requests": [asked, {"type": "close"}]}).encode()
    headers = {**headers, "Content-Type": "application/json"}
    request = urllib.request.Request(where, data, headers)  # noqa: S310 - spec.py knows the schemes
    try:
        with _open(request, timeout) as answer:
            first: Dict[str, Any] = json.load(answer)["results"][0]
    except (OSError, http.client.HTTPException, ValueError, LookupError) as error:
        raise BackupError("%s: libSQL at %s does not answer: %s" % (name, url, error)) from None
    if first["type"] != "ok":
        # The message may quote a statement, and so data.
        code = first["error"].get("code") or "an error without a code"
        raise BackupError("%s: libSQL at %s refuses a statement: %s" % (name, url, code))
    response: Dict[str, Any] = first["response"]
    return response


def _open(request: urllib.request.Request, timeout: float) -> http.client.HTTPResponse:
    # Stores are near; a proxy of the environment must not see their data.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    answer: http.client.HTTPResponse = opener.open(request, timeout=timeout)
    return answer
