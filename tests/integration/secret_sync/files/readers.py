# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The real programs that read what the targets write: shells, Bun and Docker Compose."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LIMIT = 120
_BUN_ENVIRONMENT = """
const found = {};
for (const name in process.env) found[name] = Buffer.from(process.env[name]).toString("base64");
console.log(JSON.stringify(found));
"""
_BUN_FILES = """
const found = {};
const [folder] = process.argv.slice(-1);
for (const name of require("node:fs").readdirSync(folder)) {
  if (!name.startsWith("..")) found[name] = Buffer.from(await Bun.file(`${folder}/${name}`).bytes()).toString("base64");
}
console.log(JSON.stringify(found));
"""
# Nothing of this process's environment but what programs need to start.
_BARE = {name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_HOST", "DOCKER_CONFIG") if name in os.environ}
_EVERY_FILE = 'cd "$1"; for file in *; do printf "%s" "$file"; printf "$2"; cat "./$file"; printf "$2"; done'


def run(argv: Sequence[str], folder: Path | None = None) -> bytes:
    """Output of a program that has to succeed."""
    done = subprocess.run(argv, check=False, capture_output=True, timeout=LIMIT, env=_BARE, cwd=folder)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2000:]
    return done.stdout


def environment(data: bytes) -> dict[str, bytes]:
    """Variables from /proc/self/environ."""
    entries = (entry.partition(b"=") for entry in data.split(b"\0") if entry)
    return {name.decode(): value for name, _, value in entries}


def bun() -> str:
    """The program; `make test-integration` puts it where it is found."""
    found = shutil.which("bun")
    assert found, "Bun is not on the PATH; tests/prepare.yml puts it into .cache/bun"
    return found


def shell_variables(shell: str, file: Path) -> dict[str, bytes]:
    """What a child of a shell gets that has read the file; strictly, so that any mistake ends it."""
    script = 'set -aeu; . "$1"; exec cat /proc/self/environ'
    return environment(run([shell, "-c", script, shell, str(file)]))


def bun_variables(file: Path) -> dict[str, bytes]:
    return _decoded(run([bun(), f"--env-file={file}", "-e", _BUN_ENVIRONMENT], file.parent))


def shell_files(folder: Path) -> dict[str, bytes]:
    mark = uuid.uuid4().hex
    return _split(run(["sh", "-euc", _EVERY_FILE, "sh", str(folder), mark]), mark)


def bun_files(folder: Path) -> dict[str, bytes]:
    return _decoded(run([bun(), "-e", _BUN_FILES, str(folder)], folder))


class Compose:
    """Runs one-off containers of a project."""

    def __init__(self, folder: Path, name: str, image: str) -> None:
        self._file = folder / "compose.json"
        self._name = name
        self._plain = {"image": image, "pull_policy": "never", "network_mode": "none"}

    def _run(self, service: dict[str, Any], argv: Sequence[str], *options: str, **top: Any) -> bytes:
        document = {"name": self._name, "services": {"reader": {**self._plain, **service}}, **top}
        self._file.write_text(json.dumps(document))
        command = ["docker", "compose", "--file", str(self._file), *options, "run", "--rm", "-T", "reader", *argv]
        return run(command)

    def env_file(self, file: Path) -> dict[str, bytes]:
        """What a container has whose service names the file as its env_file."""
        return environment(self._run({"env_file": [str(file)]}, ["cat", "/proc/self/environ"]))

    def interpolated(self, file: Path, names: Sequence[str]) -> dict[str, bytes]:
        """What a container has whose service refers to variables that Compose read with --env-file."""
        service = {"environment": {name: f"${{{name}}}" for name in names}}
        return environment(self._run(service, ["cat", "/proc/self/environ"], "--env-file", str(file)))

    def shell_variables(self, file: Path) -> dict[str, bytes]:
        """What the shell of busybox reads in a container that has the file as a secret."""
        script = "set -aeu; . /run/secrets/file; exec cat /proc/self/environ"
        secret = {"file": {"file": str(file)}}
        return environment(self._run({"secrets": ["file"]}, ["sh", "-c", script], secrets=secret))

    def secrets(self, folder: Path, names: Sequence[str]) -> dict[str, bytes]:
        """What a container sees that gets each file as a secret."""
        mark = uuid.uuid4().hex
        given = {name: {"file": str(folder / name)} for name in names}
        argv = ["sh", "-euc", _EVERY_FILE, "sh", "/run/secrets", mark]
        return _split(self._run({"secrets": list(names)}, argv, secrets=given), mark)

    def mounted(self, folder: Path) -> dict[str, bytes]:
        """What a container sees that gets the directory itself."""
        mark = uuid.uuid4().hex
        service = {"volumes": [f"{folder}:/mnt:ro"]}
        return _split(self._run(service, ["sh", "-euc", _EVERY_FILE, "sh", "/mnt", mark]), mark)


def _decoded(output: bytes) -> dict[str, bytes]:
    return {name: base64.b64decode(value) for name, value in json.loads(output).items()}


def _split(output: bytes, mark: str) -> dict[str, bytes]:
    parts = output.split(mark.encode())
    assert parts.pop() == b""
    return {name.decode(): value for name, value in zip(parts[::2], parts[1::2], strict=True)}
