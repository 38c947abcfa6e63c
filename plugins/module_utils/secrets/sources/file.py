# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets in files of their own."""

from __future__ import annotations

from typing import Any, Dict, Hashable, Optional

from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.content import (
    read_content,
    without_line_end,
)
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Surroundings

# The file's path.
OPTIONS: Dict[str, Any] = {"type": "path"}


class File:
    """One file; the line end after a single line is no part of the value."""

    kind = "file"

    def __init__(self, path: str) -> None:
        self._path = path

    @classmethod
    def from_options(cls, _name: str, options: str, _surroundings: Surroundings) -> File:
        """The source of one secret."""
        return cls(options)

    def describe(self) -> str:
        """Words for messages."""
        return f"the file {self._path}"

    def unit(self) -> Hashable:
        """What is fetched."""
        return self.kind, self._path

    def fetch(self) -> Optional[bytes]:
        """The file's content. Raises SecretError."""
        return read_content(self._path)

    def pick(self, document: bytes) -> Optional[bytes]:
        """The value."""
        return without_line_end(document)
