# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The module with a real directory and a real file: what it does, what it says, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.run_module import Module, result_of

CANARY = "canary-3f9c\"'$#\\ü"
Json = dict[str, Any]


class Sync:
    """The module with a state of its own, and where its targets are."""

    def __init__(self, folder: Path) -> None:
        self.directory = folder / "secrets"
        self.dotenv = folder / "secrets.env"
        self.module = Module("secret_sync", XDG_STATE_HOME=str(folder / "state"))
        self.options: Json = {
            "name": "atlas",
            "targets": [{"directory": {"path": str(self.directory)}}, {"dotenv": {"path": str(self.dotenv)}}],
            "secrets": [
                {"name": "REDIS_PASSWORD", "source": {"generate": {"length": 40}}, "derived": ["acl"]},
                {"name": "TURSO_AUTH_TOKEN", "source": {"generate": {"jwt": "ed25519"}}},
                {"name": "API_KEY", "source": {"env": "BUNOPS_TEST_API_KEY"}},
                {"name": "PEM", "source": {"file": str(folder / "key.pem")}, "optional": True},
                {"name": "REDIS_URL", "template": "redis://:${REDIS_PASSWORD|urlencode}@redis:6379"},
            ],
        }

    def run(self, **more: Any) -> Json:
        return self.module.run(**{**self.options, **more})

    def files(self) -> dict[str, bytes]:
        there = self.directory.iterdir() if self.directory.exists() else ()
        return {path.name: path.read_bytes() for path in there if not path.name.startswith("..")}


@pytest.fixture
def sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sync:
    monkeypatch.setenv("BUNOPS_TEST_API_KEY", CANARY)
    return Sync(tmp_path)


def actions(result: Json) -> dict[str, str]:
    return {each["name"]: each["action"] for each in result["secrets"]}


def test_it_writes_once_and_then_changes_nothing(sync: Sync) -> None:
    first = sync.run()
    assert first["changed"] and set(actions(first).values()) == {"added"}
    written = sync.files()
    assert set(written) == {
        "API_KEY",
        "PEM",
        "REDIS_PASSWORD",
        "REDIS_PASSWORD.acl",
        "REDIS_URL",
        "TURSO_AUTH_TOKEN",
        "TURSO_AUTH_TOKEN.pub",
    }
    assert written["API_KEY"] == CANARY.encode()
    assert written["PEM"] == b""
    assert written["REDIS_URL"] == b"redis://:" + written["REDIS_PASSWORD"] + b"@redis:6379"
    text = sync.dotenv.read_bytes()

    second = sync.run()
    assert not second["changed"] and set(actions(second).values()) == {"unchanged"}
    assert (sync.files(), sync.dotenv.read_bytes()) == (written, text)


def test_check_mode_writes_nothing_and_foresees_the_same_names(sync: Sync, tmp_path: Path) -> None:
    foreseen = sync.run(check=True)
    assert list(tmp_path.iterdir()) == []
    assert foreseen == sync.run()


def test_a_change_is_told_by_names_and_versions(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    sync.run()
    monkeypatch.setenv("BUNOPS_TEST_API_KEY", "another")
    kept = [each for each in sync.options["secrets"] if each["name"] != "PEM"]
    result = sync.run(secrets=kept)
    assert actions(result) == {
        "API_KEY": "changed",
        "PEM": "removed",
        "REDIS_PASSWORD": "unchanged",
        "REDIS_URL": "unchanged",
        "TURSO_AUTH_TOKEN": "unchanged",
    }
    assert [(each["before"], each["after"]) for each in result["diff"]] == [
        ("API_KEY: version 1\nPEM: version 1\n", "API_KEY: version 2\n"),
        ("API_KEY: version 1\nPEM: version 1\n", "API_KEY: version 2\n"),
    ]
    assert "PEM" not in sync.files() and sync.files()["API_KEY"] == b"another"


def test_a_generated_secret_is_rotated_on_demand_with_all_that_is_made_of_it(sync: Sync) -> None:
    sync.run()
    before = sync.files()
    result = sync.run(rotate=["REDIS_PASSWORD"])
    changed = {name for name, action in actions(result).items() if action == "changed"}
    assert changed == {"REDIS_PASSWORD", "REDIS_URL"}
    after = sync.files()
    assert {name for name in before if before[name] != after[name]} == {
        "REDIS_PASSWORD",
        "REDIS_PASSWORD.acl",
        "REDIS_URL",
    }
    assert not sync.run()["changed"]


def test_the_former_version_comes_back_for_what_is_named(sync: Sync, monkeypatch: pytest.MonkeyPatch) -> None:
    sync.options["targets"] = sync.options["targets"][:1]
    sync.run()
    monkeypatch.setenv("BUNOPS_TEST_API_KEY", "another")
    sync.run()
    assert sync.files()["API_KEY"] == b"another"
    result = sync.run(state="previous", secrets=[{"name": "API_KEY", "source": {"env": "BUNOPS_TEST_NOTHING"}}])
    assert (result["changed"], sync.files()["API_KEY"]) == (True, CANARY.encode())


def test_nothing_is_left_of_a_set_that_is_to_be_absent(sync: Sync) -> None:
    sync.run()
    assert sync.run(state="absent", secrets=[])["changed"]
    assert not sync.directory.exists() and not sync.dotenv.exists()
    assert not sync.run(state="absent", secrets=[])["changed"]


def test_no_value_is_in_any_result(sync: Sync) -> None:
    more = [*sync.options["secrets"], {"name": "GONE", "source": {"env": "BUNOPS_TEST_NOTHING"}}]
    strict = [{**each, "validate": {"min_length": 1000}} for each in sync.options["secrets"]]
    results = [sync.run(check=True), sync.run(), sync.run(secrets=more), sync.run(secrets=strict)]
    said = json.dumps(results, ensure_ascii=False)
    values = [value.decode() for value in sync.files().values() if value]
    assert [value for value in [*values, CANARY] if value in said] == []


def test_all_that_is_wrong_is_told_before_anything_is_written(sync: Sync, tmp_path: Path) -> None:
    failed = sync.run(
        secrets=[
            {"name": "A", "source": {"generate": {"length": 8}}},
            {"name": "B", "source": {"env": "BUNOPS_TEST_NOTHING"}},
            {"name": "C", "source": {"env": "BUNOPS_TEST_API_KEY"}, "validate": {"format": "url"}},
            {"name": "D", "source": {"file": str(tmp_path / "none")}},
        ]
    )
    assert failed["msg"].splitlines() == [
        "secret B: the environment variable BUNOPS_TEST_NOTHING is not there; expected a value",
        "secret C: the value is no absolute URL (RFC 3986)",
        f"secret D: the file {tmp_path}/none is not there; expected a value",
    ]
    assert not sync.directory.exists() and not sync.dotenv.exists()


def test_options_that_cannot_be_are_told_before_anything_is_read(sync: Sync) -> None:
    failed = sync.run(
        secrets=[{"name": "A", "template": "${B}"}, {"name": "B", "source": {"env": "BUNOPS_TEST_NOTHING"}}],
        rotate=["B"],
        keep=0,
        targets=[sync.options["targets"][0]] * 2,
    )
    assert failed["msg"].splitlines() == [
        f"targets: directory {sync.directory} is there 2 times; expected once",
        "rotate: B is not a generated secret of this set; expected one, others change at their source",
        "keep: 0; expected 1 or more, since the newest version counts",
    ]


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        ({"name": "A", "source": {"env": "X", "file": "y"}}, "parameters are mutually exclusive"),
        ({"name": "A", "source": {"env": "X", "envv": "X"}}, "Unsupported parameters"),
        ({"name": "A", "source": {}}, "one of the following is required"),
    ],
)
def test_a_source_is_exactly_one(sync: Sync, secret: Json, expected: str) -> None:
    assert expected in sync.run(secrets=[secret])["msg"]


def test_runs_of_one_set_take_turns(sync: Sync) -> None:
    slow = {"name": "SLOW", "source": {"command": {"argv": ["sh", "-c", "sleep 2; echo slow"]}}}
    first = sync.module.start(**{**sync.options, "secrets": [*sync.options["secrets"], slow]})
    time.sleep(1)
    started = time.monotonic()
    second = sync.run()
    assert time.monotonic() - started > 0.5
    assert not result_of(first).get("failed")
    # It came second, and its set has no such secret.
    assert actions(second)["SLOW"] == "removed"


def test_a_shell_reads_what_was_written(sync: Sync) -> None:
    sync.run()
    read = subprocess.run(
        ["sh", "-c", '. "$0"; printf %s "$API_KEY"', str(sync.dotenv)], capture_output=True, check=True, timeout=10
    )
    assert read.stdout.decode() == CANARY
