# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The Dockerfiles of the reference platform: what they share is really the same, and versions are in one place each."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.module_utils.images import dockerfile, ignore

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "docker").glob("*.Dockerfile"))
ON_BUN = [path for path in FILES if "FROM oven/bun" in path.read_text()]


def runtime(text: str) -> str:
    """The stages base, rootfs and runtime."""
    match = re.search(r"^FROM oven/bun.*?^USER 1000:1000\n", text, re.MULTILINE | re.DOTALL)
    assert match
    return match.group()


def test_there_are_all_images() -> None:
    assert [path.name.partition(".")[0] for path in FILES] == [
        "alertmanager",
        "api",
        "dashboard",
        "envoy",
        "fetcher",
        "guard",
        "node-exporter",
        "prometheus",
        "queue-meter",
        "redis",
        "turso",
        "worker",
    ]


def test_all_images_on_bun_share_the_text_of_the_runtime_layer() -> None:
    assert len({runtime(path.read_text()) for path in ON_BUN}) == 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_image(path: Path) -> None:
    text = path.read_text()
    production = text[text.index(" AS production\n") :]
    assert "# syntax=" not in text
    assert re.search(r"^HEALTHCHECK ", production, re.MULTILINE)
    assert re.search(r"^(CMD|ENTRYPOINT) \[", production, re.MULTILINE)
    assert all(f"org.opencontainers.image.{label}=" in production for label in ("title", "description", "licenses"))
    assert "STOPSIGNAL SIGTERM" in text
    assert re.findall(r"^USER (.*)$", production, re.MULTILINE) in ([], ["1000:1000"])
    assert "curl" not in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_ignore_file_starts_by_leaving_everything_out(path: Path) -> None:
    rules = ignore.parse(path.with_name(path.name + ".dockerignore").read_text())
    assert rules.rules[0].pattern == "*"
    assert rules.ignores("README.md")
    assert rules.ignores(".env")


@pytest.mark.parametrize("name", ["api", "worker", "fetcher", "dashboard"])
def test_an_edit_of_one_program_concerns_no_other_image(name: str) -> None:
    rules = ignore.parse((ROOT / f"docker/{name}.Dockerfile.dockerignore").read_text())
    programs = ["api", "worker", "fetcher", "dashboard", "shared"]
    assert [program for program in programs if not rules.ignores(f"{program}/src/main.ts")] == sorted(
        [name, "shared"], key=programs.index
    )
    assert rules.ignores(f"{name}/node_modules/x/index.js")
    assert rules.ignores(f"{name}/src/main.test.ts")


def test_every_base_can_be_assembled_and_no_other() -> None:
    defaults = yaml.safe_load((ROOT / "roles/docker_images/defaults/main.yml").read_text())
    used = {reference for path in FILES for reference in dockerfile.base_images(path.read_text(), {})}
    known = [*defaults["docker_images_bases"], *defaults["docker_images_edge_bases"]]
    assert used == {image["name"] for image in known}


def test_the_assembled_envoy_is_the_version_that_the_dockerfile_names() -> None:
    version = re.search(r"^ARG ENVOY_VERSION=v(.+)$", (ROOT / "docker/envoy.Dockerfile").read_text(), re.MULTILINE)
    lock = (ROOT / "docker/bases/envoy/requirements.txt").read_text()
    assert version and re.findall(r"^\S+==(\S+)", lock, re.MULTILINE) == [version.group(1)]


def test_the_assembled_bun_is_the_version_that_the_dockerfiles_name() -> None:
    version = re.search(r"^ARG BUN_VERSION=(.+)$", ON_BUN[0].read_text(), re.MULTILINE)
    lock = json.loads((ROOT / "docker/bases/bun/package-lock.json").read_text())
    versions = {package["version"] for name, package in lock["packages"].items() if name}
    assert version and versions == {version.group(1)}


@pytest.mark.parametrize("folder", ["bun", "libsql-server"])
def test_lock_files_hold_integrity_and_no_addresses(folder: str) -> None:
    lock = json.loads((ROOT / f"docker/bases/{folder}/package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]
    assert len(packages) == 2
    assert all(package["integrity"].startswith("sha512-") and "resolved" not in package for package in packages)
