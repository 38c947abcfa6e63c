# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets that a program prints."""

from __future__ import annotations

from typing import Any, Dict, Hashable, Mapping, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources import program
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.content import without_line_end
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Surroundings

OPTIONS: Dict[str, Any] = {
    "type": "dict",
    "options": {"argv": {"type": "list", "elements": "str", "required": True}},
}
# Seconds that it may take.
_LIMIT = 60.0


class Command:
    """The standard output of a program; the line end after a single line is no part of the value."""

    kind = "command"

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self._argv = list(argv)
        self._environment = environment

    @classmethod
    def from_options(cls, _name: str, options: Mapping[str, Any], surroundings: Surroundings) -> Command:
        """The source of one secret."""
        return cls(options["argv"], surroundings.environment)

    def describe(self) -> str:
        """Words for messages; arguments may tell too much."""
        return f"the output of the command {self._argv[0] if self._argv else '(none)'}"

    def unit(self) -> Hashable:
        """What is fetched."""
        return (self.kind, *self._argv)

    def fetch(self) -> bytes:
        """What the program prints. Raises SecretError."""
        if not self._argv:
            raise SecretError("cannot be read: argv is empty; expected a program")
        ended = program.run(self._argv, self._environment, _LIMIT)
        if ended.code != 0:
            # What it said may hold secrets.
            raise SecretError(f"cannot be read: it ended with exit code {ended.code}; expected 0")
        return ended.stdout

    def pick(self, document: bytes) -> bytes:
        """The value."""
        return without_line_end(document)
