# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The containers of stores: Redis and libSQL server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..model.health import HealthTiming
from ..model.injection import SECRETS_DIR
from ..model.platform import Platform
from ..model.stores import Kind, LocalStore, auth_secret
from .compose_containers import Definition, connected, container, http_test, published, timed

_TIMING = HealthTiming()
_DATA: Mapping[Kind, str] = {"redis": "/data", "libsql": "/var/lib/sqld"}
# What secret_sync derives from a store's secret, and the store itself reads.
DERIVED: Mapping[Kind, str] = {"redis": ".acl", "libsql": ".pub"}


def store_container(platform: Platform, name: str, store: LocalStore, networks: Sequence[str]) -> Definition:
    secret = derived_secret(platform, name, store)
    command, test = _HOW_TO_RUN[store.kind](store, f"{SECRETS_DIR}/{secret}" if secret else "")
    return {
        **container(platform, name, store.image, store.resources),
        **connected(networks),
        "command": command,
        "healthcheck": timed(test, _TIMING),
        "ports": [published(store.port)],
        "secrets": [secret] if secret else None,
        "volumes": [f"{name}:{_DATA[store.kind]}"],
    }


def derived_secret(platform: Platform, name: str, store: LocalStore) -> str:
    """File that the store checks its users with; empty where no secret is declared."""
    secret = auth_secret(name, store.kind)
    return secret + DERIVED[store.kind] if secret in platform.secrets else ""


def _redis(store: LocalStore, acl_file: str) -> tuple[list[str], list[str]]:
    """Append-only file, no snapshots; full memory refuses writes instead of losing keys.

    https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
    """
    port = str(store.port)
    command = ["redis-server", "--port", port, "--dir", _DATA["redis"], "--appendonly", "yes"]
    # A rewrite of the append-only file forks: a quarter of the memory is for what that copies.
    limit = str(store.resources.memory.bytes * 3 // 4)
    command += ["--save", "", "--maxmemory", limit, "--maxmemory-policy", "noeviction"]
    # Without an ACL, Redis' protected mode would answer nobody but its own container.
    command += ["--aclfile", acl_file] if acl_file else ["--protected-mode", "no"]
    user = ["--no-auth-warning", "--user", "health", "--pass", "none"] if acl_file else []
    return command, ["CMD", "redis-cli", "-e", *user, "-p", port, "ping"]


def _libsql(store: LocalStore, public_key: str) -> tuple[list[str], list[str]]:
    """https://github.com/tursodatabase/libsql/blob/main/docs/USER_GUIDE.md"""
    command = ["sqld", "--http-listen-addr", f"0.0.0.0:{store.port}"]
    command += ["--db-path", f"{_DATA['libsql']}/data", "--no-welcome"]
    command += ["--auth-jwt-key-file", public_key] if public_key else []
    return command, http_test(store.port, "/health", _TIMING.timeout.seconds)


_HOW_TO_RUN: Mapping[Kind, Callable[[LocalStore, str], tuple[list[str], list[str]]]] = {
    "redis": _redis,
    "libsql": _libsql,
}
