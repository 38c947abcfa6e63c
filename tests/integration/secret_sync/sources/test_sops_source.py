# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Files that the real sops has encrypted for real age keys."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.read import read
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.reading import (
    CANARY,
    ODD,
    refusal,
    source,
    value,
)
from ansible_collections.bunops.platform.tests.policy.tools import GoProgram, go_program

SOPS = GoProgram("sops", "github.com/getsops/sops/v3", "v3.13.3", "h1:saYczbT88kD1saNChe1cAbFQe5mrRhTIfEw3TaEcmK0=")
AGE_KEYGEN = GoProgram("age-keygen", "filippo.io/age", "v1.3.2", "h1:r6RSZLFSMm6rzKepZ7ZAYkKCu14f3/Me8c7uKYh7C8c=")
YAML = json.dumps(
    {
        "db": {"password": ODD, "port": 5432, "rate": 1.25, "tls": True, "off": False, "none": None},
        "list": [{"name": CANARY}, "second"],
        "SECRET": "own",
    }
)


@dataclass
class Encrypted:
    """A folder with an age key; HOME is there, so that no keys of this machine count."""

    folder: Path
    sops: Path
    recipient: str

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": f"{self.sops.parent}:{os.environ['PATH']}", "HOME": str(self.folder)}

    @property
    def key(self) -> str:
        return str(self.folder / "key.txt")

    def encrypt(self, name: str, content: bytes) -> str:
        """The path of the encrypted file; the ending of the name says what it is."""
        path = self.folder / name
        path.write_bytes(content)
        command = [str(self.sops), "--encrypt", "--age", self.recipient, "--in-place", str(path)]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **self.environment})
        assert CANARY.encode() not in path.read_bytes()
        return str(path)

    def value(self, path: str, key: str | list[str | int] | None = None) -> bytes | None:
        options = {"path": path, "key": key, "age_key_file": self.key}
        return value(
            "sops", {name: each for name, each in options.items() if each is not None}, environment=self.environment
        )

    def refusal(self, path: str, key: str | list[str | int], age_key_file: str | None = None) -> str:
        options = {"path": path, "key": key, "age_key_file": age_key_file or self.key}
        return refusal("sops", options, environment=self.environment)


def make_key(path: Path) -> str:
    """Make an age key; its public half."""
    subprocess.run([str(go_program(AGE_KEYGEN)), "-o", str(path)], check=True, capture_output=True)
    return next(line.split()[-1] for line in path.read_text().splitlines() if "public key" in line)


@pytest.fixture
def encrypted(tmp_path: Path) -> Encrypted:
    return Encrypted(tmp_path, go_program(SOPS), make_key(tmp_path / "key.txt"))


@pytest.mark.parametrize("name", ["secrets.yaml", "secrets.json"])
def test_values_in_a_document(encrypted: Encrypted, name: str) -> None:
    path = encrypted.encrypt(name, YAML.encode())
    assert encrypted.value(path, ["db", "password"]) == ODD.encode()
    assert encrypted.value(path, ["db", "port"]) == b"5432"
    assert encrypted.value(path, ["db", "rate"]) == b"1.25"
    assert encrypted.value(path, ["db", "tls"]) == b"true"
    assert encrypted.value(path, ["db", "off"]) == b"false"
    assert encrypted.value(path, ["db", "none"]) is None
    assert encrypted.value(path, ["list", 0, "name"]) == CANARY.encode()
    assert encrypted.value(path, ["list", 2]) is None
    assert encrypted.value(path, ["gone", "deeper"]) is None
    assert encrypted.value(path, "SECRET") == b"own"


def test_values_of_dotenv_and_ini_files(encrypted: Encrypted) -> None:
    assert encrypted.value(encrypted.encrypt("s.env", f"A={CANARY} x\nB=2\n".encode()), "A") == f"{CANARY} x".encode()
    path = encrypted.encrypt("s.ini", f"[db]\npassword = {CANARY}\n".encode())
    assert encrypted.value(path, ["db", "password"]) == CANARY.encode()


def test_a_whole_file_need_not_be_text(encrypted: Encrypted) -> None:
    content = bytes(range(256)) + CANARY.encode() + b"\n\n"
    assert encrypted.value(encrypted.encrypt("s.bin", content)) == content
    assert encrypted.value(encrypted.encrypt("line.bin", f"{CANARY}\n".encode())) == CANARY.encode()
    whole = encrypted.value(encrypted.encrypt("s.json", YAML.encode()))
    assert json.loads(whole or b"") == json.loads(YAML)


def test_the_key_file_may_be_in_the_environment(encrypted: Encrypted) -> None:
    path = encrypted.encrypt("s.yaml", YAML.encode())
    environment = {**encrypted.environment, "SOPS_AGE_KEY_FILE": encrypted.key}
    assert value("sops", {"path": path, "key": "SECRET"}, environment=environment) == b"own"


def test_no_file_is_no_value(encrypted: Encrypted) -> None:
    assert encrypted.value(str(encrypted.folder / "gone.yaml"), "a") is None


def test_what_is_no_value_is_told_by_its_type(encrypted: Encrypted) -> None:
    path = encrypted.encrypt("s.yaml", YAML.encode())
    assert encrypted.refusal(path, "db") == (
        f"db in the SOPS file {path} is a mapping; expected text, a number or a boolean"
    )
    assert "list in the SOPS file" in encrypted.refusal(path, "list")
    assert "text is at db.password; expected a mapping with x" in encrypted.refusal(path, ["db", "password", "x"])


def test_another_key_does_not_open_it(encrypted: Encrypted) -> None:
    path = encrypted.encrypt("s.yaml", YAML.encode())
    make_key(encrypted.folder / "other.txt")
    said = encrypted.refusal(path, "SECRET", str(encrypted.folder / "other.txt"))
    assert "cannot be decrypted: sops: " in said and "identity did not match any of the recipients" in said
    assert "no such file or directory" in encrypted.refusal(path, "SECRET", str(encrypted.folder / "none.txt"))
    assert "AGE-SECRET-KEY" not in said


def test_a_file_that_was_changed_is_refused(encrypted: Encrypted) -> None:
    path = Path(encrypted.encrypt("s.yaml", YAML.encode()))
    whole = path.read_text()
    path.write_text(whole.replace("second", "other") if "second" in whole else whole.replace("data:", "data:AAAA", 1))
    assert "cannot be decrypted: sops: " in encrypted.refusal(str(path), "SECRET")
    path.write_text("SECRET: plain\n")
    assert "sops metadata not found" in encrypted.refusal(str(path), "SECRET")


def test_without_the_program(encrypted: Encrypted, tmp_path: Path) -> None:
    path = encrypted.encrypt("s.yaml", YAML.encode())
    said = refusal("sops", {"path": path, "key": "SECRET"}, environment={"PATH": str(tmp_path)})
    assert "the program sops is not there; expected it on the PATH" in said


def test_a_file_is_decrypted_once_for_all_of_its_keys(encrypted: Encrypted) -> None:
    path = encrypted.encrypt("s.yaml", YAML.encode())
    counting = encrypted.folder / "bin/sops"
    counting.parent.mkdir()
    counting.write_text(f'#!/bin/sh\necho "$*" >> {encrypted.folder}/calls\nexec {encrypted.sops} "$@"\n')
    counting.chmod(0o755)
    environment = {**encrypted.environment, "PATH": f"{counting.parent}:{os.environ['PATH']}"}
    keys: list[list[str | int]] = [["db", "password"], ["db", "port"], ["list", 1]]
    found = read(
        {
            str(key): source("sops", {"path": path, "key": key, "age_key_file": encrypted.key}, environment)
            for key in keys
        }
    )
    assert set(found.values()) == {ODD.encode(), b"5432", b"second"}
    assert len((encrypted.folder / "calls").read_text().splitlines()) == 1
