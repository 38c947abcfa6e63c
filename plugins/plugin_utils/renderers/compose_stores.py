# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The containers of stores."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.platform import Platform
from ..model.stores import LocalStore
from .compose_containers import Definition, connected, container, health_check, published
from .stores import store_program


def store_container(platform: Platform, name: str, store: LocalStore, networks: Sequence[str]) -> Definition:
    program = store_program(platform, name, store)
    return {
        **container(platform, name, store.image, store.resources),
        **connected(networks),
        "command": program.command,
        "healthcheck": health_check(program.health, store.port),
        "ports": [published(store.port)],
        "secrets": [program.users.file] if program.users else None,
        "volumes": [f"{name}:{program.data_dir}"],
    }
