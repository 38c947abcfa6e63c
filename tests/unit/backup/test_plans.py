# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a run would do, and what a manifest, the metrics and the options have to be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError

from ansible_collections.bunops.platform.plugins.doc_fragments.kubernetes import (
    ModuleDocFragment as KubernetesFragment,
)
from ansible_collections.bunops.platform.plugins.doc_fragments.s3 import ModuleDocFragment
from ansible_collections.bunops.platform.plugins.module_utils.backup import (
    load_libsql,
    places,
    run_backup,
    run_restore,
    s3,
)
from ansible_collections.bunops.platform.plugins.module_utils.backup.directory import Directory
from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.metrics import exposition
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import (
    Manifest,
    Snapshot,
    Store,
    parse_manifest,
)
from ansible_collections.bunops.platform.plugins.module_utils.backup.spec import place_of, stores_of
from ansible_collections.bunops.platform.plugins.modules import store_backup, store_restore
from ansible_collections.bunops.platform.tests.unit.secrets.test_documentation import differences

TURSO = Store("turso", "libsql", "i", url="http://a", volume="atlas_turso", labels={"a": "b"})
REDIS = Store("redis", "redis", "i", url="redis://a", volume="atlas_redis")
MANIFEST = Manifest(
    "atlas",
    1_000_000_000,
    [
        Snapshot("redis", "redis", "redis.rdb", 5, "aa", "i", {"keys": {"db0": 3}, "digest": "d"}),
        Snapshot("turso", "libsql", "turso.sql", 7, "bb", "i", {"rows": {"jobs": 4, "b": 1}}),
    ],
)
S3_DOCUMENTATION = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
DAYS = [f"2026110{day}T000000Z" for day in range(1, 6)]


def backup_options(keep: int = 3) -> run_backup.Options:
    return run_backup.Options("atlas", Directory(Path("/b/atlas")), [TURSO, REDIS], keep, None, 5, None, False)


def restore_options(*stores: Store, replace: bool = False) -> run_restore.Options:
    return run_restore.Options("atlas", Directory(Path("/b/atlas")), list(stores), "newest", replace, 5, None, False)


def test_the_plan_reads_the_queue_first_and_removes_after_that() -> None:
    plan = run_backup.plan_of(backup_options(), places.Kept(DAYS, [".new-x"]), 1_000_000_000)
    assert plan.lines() == [
        "remove .new-x: an interrupted run has left it",
        "back up redis (redis) to 20010909T014640Z",
        "back up turso (libsql) to 20010909T014640Z",
        *(f"remove {name}: more than are kept" for name in DAYS[:3]),
    ]


def test_two_of_one_second_are_refused() -> None:
    with pytest.raises(BackupError, match="a backup 20010909T014640Z already"):
        run_backup.plan_of(backup_options(), places.Kept(["20010909T014640Z"], []), 1_000_000_000.9)


@pytest.mark.parametrize(("keep", "gone"), [(1, DAYS), (2, DAYS[:4]), (6, []), (60, [])])
def test_so_many_stay_with_the_new_one(keep: int, gone: list[str]) -> None:
    assert places.retention(places.Kept(DAYS, []), keep).expired == gone


def test_the_newest_or_the_one_of_a_name_is_restored() -> None:
    assert places.chosen(DAYS, "newest", "/b") == DAYS[-1]
    assert places.chosen(DAYS, DAYS[1], "/b") == DAYS[1]
    with pytest.raises(BackupError, match=r"no \.\./x in /b; expected newest or one of 20261101T000000Z"):
        places.chosen(DAYS, "../x", "/b")
    with pytest.raises(BackupError, match="there is none in /b"):
        places.chosen([], "newest", "/b")


def test_only_finished_backups_are_seen(tmp_path: Path) -> None:
    for name in (DAYS[0], DAYS[1], ".new-" + DAYS[2], ".former", "notes"):
        (tmp_path / name).mkdir()
    (tmp_path / DAYS[0] / "manifest.json").touch()
    assert places.observe(Directory(tmp_path)) == places.Kept([DAYS[0]], [".new-" + DAYS[2]])
    assert places.observe(Directory(tmp_path / "absent")) == places.Kept([], [])


def test_data_is_replaced_only_if_that_is_said() -> None:
    there = run_restore.Observed({"atlas_redis": {"x": "y"}}, {})
    with pytest.raises(BackupError, match="replace: is false, and there is data in the volumes atlas_redis; expected"):
        run_restore.plan_of(restore_options(TURSO, REDIS), MANIFEST, there)
    steps = run_restore.plan_of(restore_options(TURSO, REDIS, replace=True), MANIFEST, there)
    assert run_restore.lines("B", steps) == [
        "create volume atlas_turso: turso of B, 5 rows",
        "replace volume atlas_redis: redis of B, 3 keys",
    ]
    assert [step.labels for step in steps] == [{"a": "b"}, {"x": "y"}]


def test_a_store_that_the_backup_has_not_is_refused() -> None:
    other = REDIS._replace(name="turso", kind="redis")
    nothing = run_restore.Observed({}, {})
    with pytest.raises(BackupError, match=r"has no turso \(redis\); it has redis \(redis\), turso \(libsql\)"):
        run_restore.plan_of(restore_options(other), MANIFEST, nothing)


def test_a_manifest_says_what_it_was_told() -> None:
    assert parse_manifest(MANIFEST.text(), "m") == MANIFEST


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        MANIFEST.text().replace('"format": 1', '"format": 2'),
        MANIFEST.text().replace("turso.sql", "../../etc/passwd"),
        MANIFEST.text().replace('"sha256"', '"sha1"'),
        MANIFEST.text().replace('"libsql"', '"mysql"'),
    ],
)
def test_what_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(BackupError, match=r"^m"):
        parse_manifest(text, "m")


def test_the_metrics_are_of_each_store() -> None:
    text = exposition(MANIFEST)
    assert 'bunops_backup_last_success_timestamp_seconds{platform="atlas",store="redis"} 1000000000\n' in text
    assert 'bunops_backup_size_bytes{platform="atlas",store="turso"} 7\n' in text
    assert text.count("# TYPE") == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"url": "http://u:p@a"}, "stores: the url of a has credentials in it; they belong in secret_file"),
        ({"url": "redis://a"}, "stores: the url of a is redis://a; expected http://host:port or https://host:port"),
        ({"name": "../a"}, "stores: name: is '../a'; expected lower-case letters, digits, - and _"),
    ],
)
def test_wrong_stores_are_refused(changes: dict[str, str], message: str) -> None:
    store = {"name": "a", "kind": "libsql", "image": "i", "url": "http://a", **changes}
    with pytest.raises(BackupError) as refused:
        stores_of({"name": "atlas", "stores": [store]})
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"url": "https://a"}, "stores: the url of a is https://a; expected http://service:port"),
        ({"kind": "redis"}, "stores: the url of a is http://a; expected redis://service:port"),
    ],
)
def test_a_forwarded_port_has_no_certificate(changes: dict[str, str], message: str) -> None:
    store = {"name": "a", "kind": "libsql", "url": "http://a", **changes}
    assert stores_of(
        {"name": "atlas", "namespace": "atlas", "stores": [{**store, "kind": "libsql", "url": "http://a"}]}
    )
    with pytest.raises(BackupError) as refused:
        stores_of({"name": "atlas", "namespace": "atlas", "stores": [store]})
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "stores: a has no image; expected one, unless the store runs in a namespace"),
        (
            {"image": "i", "secret": {"set": "atlas", "name": "A"}},
            "stores: a has a secret; expected secret_file, unless there is a namespace",
        ),
    ],
)
def test_what_only_a_cluster_knows_is_refused_without_one(changes: dict[str, Any], message: str) -> None:
    store = {"name": "a", "kind": "libsql", "url": "http://a", **changes}
    with pytest.raises(BackupError) as refused:
        stores_of({"name": "atlas", "namespace": None, "stores": [store]})
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"endpoint": "https://u:p@a"},
            "endpoint: has credentials in it; they belong in access_key_file and secret_key_file",
        ),
        ({"endpoint": "a:9000"}, "endpoint: is 'a:9000'; expected https://host or https://host:port"),
        ({"endpoint": "https://a/b"}, "endpoint: is 'https://a/b'; expected https://host or https://host:port"),
        ({"bucket": "A"}, "bucket: is 'A'; expected 3 to 63 lower-case letters, digits, - and ."),
        (
            {"prefix": "a/../b"},
            "prefix: is 'a/../b'; expected names of letters, digits, ., - and _ with / between them",
        ),
        ({"prefix": "/a"}, "prefix: is '/a'; expected names of letters, digits, ., - and _ with / between them"),
        ({"prefix": "a/"}, "prefix: is 'a/'; expected names of letters, digits, ., - and _ with / between them"),
        ({"access_key_file": "/absent"}, "access_key_file: /absent cannot be read: No such file or directory"),
        (
            {"secret_key_file": "/dev/null"},
            "secret_key_file: what is in /dev/null is no key; expected one line of printable ASCII",
        ),
    ],
)
def test_wrong_stores_of_backups_are_refused(changes: dict[str, str], message: str, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("canary\n")
    option = {
        "endpoint": "https://a:9000",
        "bucket": "bucket",
        "access_key_file": str(key),
        "secret_key_file": str(key),
        "prefix": "a/b",
        "region": "r",
        "ca_file": None,
        **changes,
    }
    with pytest.raises(BackupError) as refused:
        place_of({"name": "atlas", "directory": "/b", "s3": option, "timeout": 5})
    assert str(refused.value) == f"s3: {message}"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDenied", "access_key_file: https://a does not allow PutObject on the bucket b to this access key"),
        ("SlowDown", "endpoint: https://a refuses PutObject: SlowDown"),
    ],
)
def test_a_refusal_says_what_was_not_allowed(code: str, message: str) -> None:
    settings = s3.Settings("https://a", "b", "", "", "", "r", None, 5)
    answer: Any = {"Error": {"Code": code, "Message": "quotes a canary"}}
    with pytest.raises(BackupError) as refused, s3.failures(settings):
        raise ClientError(answer, "PutObject")
    assert str(refused.value) == f"s3: {message}"


def test_statements_stay_whole(tmp_path: Path) -> None:
    table = "CREATE TABLE t (\n  a, -- a comment;\n  b\n);\n"
    trigger = "CREATE TRIGGER r AFTER INSERT ON t BEGIN\n  DELETE FROM t;\nEND;\n"
    row = "INSERT INTO t VALUES('a;',X'00');\n"
    file = tmp_path / "dump.sql"
    file.write_text("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n" + table + row + trigger + "COMMIT;\n")
    assert list(load_libsql.statements(file))[2:5] == [table, row, trigger]
    (batch,) = load_libsql.batches(file)
    assert batch.count("COMMIT;") == batch.count("BEGIN;") == 1
    assert table + row + trigger in batch


@pytest.mark.parametrize("module", [store_backup, store_restore])
def test_every_option_is_documented_as_it_is(module: Any) -> None:
    documented = {**yaml.safe_load(module.DOCUMENTATION)["options"], **S3_DOCUMENTATION}
    if "kubeconfig" in module.argument_spec():
        documented |= yaml.safe_load(KubernetesFragment.DOCUMENTATION)["options"]
    spec = {key: value for key, value in module.argument_spec().items() if key != "docker_host"}
    assert list(differences(spec, documented)) == []
