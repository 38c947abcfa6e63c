# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The images that a Dockerfile starts from."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.images import dockerfile

CASES = [
    ("FROM debian:bookworm-slim\n", {}, ["debian:bookworm-slim"]),
    ("ARG V=1\nFROM bun:${V}-slim AS base\nFROM base\nFROM scratch\n", {}, ["bun:1-slim"]),
    ("ARG V=1\nFROM bun:$V\n", {"V": "2"}, ["bun:2"]),
    ("ARG V\nFROM bun:${V:-3}\n", {}, ["bun:3"]),
    ("ARG V\nFROM bun:$V\n", {}, []),
    (
        "from --platform=linux/amd64 a:1 as x\nCOPY --from=b:2 /a /b\nCOPY --chown=1 --from=x . .\nCOPY --from=0 . .",
        {},
        ["a:1", "b:2"],
    ),
    ("FROM a:1\nRUN --mount=type=bind,from=tools:1,target=/t \\\n  # why\n  x\n", {}, ["a:1", "tools:1"]),
    ("# FROM comment:1\nFROM a:1\nARG V=x\nRUN echo FROM b:1\n", {}, ["a:1"]),
]


@pytest.mark.parametrize(("text", "args", "images"), CASES)
def test_base_images(text: str, args: dict[str, str], images: list[str]) -> None:
    assert dockerfile.base_images(text, args) == images


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("debian", "docker.io/library/debian:latest"),
        ("oven/bun:1", "docker.io/oven/bun:1"),
        ("docker.io/debian:1", "docker.io/library/debian:1"),
        ("ghcr.io/a/b:1", "ghcr.io/a/b:1"),
        ("localhost/a", "localhost/a:latest"),
        ("127.0.0.1:5000/a:2", "127.0.0.1:5000/a:2"),
        ("a@sha256:0", "docker.io/library/a@sha256:0"),
    ],
)
def test_full_names(short: str, full: str) -> None:
    assert dockerfile.full_name(short) == full
