# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets in environment variables of the module."""

from __future__ import annotations

from typing import Any, Dict, Hashable, Mapping, Optional

from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Surroundings

# The variable's name.
OPTIONS: Dict[str, Any] = {"type": "str"}


class Environment:
    """One variable."""

    kind = "env"

    def __init__(self, variable: str, environment: Mapping[str, str]) -> None:
        self._variable = variable
        self._environment = environment

    @classmethod
    def from_options(cls, _name: str, options: str, surroundings: Surroundings) -> Environment:
        """The source of one secret."""
        return cls(options, surroundings.environment)

    def describe(self) -> str:
        """Words for messages."""
        return f"the environment variable {self._variable}"

    def unit(self) -> Hashable:
        """What is fetched."""
        return self.kind, self._variable

    def fetch(self) -> Optional[str]:
        """The variable's text."""
        return self._environment.get(self._variable)

    def pick(self, document: str) -> Optional[bytes]:
        """The bytes that the variable was set to, which need not be UTF-8."""
        return document.encode("utf-8", "surrogateescape")
