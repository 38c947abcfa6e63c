# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""10,000 values through each file target and back through the programs that read it: the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tests.integration.secret_sync.files import readers
from ansible_collections.bunops.platform.tests.integration.secret_sync.files.readers import Compose
from ansible_collections.bunops.platform.tests.integration.secret_sync.files.values import (
    BATCH,
    BINARY,
    COUNT,
    VARIABLES,
    batches,
    made,
)
from ansible_collections.bunops.platform.tests.unit.secrets.targets.file_targets import directory, dotenv, plain, sync

Read = Mapping[str, bytes]
# One variable may have 128 KiB, and a mount or two less than all files are enough.
LONG = b"x" * 60_000 + b"'\"\\$`\r\n" + b"\xc3\xbc" * 30_000
MOUNTED = 60


@pytest.fixture(scope="module")
def variables() -> list[bytes]:
    return made(VARIABLES, COUNT)


@pytest.fixture(scope="module")
def contents(variables: list[bytes]) -> list[bytes]:
    return [*variables[: COUNT // 2], *made(BINARY, COUNT // 2)]


@pytest.fixture
def compose(tmp_path: Path, project_name: str, busybox_image: str) -> Compose:
    return Compose(tmp_path, project_name, busybox_image)


def others(wanted: Read, found: Read) -> list[tuple[bytes, bytes | None]]:
    """Values that came back as something else."""
    return [(value, found.get(name)) for name, value in wanted.items() if found.get(name) != value]


def test_variables_of_a_dotenv_file(tmp_path: Path, compose: Compose, variables: list[bytes]) -> None:
    seen = 0
    for batch in batches(variables):
        file = tmp_path / f".env.{seen}"
        target = dotenv(file)
        sync(target, plain(**batch))
        read = {
            "the target": {name: each.files[name] for name, each in target.observe().items()},
            "dash": readers.shell_variables("dash", file),
            "bash": readers.shell_variables("bash", file),
            "busybox": compose.shell_variables(file),
            "Bun": readers.bun_variables(file),
            "Compose, env_file": compose.env_file(file),
            "Compose, --env-file": compose.interpolated(file, list(batch)),
        }
        assert {reader: others(batch, found)[:3] for reader, found in read.items()} == {reader: [] for reader in read}
        seen += len(batch)
    assert seen == COUNT


def test_a_long_variable(tmp_path: Path, compose: Compose) -> None:
    file = tmp_path / ".env"
    sync(dotenv(file), plain(LONG=LONG))
    assert readers.shell_variables("dash", file)["LONG"] == LONG
    assert readers.bun_variables(file)["LONG"] == LONG
    assert compose.env_file(file)["LONG"] == LONG
    assert compose.interpolated(file, ["LONG"])["LONG"] == LONG


def test_files_of_a_directory(tmp_path: Path, compose: Compose, contents: list[bytes]) -> None:
    seen = 0
    for batch in batches(contents):
        folder = tmp_path / f"secrets{seen}"
        target = directory(folder)
        sync(target, plain(**batch))
        some = list(batch)[:: BATCH // MOUNTED]
        read = {
            "the target": {name: each.files[name] for name, each in target.observe().items()},
            "sh": readers.shell_files(folder),
            "Bun": readers.bun_files(folder),
            "Compose, directory": compose.mounted(folder),
        }
        assert {reader: others(batch, found)[:3] for reader, found in read.items()} == {reader: [] for reader in read}
        assert compose.secrets(folder, some) == {name: batch[name] for name in some}
        seen += len(batch)
    assert seen == COUNT
