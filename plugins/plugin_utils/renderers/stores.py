# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How stores are run, on every target: arguments, health, where the data is, who gets in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..model.health import ExecHealth, Health, HttpHealth
from ..model.injection import SECRETS_DIR
from ..model.platform import Platform
from ..model.stores import Kind, LocalStore, auth_secret

_DATA: Mapping[Kind, str] = {"redis": "/data", "libsql": "/var/lib/sqld"}
# What secret_sync derives from a store's secret, and the store itself reads.
_DERIVED: Mapping[Kind, str] = {"redis": ".acl", "libsql": ".pub"}


@dataclass(frozen=True)
class Users:
    """What a store checks its users with: a file of this name, made from this secret."""

    secret: str
    file: str


@dataclass(frozen=True)
class StoreProgram:
    """command: the arguments of its container.

    data_dir: where its volume belongs.
    users: None lets everybody in who can reach it.
    """

    command: list[str]
    health: Health
    data_dir: str
    users: Users | None


def store_program(platform: Platform, name: str, store: LocalStore) -> StoreProgram:
    users = _users(platform, name, store)
    command, health = _HOW_TO_RUN[store.kind](store, f"{SECRETS_DIR}/{users.file}" if users else "")
    return StoreProgram(command, health, _DATA[store.kind], users)


def _users(platform: Platform, name: str, store: LocalStore) -> Users | None:
    secret = auth_secret(name, store.kind)
    return Users(secret, secret + _DERIVED[store.kind]) if secret in platform.secrets else None


def _redis(store: LocalStore, acl_file: str) -> tuple[list[str], Health]:
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
    user = ("--no-auth-warning", "--user", "health", "--pass", "none") if acl_file else ()
    return command, ExecHealth(exec=("redis-cli", "-e", *user, "-p", port, "ping"))


def _libsql(store: LocalStore, public_key: str) -> tuple[list[str], Health]:
    """https://github.com/tursodatabase/libsql/blob/main/docs/USER_GUIDE.md"""
    command = ["sqld", "--http-listen-addr", f"0.0.0.0:{store.port}"]
    command += ["--db-path", f"{_DATA['libsql']}/data", "--no-welcome"]
    command += ["--auth-jwt-key-file", public_key] if public_key else []
    return command, HttpHealth(http="/health")


_HOW_TO_RUN: Mapping[Kind, Callable[[LocalStore, str], tuple[list[str], Health]]] = {
    "redis": _redis,
    "libsql": _libsql,
}
