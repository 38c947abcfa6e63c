"""The module on a real directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.run_module import Module

SECRETS: dict[str, Any] = {
    "REDIS_PASSWORD": {"generate": {"length": 40}, "derived": ["acl"]},
    "TURSO_AUTH_TOKEN": {"generate": {"jwt": "ed25519"}},
    "API_KEY": {"env": "BUNOPS_TEST_API_KEY"},
    "PEM": {"file": "", "optional": True},
}
SECRET_SYNC = Module("secret_sync")
CANARY = "canary-3f9c\"'$#\\ü"


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setenv("BUNOPS_TEST_API_KEY", CANARY)
    return {**SECRETS, "PEM": {"file": str(tmp_path / "key.pem"), "optional": True}}


def files(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()} if directory.exists() else {}


def test_it_writes_once_and_then_changes_nothing(tmp_path: Path, secrets: dict[str, Any]) -> None:
    directory = tmp_path / "secrets"
    first = SECRET_SYNC.run(secrets=secrets, directory=str(directory))
    assert first["changed"]
    written = files(directory)
    assert set(written) == {
        "API_KEY",
        "PEM",
        "REDIS_PASSWORD",
        "REDIS_PASSWORD.acl",
        "TURSO_AUTH_TOKEN",
        "TURSO_AUTH_TOKEN.pub",
    }
    assert written["API_KEY"] == CANARY.encode()
    assert written["PEM"] == b""

    second = SECRET_SYNC.run(secrets=secrets, directory=str(directory))
    assert not second["changed"]
    assert {secret["action"] for secret in second["secrets"]} == {"unchanged"}
    assert files(directory) == written


def test_check_mode_writes_nothing_and_foresees_the_same_names(tmp_path: Path, secrets: dict[str, Any]) -> None:
    directory = tmp_path / "secrets"
    foreseen = SECRET_SYNC.run(check=True, secrets=secrets, directory=str(directory))
    assert files(directory) == {}
    done = SECRET_SYNC.run(secrets=secrets, directory=str(directory))
    assert foreseen == done


def test_no_value_is_in_any_result(tmp_path: Path, secrets: dict[str, Any]) -> None:
    directory = tmp_path / "secrets"
    said = json.dumps(
        [
            SECRET_SYNC.run(check=True, secrets=secrets, directory=str(directory)),
            SECRET_SYNC.run(secrets=secrets, directory=str(directory)),
            SECRET_SYNC.run(secrets={**secrets, "GONE": {"env": "BUNOPS_TEST_NOTHING"}}, directory=str(directory)),
        ],
        ensure_ascii=False,
    )
    values = [value.decode() for value in files(directory).values() if value]
    assert [value for value in [*values, CANARY] if value in said] == []


def test_a_missing_value_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    directory = tmp_path / "secrets"
    wanted = {"A": {"generate": {"length": 8}}, "B": {"env": "BUNOPS_TEST_NOTHING"}}
    failed = SECRET_SYNC.run(secrets=wanted, directory=str(directory))
    assert failed["msg"] == "secret B: the environment variable BUNOPS_TEST_NOTHING is not there; expected a value"
    assert not directory.exists()


def test_two_sources_or_none_are_refused(tmp_path: Path) -> None:
    wanted = {"A": {"env": "X", "file": "y"}, "B": {"optional": True}, "C": {"envv": "X"}, "D": "value"}
    failed = SECRET_SYNC.run(secrets=wanted, directory=str(tmp_path / "secrets"))
    assert failed["msg"].splitlines() == [
        "secrets.A: names env and file; expected exactly one of generate, env, file",
        "secrets.B: names no source; expected exactly one of generate, env, file",
        "secrets.C: unknown key envv; known are generate, env, file, optional, derived",
        "secrets.C: names no source; expected exactly one of generate, env, file",
        "secrets.D: expected a mapping that names a source",
    ]
