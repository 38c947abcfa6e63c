# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Images of the collection's own Dockerfiles."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.tests.integration.run_module import Module

ROOT = Path(__file__).resolve().parents[3]
JOBS = Path(__file__).parent / "jobs"
_SQLD = "ghcr.io/tursodatabase/libsql-server:v0.24.32"
_BASES = [
    {"name": "debian:bookworm-slim", "debian": "bookworm"},
    {"name": "oven/bun:1.4.5-slim", "folder": str(ROOT / "docker/bases/bun")},
    {"name": _SQLD, "folder": str(ROOT / "docker/bases/libsql-server")},
]


def _build_secrets() -> list[str]:
    """The certificates that this machine trusts and its package registry, as the role docker_images has them."""
    certificates = [os.environ.get(name, "") for name in ("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE")]
    found = {"ca": [*certificates, "/etc/ssl/certs/ca-certificates.crt"], "npmrc": [str(Path.home() / ".npmrc")]}
    first = {name: next((path for path in paths if Path(path).is_file()), None) for name, paths in found.items()}
    return [f"id={name},src={path}" for name, path in first.items() if path]


@contextlib.contextmanager
def built(engine: Any, state: Path, *wanted: str) -> Iterator[dict[str, str]]:
    """References of the images, of `redis` and `queue-meter` unless others are wanted, until the end of the block.

    state: a folder for the module's notes.
    """
    names = {name: f"bunops-test/{name}:{secrets.token_hex(4)}" for name in wanted or ("redis", "queue-meter")}
    targets = {
        name: {
            "context": "docker",
            "dockerfile": f"{name}.Dockerfile",
            "target": "production",
            "tags": [tag],
            "output": ["type=docker"],
            "secret": _build_secrets(),
        }
        for name, tag in names.items()
    }
    Module("image_set", XDG_STATE_HOME=str(state)).ok(
        definition={"target": targets},
        bases=[base for base in _BASES if base["name"] != _SQLD or "turso" in names],
        project_src=str(ROOT),
    )
    try:
        yield names
    finally:
        for tag in names.values():
            engine.images.remove(tag, force=True)
