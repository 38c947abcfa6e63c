# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is rendered is what the real tools read, with every value as it was meant.

They are the clients alone: no engine is asked.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.bake import bake
from ansible_collections.bunops.platform.tests.unit.renderers.cases import (
    BUILD_HOST,
    CASES,
    compose_text,
    platform_of,
)


def docker(arguments: list[str], *, text: str = "", env: Mapping[str, str] | None = None) -> str:
    """What docker prints."""
    done = subprocess.run(
        ["docker", *arguments],
        input=text,
        env={"PATH": str(Path(shutil.which("docker") or "").parent), "HOME": "/nonexistent", **(env or {})},
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def read_by_compose(case: str, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    arguments = ["compose", "-f", "-", "config", "--format", "json", "--no-path-resolution"]
    project: dict[str, Any] = json.loads(docker(arguments, text=compose_text(platform_of(case)), env=env))
    return project


def read_by_bake(case: str, directory: Path) -> dict[str, Any]:
    """The targets; bake looks whether the files of secrets are there."""
    host = replace(BUILD_HOST, ca_file=str(directory / "ca, ours.crt"), npmrc=str(directory / "npmrc"))
    for file in (host.ca_file, host.npmrc):
        Path(file or "").touch()
    definition = directory / "bake.json"
    definition.write_text(json.dumps(bake(platform_of(case), host)))
    targets: dict[str, Any] = json.loads(docker(["buildx", "bake", "-f", str(definition), "--print"]))["target"]
    return targets


@pytest.mark.parametrize("case", CASES)
def test_compose_reads_the_project(case: str) -> None:
    docker(["compose", "-f", "-", "config", "-q"], text=compose_text(platform_of(case)))


@pytest.mark.parametrize("case", CASES)
def test_bake_reads_the_definition(case: str, tmp_path: Path) -> None:
    targets = read_by_bake(case, tmp_path)
    wanted = bake(platform_of(case), BUILD_HOST)["target"]
    assert {name: target["tags"] for name, target in targets.items()} == {
        name: target["tags"] for name, target in wanted.items()
    }


def test_compose_reads_odd_text_as_it_was_meant() -> None:
    app = read_by_compose("odd_text")["services"]["app"]
    own = platform_of("odd_text").services["app"]
    # `config` writes a literal $ as $$ again.
    values = {key: value.replace("$$", "$") for key, value in app["environment"].items()}
    assert {key: values[key] for key in own.env} == dict(own.env)
    assert [word.replace("$$", "$") for word in app["command"]] == list(own.command or ())


def test_the_environment_overrides_what_the_catalog_names_and_nothing_else() -> None:
    override = {"LOG_LEVEL": "debug $x {", "PORT": "1", "REDIS_URL": "redis://other", "OTHER": "1"}
    environment = read_by_compose("reference", override)["services"]["api"]["environment"]
    usual = read_by_compose("reference")["services"]["api"]["environment"]
    assert environment == {**usual, "LOG_LEVEL": "debug $$x {"}


def test_the_guard_reads_its_policy() -> None:
    text = read_by_compose("two_starters")["services"]["docker-guard"]["environment"]["GUARD_POLICY"]
    policy = json.loads(text.replace("$$", "$"))
    assert policy["services"]["nightly"]["tasks"]["text"] == {
        "atOnce": 1,
        "image": "ghcr.io/example/text:2.1",
        "timeoutSeconds": 5,
        "env": {"EGRESS": "none", "FORMAT": 'a "b" ${c} $d', "NODE_ENV": "production", "TIMEOUT_SECONDS": "5"},
        "network": "pair_text",
        "user": "1000:1000",
        "memoryBytes": 64 * 2**20,
        "nanoCpus": 100_000_000,
        "pids": 16,
        "shmBytes": 64 * 2**20,
        "tmpfs": {"/tmp": f"rw,nosuid,nodev,size={64 * 2**20},mode=1777"},
        "seccomp": "default",
    }


def test_bake_reads_odd_text_as_it_was_meant(tmp_path: Path) -> None:
    target = read_by_bake("odd_text", tmp_path)["app"]
    assert target["args"] == {"GREETING": "costs $5, ${NAME} and %{if}"}
    assert target["contexts"] == {"oven/bun:1.4.5-slim": "docker-image://bunops/bases/bun:1.4.5"}
    assert [secret.partition(",")[0] for secret in target["secret"]] == ["id=ca", "id=npmrc"]
