# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Our reading of ignore files against the real builder's."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.images import context, ignore

PATHS = [
    "README.md",
    "a.ts",
    "a/a.ts",
    "a/b/a.ts",
    "a/b/c/deep.md",
    "a/b/x.js",
    "ab/file",
    "b/a/file",
    "b/node_modules/m/i.js",
    "node_modules/m/package.json",
    ".env",
    ".hidden/file",
    "src/main.ts",
    "src/main.test.ts",
    "src/[x].ts",
    "odd+(name).ts",
]
FILES = [
    "",
    "a",
    "/a/",
    "*",
    "*.ts",
    "**/*.ts",
    "**",
    "a/**",
    "a/**/a.ts",
    "?/a.ts",
    "[ab]",
    "[^a]*",
    "a?",
    ".*",
    "*\n!a",
    "*\n!a/b",
    "*\n!a/b/*.ts",
    "*\n!**/*.ts",
    "*\n!src\n**/*.test.ts",
    "**/node_modules",
    "**/node_modules/**",
    "a\n!a/b\na/b/c",
    "*\n!src/[x].ts",
    "odd+(name).ts",
    "# a\n\n  b  \n",
    "!a\n*\n! src ",
    "./src/../a",
    "*/*.ts",
    "a/*/",
    r"src/\[x\].ts",
    "*\n!*/\n",
    "**/a",
    "*\n!a/**",
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    for path in PATHS:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    (root / "empty").mkdir()
    (root / "link").symlink_to("a.ts")
    return root


def builder(tree: Path, folder: Path, rules: str) -> set[str]:
    """What a `COPY . .` brings into an image."""
    dockerfile = folder / "Dockerfile"
    dockerfile.write_text("FROM scratch\nCOPY . /\n")
    (folder / "Dockerfile.dockerignore").write_text(rules)
    done = subprocess.run(
        ["docker", "buildx", "build", "--quiet", "--file", str(dockerfile), "--output", "type=tar,dest=-", str(tree)],
        capture_output=True,
        check=True,
        timeout=60,
    )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        return {member.name.rstrip("/") for member in archive}


@pytest.mark.parametrize("rules", FILES)
def test_the_builder_sees_the_same_files(tree: Path, tmp_path: Path, rules: str) -> None:
    ours = set(context.take(str(tree), ignore.parse(rules), {}, 0).entries)
    assert ours == builder(tree, tmp_path, rules)
