# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is backed up comes back, and nothing half: neither a backup nor a restore."""

from __future__ import annotations

import json
import os
import signal
import stat
import time
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tests.integration.run_module import result_of
from ansible_collections.bunops.platform.tests.integration.store_backup.stores import (
    BACKUP,
    BACKUP_PASSWORD,
    PASSWORD,
    RESTORE,
    ROWS,
    Stores,
)


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.name != "metrics.prom"}


def test_all_is_there_after_the_volumes_were_lost(stores: Stores) -> None:
    before = stores.content()
    foreseen = BACKUP.ok(**stores.backup_options(), check=True)
    assert not stores.directory.exists()
    taken = BACKUP.ok(**stores.backup_options())

    assert foreseen["msg"].splitlines()[0].startswith("back up redis (redis) to ")
    assert [each["store"] for each in taken["stores"]] == ["redis", "libsql"]
    assert taken["stores"][0]["contents"]["keys"] == {"db0": 5}
    assert taken["stores"][1]["contents"] == {"rows": {"jobs": ROWS}}
    assert modes(stores.directory) == {0o700, 0o600}
    manifest = json.loads((Path(taken["path"]) / "manifest.json").read_text())
    assert manifest["taken_at"] == taken["last_success_timestamp_seconds"]
    line = 'bunops_backup_last_success_timestamp_seconds{platform="%s",store="libsql"} %d'
    assert line % (stores.project, manifest["taken_at"]) in (stores.directory / "metrics.prom").read_text()
    kept = "".join(path.read_text(errors="replace") for path in stores.directory.rglob("*") if path.is_file())
    for canary in (PASSWORD, BACKUP_PASSWORD, stores.token):
        assert canary not in kept + json.dumps([taken, foreseen])

    refused = RESTORE.failing(**stores.restore_options())["msg"]
    assert refused.startswith("replace: is false, and there is data in the volumes ")
    assert "containers use the volumes" in RESTORE.failing(**stores.restore_options(replace=True))["msg"]
    stores.lose()
    foreseen = RESTORE.ok(**stores.restore_options(), check=True)
    assert f"create volume {stores.project}_libsql: libsql of {taken['backup']}, {ROWS} rows" in foreseen["msg"]
    assert RESTORE.ok(**stores.restore_options())["msg"] == foreseen["msg"]

    stores.start()
    assert stores.content() == before
    # It is a store like before: it takes more, and keeps it.
    stores.sql("INSERT INTO jobs VALUES ('more', '', 0, NULL)")
    with stores.redis() as client:
        client.set("more", 1)
    stores.stop()
    stores.start()
    assert stores.sql("SELECT count(*) FROM jobs")[0][0]["value"] == str(ROWS + 1)
    with stores.redis() as client:
        assert client.get("more") == b"1"

    # Back again, on top of what is there.
    stores.stop()
    assert "replace volume" in RESTORE.ok(**stores.restore_options(replace=True))["msg"]
    stores.start()
    assert stores.content() == before
    assert stores.leftovers() == []


def test_a_damaged_backup_touches_nothing(stores: Stores) -> None:
    taken = BACKUP.ok(**stores.backup_options())
    before = stores.content()
    stores.stop()
    path, manifest = Path(taken["path"]) / "libsql.sql", Path(taken["path"]) / "manifest.json"
    whole, said = path.read_bytes(), manifest.read_text()

    path.write_bytes(whole.replace(b"X'", b"X'00", 1))
    assert f"{path} is damaged" in RESTORE.failing(**stores.restore_options(replace=True))["msg"]
    path.unlink()
    assert f"{path} is missing" in RESTORE.failing(**stores.restore_options(replace=True))["msg"]
    path.write_bytes(whole)
    manifest.write_text(said[:-20])
    assert "is no manifest of a backup" in RESTORE.failing(**stores.restore_options(replace=True))["msg"]
    # One that says what is not in the files.
    manifest.write_text(said.replace(f'"jobs": {ROWS}', f'"jobs": {ROWS + 1}'))
    refused = RESTORE.failing(**stores.restore_options(replace=True))["msg"]
    assert refused == "libsql: the backup's content is not what its manifest says"

    stores.start()
    assert stores.content() == before
    assert stores.leftovers() == []


def test_wrong_secrets_give_one_sentence_and_no_backup(stores: Stores) -> None:
    token = stores.folder / "token"
    token.write_text(stores.token[:-8] + "AAAAAAAA")
    refused = BACKUP.failing(**stores.backup_options())["msg"]
    assert "refuses the token: HTTP 401" in refused
    assert stores.token[:-8] not in refused
    token.write_text(stores.token)
    (stores.folder / "password").write_text("another")
    assert "redis: Redis refuses the user backup: WRONGPASS" in BACKUP.failing(**stores.backup_options())["msg"]
    # The programs' password is good, but their user may not.
    (stores.folder / "password").write_text(PASSWORD)
    options = stores.backup_options()
    del options["stores"][0]["username"]
    assert "redis: Redis gives no snapshot: NOPERM" in BACKUP.failing(**options)["msg"]
    assert [path.name for path in stores.directory.iterdir()] == [".lock"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_backup_is_none(stores: Stores, number: signal.Signals) -> None:
    running = BACKUP.start(**stores.backup_options())
    while not stores.leftovers():
        assert running.poll() is None
        time.sleep(0.01)
    os.kill(running.pid, number)
    running.communicate(timeout=60)
    if number == signal.SIGTERM:
        assert stores.leftovers() == []
    assert "there is none in" in RESTORE.failing(**stores.restore_options(replace=True))["msg"]

    taken = BACKUP.ok(**stores.backup_options())
    assert stores.leftovers() == []
    assert sorted(path.name for path in stores.directory.iterdir()) == [".lock", taken["backup"], "metrics.prom"]


def test_a_restore_that_is_killed_while_it_swaps_loses_nothing(stores: Stores) -> None:
    BACKUP.ok(**stores.backup_options())
    stores.sql("INSERT INTO jobs VALUES ('later', 'than the backup', 0, NULL)")
    before = stores.content()
    stores.stop()
    running = RESTORE.start(**stores.restore_options(replace=True))
    former = stores.directory / ".former"
    while not former.exists():
        assert running.poll() is None
        time.sleep(0.001)
    os.kill(running.pid, signal.SIGKILL)
    running.communicate(timeout=60)
    assert former.exists()

    # The next one puts the former data back before it looks at anything; here it then fails.
    manifest = next(stores.directory.glob("2*/manifest.json"))
    said = manifest.read_text()
    manifest.write_text(said.replace(f'"jobs": {ROWS}', f'"jobs": {ROWS + 1}'))
    assert "is not what its manifest says" in RESTORE.failing(**stores.restore_options(replace=True))["msg"]
    stores.start()
    assert stores.content() == before
    assert not former.exists()
    assert stores.leftovers() == []


def test_two_at_once_and_what_is_too_old(stores: Stores) -> None:
    first = BACKUP.start(**stores.backup_options())
    while not stores.leftovers():
        assert first.poll() is None
        time.sleep(0.01)
    assert "another run backs up to" in BACKUP.failing(**stores.backup_options())["msg"]
    older = result_of(first)["backup"]
    taken = BACKUP.ok(**stores.backup_options(keep=1))
    assert taken["removed"] == [older]
    assert [path.name for path in stores.directory.iterdir() if path.is_dir()] == [taken["backup"]]
