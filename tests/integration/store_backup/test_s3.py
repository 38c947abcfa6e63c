# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Backups in a bucket are as whole as those in a directory."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.store_backup.s3_server import (
    ACCESS_KEY,
    BUCKET,
    PREFIX,
    SECRET_KEY,
    S3Server,
)
from ansible_collections.bunops.platform.tests.integration.store_backup.stores import BACKUP, RESTORE, ROWS, Stores

FILES = ("libsql.sql", "manifest.json", "redis.rdb")
# More than is sent at once, so that it goes in parts.
LARGE = (
    "INSERT INTO jobs WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12) "
    "SELECT 'large' || i, '', 0, randomblob(1000000) FROM n"
)


def of_backup(stores: Stores, backup: str) -> list[str]:
    return [f"{stores.project}/{backup}/{file}" for file in FILES]


def local(stores: Stores) -> list[str]:
    """What is on this machine."""
    return sorted(path.name for path in stores.directory.iterdir()) if stores.directory.exists() else []


def test_all_is_there_after_this_machine_was_lost(stores: Stores, s3_server: S3Server, tmp_path: Path) -> None:
    s3 = s3_server.options()
    s3_server.write(f"{stores.project}/notes.txt", b"of somebody else")
    before = stores.content()
    foreseen = BACKUP.ok(**stores.backup_options(s3=s3), check=True)
    assert local(stores) == []
    assert s3_server.objects() == [f"{stores.project}/notes.txt"]
    older = BACKUP.ok(**stores.backup_options(s3=s3, keep=1))
    assert older["path"] == f"s3://{BUCKET}/{PREFIX}/{stores.project}/{older['backup']}"
    assert local(stores) == [".lock", "metrics.prom"]
    taken = BACKUP.ok(**stores.backup_options(s3=s3, keep=1))
    assert taken["removed"] == [older["backup"]]
    assert s3_server.objects() == [*of_backup(stores, taken["backup"]), f"{stores.project}/notes.txt"]
    assert stores.content() == before

    stores.lose()
    new = {"directory": str(tmp_path / "another-machine"), "s3": s3}
    seen = RESTORE.ok(**{**stores.restore_options(), **new}, check=True)
    assert not (tmp_path / "another-machine").exists()
    restored = RESTORE.ok(**{**stores.restore_options(), **new})
    assert restored["backup"] == seen["backup"] == taken["backup"]
    stores.start()
    assert stores.content() == before
    assert stores.leftovers() == []
    assert [path.name for path in (tmp_path / "another-machine" / stores.project).iterdir()] == [".lock"]

    kept = b"".join(s3_server.read(key) for key in s3_server.objects())
    kept += b"".join(path.read_bytes() for path in stores.directory.iterdir())
    told = json.dumps([foreseen, older, taken, seen, restored]).encode()
    for canary in (ACCESS_KEY, SECRET_KEY):
        assert canary.encode() not in kept + told


def test_a_bucket_that_somebody_wrote_to_touches_nothing(stores: Stores, s3_server: S3Server) -> None:
    taken = BACKUP.ok(**stores.backup_options(s3=s3_server.options()))
    before = stores.content()
    stores.stop()
    options = stores.restore_options(s3=s3_server.options(), replace=True)
    dump, said, _rdb = of_backup(stores, taken["backup"])
    where = f"s3://{BUCKET}/{PREFIX}/{dump}"
    whole, manifest = s3_server.read(dump), s3_server.read(said)

    s3_server.write(dump, whole.replace(b"X'", b"X'00", 1))
    for check in (True, False):
        assert f"{where} is damaged: its SHA-256 is " in RESTORE.failing(**options, check=check)["msg"]
    s3_server.delete(dump)
    assert RESTORE.failing(**options)["msg"] == f"{where} is missing"
    s3_server.write(dump, whole)
    s3_server.write(said, manifest[:-20])
    assert "manifest.json is no manifest of a backup" in RESTORE.failing(**options)["msg"]
    s3_server.write(said, manifest.replace(b'"jobs": %d' % ROWS, b'"jobs": %d' % (ROWS + 1)))
    assert RESTORE.failing(**options)["msg"] == "libsql: the backup's content is not what its manifest says"
    s3_server.delete(said)
    assert RESTORE.failing(**options)["msg"] == f"backup: there is none in s3://{BUCKET}/{PREFIX}/{stores.project}/"

    stores.start()
    assert stores.content() == before
    assert local(stores) == [".lock", "metrics.prom"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_upload_is_no_backup(stores: Stores, s3_server: S3Server, number: signal.Signals) -> None:
    stores.sql(LARGE)
    options = stores.backup_options(s3=s3_server.options())
    running = BACKUP.start(**options)
    while not s3_server.uploads():
        assert running.poll() is None
        time.sleep(0.001)
    process = Path("/proc") / str(running.pid)
    seen = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    os.kill(running.pid, number)
    output, errors = running.communicate(timeout=60)
    for canary in (ACCESS_KEY, SECRET_KEY):
        assert canary not in seen.decode() + output + errors
    if number == signal.SIGTERM:
        assert (s3_server.uploads(), s3_server.objects(), local(stores)) == ([], [], [".lock"])
    else:
        assert s3_server.uploads() != []
        assert len(s3_server.objects()) == 1
    refused = RESTORE.failing(**stores.restore_options(s3=s3_server.options(), replace=True))["msg"]
    assert refused.startswith("backup: there is none in s3://")

    stores.sql("DELETE FROM jobs WHERE id LIKE 'large%'")
    taken = BACKUP.ok(**options)
    assert s3_server.uploads() == []
    assert s3_server.objects() == of_backup(stores, taken["backup"])
    assert local(stores) == [".lock", "metrics.prom"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("bucket", "another", "s3: bucket: there is no another at {endpoint}"),
        ("access_key_file", "wrong", "s3: access_key_file: {endpoint} does not know the access key in it"),
        (
            "secret_key_file",
            "wrong",
            "s3: secret_key_file: {endpoint} says that what is in it is not the secret of the access key",
        ),
        ("endpoint", "https://127.0.0.1:1", "s3: endpoint: https://127.0.0.1:1 cannot be reached: Connection refused"),
        ("ca_file", "other.crt", "s3: endpoint: no trusted connection to {endpoint}: "),
    ],
)
def test_what_is_wrong_is_named(s3_server: S3Server, tmp_path: Path, field: str, value: str, message: str) -> None:
    s3 = s3_server.options()
    if field in ("access_key_file", "secret_key_file"):
        (tmp_path / value).write_text("CANARYofawrongkey")
    if field == "ca_file":
        other = S3Server(tmp_path / "other")
        (tmp_path / value).write_bytes((other.folder / "ca.crt").read_bytes())
    s3[field] = str(tmp_path / value) if field.endswith("_file") else value
    common = {"name": "none", "directory": str(tmp_path / "backups"), "s3": s3}
    stores: dict[str, list[dict[str, Any]]] = {
        "backup": [{"name": "a", "kind": "libsql", "url": "http://127.0.0.1:1", "image": "none"}],
        "restore": [{"name": "a", "kind": "libsql", "volume": "none", "image": "none"}],
    }
    for module, name in ((BACKUP, "backup"), (RESTORE, "restore")):
        failed = module.failing(**common, stores=stores[name])
        assert failed["msg"].startswith(message.format(endpoint=s3_server.endpoint))
        for canary in ("CANARYofawrongkey", ACCESS_KEY, SECRET_KEY):
            assert canary not in json.dumps(failed)
    assert s3_server.objects() == []
    assert not (tmp_path / "backups").exists()
