# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the real `docker compose` says of a Compose file's secrets."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.read import read
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.reading import (
    CANARY,
    ODD,
    refusal,
    source,
    value,
)

DEFINITION = """
services:
  api:
    image: example.invalid/api
    environment: {LEAK: "${BUNOPS_TEST_KEY-}"}
    secrets: [SECRET, db_password, from_variable, from_dotenv, elsewhere]
  tool:
    image: example.invalid/tool
    profiles: [tools]
    secrets: [of_a_profile]
secrets:
  SECRET: {file: ./own.txt}
  db_password: {file: "${WHERE:-secrets}/db.txt"}
  from_variable: {environment: BUNOPS_TEST_KEY}
  from_dotenv: {environment: IN_DOTENV}
  elsewhere: {external: true}
  of_a_profile: {file: ./own.txt}
  of_nobody: {file: ./own.txt}
"""


@pytest.fixture
def compose(tmp_path: Path) -> str:
    """The path of a Compose file."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/db.txt").write_bytes(b"one\ntwo \xff\n")
    (tmp_path / "own.txt").write_text(f"{CANARY}\n")
    (tmp_path / ".env").write_text("IN_DOTENV='a$b \"c\"'\nBUNOPS_TEST_KEY=other\n")
    (tmp_path / "compose.yaml").write_text(DEFINITION)
    return str(tmp_path / "compose.yaml")


def wanted(path: str, secret: str) -> dict[str, str]:
    return {"path": path, "secret": secret}


def test_files_and_variables(compose: str) -> None:
    variables = {"environment": {"BUNOPS_TEST_KEY": ODD}}
    assert value("compose", {"path": compose}) == CANARY.encode()
    assert value("compose", wanted(compose, "db_password")) == b"one\ntwo \xff\n"
    assert value("compose", wanted(compose, "of_a_profile")) == CANARY.encode()
    # The environment goes before the file .env.
    assert value("compose", wanted(compose, "from_variable"), **variables) == ODD.encode()
    assert value("compose", wanted(compose, "from_variable")) == b"other"
    assert value("compose", wanted(compose, "from_dotenv"), **variables) == b'a$b "c"'


def test_paths_follow_the_environment(compose: str, tmp_path: Path) -> None:
    (tmp_path / "db.txt").write_text("elsewhere")
    assert value("compose", wanted(compose, "db_password"), environment={"WHERE": str(tmp_path)}) == b"elsewhere"


def test_what_is_not_there_has_no_value(compose: str, tmp_path: Path) -> None:
    assert value("compose", wanted(compose, "gone")) is None
    # Compose drops it, too.
    assert value("compose", wanted(compose, "of_nobody")) is None
    (tmp_path / "own.txt").unlink()
    (tmp_path / ".env").unlink()
    assert value("compose", {"path": compose}) is None
    assert value("compose", wanted(compose, "from_dotenv")) is None
    assert value("compose", wanted(str(tmp_path / "gone.yaml"), "x")) is None


def test_an_external_secret_is_refused(compose: str) -> None:
    assert refusal("compose", wanted(compose, "elsewhere")) == (
        f"the secret elsewhere of services in {compose} is external; expected one with file or environment"
    )


def test_compose_says_what_it_does_not_accept(tmp_path: Path) -> None:
    path = tmp_path / "compose.yaml"
    path.write_text(f"services:\n  api: {{image: x, bogus: 1, environment: {{PASSWORD: {CANARY}}}}}\n")
    said = refusal("compose", wanted(str(path), "x"), environment={"API_TOKEN": CANARY})
    assert "cannot be read: docker compose: " in said and "bogus" in said


def test_another_program_of_that_name_is_told(compose: str, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/docker").write_text(f"#!/bin/sh\necho 'services: {CANARY}'\n")
    (tmp_path / "bin/docker").chmod(0o755)
    said = refusal("compose", {"path": compose}, environment={"PATH": f"{tmp_path}/bin:/bin"})
    assert "cannot be read: docker compose printed no JSON; expected version 2" in said
    assert "the program docker is not there" in refusal("compose", {"path": compose}, environment={"PATH": "/nonesuch"})


def test_compose_is_asked_once(compose: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A docker of our own counts, and lets the real one do it."""
    real = shutil.which("docker")
    (tmp_path / "bin").mkdir()
    counting = tmp_path / "bin/docker"
    counting.write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/calls\nexec {real} "$@"\n')
    counting.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin", prepend=":")
    options: list[dict[str, Any]] = [wanted(compose, name) for name in ("SECRET", "db_password", "from_dotenv")]
    assert len(read({str(n): source("compose", each) for n, each in enumerate(options)})) == 3
    calls = (tmp_path / "calls").read_text().splitlines()
    # The second one is for the variables of .env.
    assert len(calls) == 2 and not [call for call in calls if CANARY in call]
