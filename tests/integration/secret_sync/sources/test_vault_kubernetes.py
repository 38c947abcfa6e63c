# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Service accounts of a real cluster log in to a real Vault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.secret_sync.sources import reading, vault_servers
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.reading import ODD
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.vault_kubernetes import (
    Tokens,
    service_accounts,
)
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.vault_servers import Vault


@pytest.fixture(scope="module")
def known(cluster: Any) -> Iterator[tuple[Vault, Tokens]]:
    """A Vault, and service accounts that it can ask the cluster about."""
    with vault_servers.real() as vault, service_accounts(vault, cluster.kubeconfig) as tokens:
        yield vault, tokens


def options(vault: Vault, file: Path, token: str, path: str = "app/db", role: str = "reader") -> dict[str, Any]:
    """Read with a service account's token, which is in that file."""
    file.write_text(token)
    auth = {"kubernetes": {"role": role, "jwt_file": str(file), "mount": vault.kubernetes}}
    return {"url": vault.url, "mount": vault.mount, "path": path, "key": "SECRET", "auth": auth}


def test_a_service_account_of_the_role(known: tuple[Vault, Tokens], tmp_path: Path) -> None:
    vault, tokens = known
    assert reading.value("vault", options(vault, tmp_path / "jwt", tokens.reader)) == ODD.encode()


def test_it_reads_only_what_the_role_lets_it(known: tuple[Vault, Tokens], tmp_path: Path) -> None:
    vault, tokens = known
    said = reading.refusal("vault", options(vault, tmp_path / "jwt", tokens.reader, "other/db"))
    words = f"with the Kubernetes role reader at auth/{vault.kubernetes}/login gives 403: "
    assert f"reading {vault.mount}/data/other/db {words}" in said and "permission denied" in said


def test_others_are_refused(known: tuple[Vault, Tokens], tmp_path: Path) -> None:
    vault, tokens = known
    words = f"logging in with the Kubernetes role reader at auth/{vault.kubernetes}/login gives 403: "
    for token in (tokens.stranger, tokens.for_others, tokens.reader[:-8] + "AAAAAAAA"):
        said = reading.refusal("vault", options(vault, tmp_path / "jwt", token))
        assert words in said and token not in said
    said = reading.refusal("vault", options(vault, tmp_path / "jwt", tokens.reader, role="nobody"))
    assert f"the Kubernetes role nobody at auth/{vault.kubernetes}/login gives 400: " in said
    assert tokens.reader not in said
