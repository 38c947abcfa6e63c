# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets as the module gets them, and a target that lives in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.secrets.spec import Secret, secrets_of
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Files, Holding, Version


def secrets(*given: Mapping[str, Any]) -> list[Secret]:
    """Secrets with everything that is not said at its default."""
    plain: dict[str, Any] = {"source": None, "optional": False, "template": None, "validate": None}
    plain.update(grace="none", derived=[])
    return secrets_of([{**plain, **each} for each in given])


class Memory:
    """Holds what it is told; compares bytes."""

    kind = title = "memory"

    def __init__(self, **files: Files) -> None:
        self.holding: Holding = {name: Version(1, 100, each, name) for name, each in files.items()}

    def differs(self, held: Version, files: Files) -> bool:
        return held.files != files

    def next(self, before: Holding, wanted: Mapping[str, Files], changed: Sequence[str]) -> Holding:
        after = {name: before[name] for name in wanted if name not in changed}
        for name in changed:
            number = before[name].number + 1 if name in before else 1
            after[name] = Version(number, None, wanted[name], name)
        return after

    def previous(self, held: Holding) -> Holding:
        return {name: each._replace(number=each.number - 1) for name, each in held.items() if each.number > 1}
