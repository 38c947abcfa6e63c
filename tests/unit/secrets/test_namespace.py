# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Versions of secrets as objects of a cluster."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from ansible_collections.bunops.platform.plugins.module_utils.secrets.key import installation_key
from ansible_collections.bunops.platform.plugins.module_utils.secrets.namespace import (
    Version,
    manifest,
    next_versions,
    object_name,
)
from ansible_collections.bunops.platform.plugins.module_utils.secrets.plan import Change

KEY = b"k" * 32
NOW = {"DB_URL": Version(3, "db-url-0000000000", {"DB_URL": b"old"}), "KEPT": Version(1, "kept-1", {"KEPT": b"same"})}


def test_a_changed_value_is_the_next_version_under_another_name() -> None:
    changes = [Change("DB_URL", "changed", "file", {"DB_URL": b"new"}), Change("KEPT", "unchanged", "file", {})]
    wanted = next_versions(NOW, changes, KEY)
    assert wanted["KEPT"] is NOW["KEPT"]
    assert wanted["DB_URL"] == Version(4, object_name("DB_URL", {"DB_URL": b"new"}, KEY), {"DB_URL": b"new"})


def test_a_version_keeps_the_files_that_did_not_change() -> None:
    now = {"P": Version(1, "p-1", {"P": b"value", "P.acl": b"stale"})}
    wanted = next_versions(now, [Change("P", "changed", "generate", {"P.acl": b"mended"})], KEY)
    assert wanted["P"].files == {"P": b"value", "P.acl": b"mended"}


def test_a_name_is_one_that_kubernetes_takes() -> None:
    for secret in ("REDIS_PASSWORD", "_X", "lower", "A__B_"):
        assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", object_name(secret, {}, KEY))


def test_a_name_depends_on_value_file_and_key() -> None:
    names = {
        object_name("A", {"A": b"1"}, KEY),
        object_name("A", {"A": b"2"}, KEY),
        object_name("A", {"A": b"1"}, b"other"),
        object_name("A", {"A": b"1", "A.acl": b""}, KEY),
        object_name("A", {"A1": b""}, KEY),
    }
    assert len(names) == 5


def test_the_object_is_immutable_and_labelled() -> None:
    found = manifest("atlas", "A", Version(2, "a-1", {"A": b"\x00\xff"}))
    assert found["immutable"] is True
    assert found["data"] == {"A": "AP8="}
    assert found["metadata"] == {
        "name": "a-1",
        "namespace": "atlas",
        "labels": {
            "app.kubernetes.io/managed-by": "bunops-platform",
            "bunops.platform/secret": "A",
            "bunops.platform/version": "2",
        },
    }


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "state" / "secrets.key"
    installation_key(str(path), keep=False)
    assert not path.exists()
    first = installation_key(str(path), keep=True)
    assert (len(first), installation_key(str(path), keep=True)) == (32, first)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
