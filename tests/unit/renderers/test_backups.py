# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which stores are backed up, where Compose runs them and in a cluster."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.bunops.platform.plugins.filter.backup_stores import backup_stores
from ansible_collections.bunops.platform.tests.docs import CATALOG


@pytest.fixture
def catalog() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(CATALOG.read_text())["platform"]
    return found


def test_compose_publishes_them_on_this_machine(catalog: dict[str, Any]) -> None:
    redis, turso = backup_stores(catalog, secrets_dir="/s")
    assert redis == {
        "name": "redis",
        "kind": "redis",
        "image": "atlas/redis:local",
        "url": "redis://127.0.0.1:6379",
        "username": "backup",
        "secret_file": "/s/REDIS_BACKUP_PASSWORD",
    }
    assert (turso["url"], turso["secret_file"]) == ("http://127.0.0.1:8081", "/s/TURSO_AUTH_TOKEN")


def test_in_a_cluster_they_are_behind_services(catalog: dict[str, Any]) -> None:
    redis, turso = backup_stores(catalog, secret_set="set")
    assert redis == {
        "name": "redis",
        "kind": "redis",
        "url": "redis://redis:6379",
        "username": "backup",
        "secret": {"set": "set", "name": "REDIS_BACKUP_PASSWORD"},
    }
    assert (turso["url"], turso["secret"]["name"]) == ("http://turso:8081", "TURSO_AUTH_TOKEN")


@pytest.mark.parametrize("where", [{"secrets_dir": "/s"}, {"secret_set": "set"}])
def test_a_catalog_without_a_password_for_backups_is_told_so(catalog: dict[str, Any], where: dict[str, str]) -> None:
    del catalog["secrets"]["REDIS_BACKUP_PASSWORD"]
    with pytest.raises(
        AnsibleFilterError, match=r"REDIS_BACKUP_PASSWORD.*is missing; the store redis cannot be backed up"
    ):
        backup_stores(catalog, **where)


@pytest.mark.parametrize("where", [{}, {"secrets_dir": "/s", "secret_set": "set"}])
def test_they_run_in_one_place(catalog: dict[str, Any], where: dict[str, str]) -> None:
    with pytest.raises(AnsibleFilterError, match="expected either secrets_dir or secret_set"):
        backup_stores(catalog, **where)
