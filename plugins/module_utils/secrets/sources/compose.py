# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets that a Compose file names; `docker compose` itself reads it, for which no engine needs to run.

https://docs.docker.com/reference/compose-file/secrets/
"""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Hashable, List, Mapping, Optional

from ansible_collections.bunops.platform.plugins.module_utils.runner import last_lines
from ansible_collections.bunops.platform.plugins.module_utils.secrecy import mask_text, secret_values
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources import program
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.content import (
    read_content,
    without_line_end,
)
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Surroundings

OPTIONS: Dict[str, Any] = {
    "type": "dict",
    "options": {"path": {"type": "path", "required": True}, "secret": {"type": "str", "no_log": False}},
}
# Seconds that `docker compose config` may take; it reads files and nothing else.
_LIMIT = 30.0


class Compose:
    """One secret of a Compose file that a service uses: its `file`, or the variable that `environment` names."""

    kind = "compose"

    def __init__(self, path: str, secret: str, environment: Mapping[str, str]) -> None:
        self._path = os.path.abspath(os.path.expanduser(path))
        self._secret = secret
        self._environment = environment

    @classmethod
    def from_options(cls, name: str, options: Mapping[str, Any], surroundings: Surroundings) -> Compose:
        """The source of one secret, whose name is the Compose secret's unless there is another one."""
        return cls(options["path"], options.get("secret") or name, surroundings.environment)

    def describe(self) -> str:
        """Words for messages."""
        return f"the secret {self._secret} of services in {self._path}"

    def unit(self) -> Hashable:
        """What is fetched."""
        return self.kind, self._path

    def fetch(self) -> Optional[Dict[str, Any]]:
        """Where the file says that its secrets are, by their names. Raises SecretError."""
        if not os.path.exists(self._path):
            return None
        secrets = self._config(["--profile", "*"], self._path).get("secrets") or {}
        named = [str(each["environment"]) for each in secrets.values() if each.get("environment")]
        values = self._variables(named)
        return {name: {**each, "value": values.get(str(each.get("environment")))} for name, each in secrets.items()}

    def pick(self, document: Mapping[str, Any]) -> Optional[bytes]:
        """The value. Raises SecretError: it is not in the file's hands, or cannot be read."""
        secret = document.get(self._secret)
        if secret is None:
            return None
        if secret.get("file"):
            content = read_content(str(secret["file"]))
            return None if content is None else without_line_end(content)
        if secret.get("environment"):
            value: Optional[bytes] = secret["value"]
            return value
        raise SecretError("is external; expected one with file or environment")

    def _variables(self, names: List[str]) -> Dict[str, bytes]:
        """Values of variables: the module's own, else those of the .env file that Compose finds."""
        known = {
            name: self._environment[name].encode("utf-8", "surrogateescape")
            for name in names
            if name in self._environment
        }
        others = [name for name in names if name not in known]
        return {**known, **(self._interpolated(others) if others else {})}

    def _interpolated(self, names: List[str]) -> Dict[str, bytes]:
        """Values of variables, by Compose's own rules."""
        wanted = {name: f"${{{name}:-}}" for name in names}
        definition = {"services": {"probe": {"image": "probe", "environment": wanted}}}
        directory = ["--project-directory", os.path.dirname(self._path)]
        found = self._config(directory, "-", json.dumps(definition))["services"]["probe"]["environment"]
        # In what it prints, Compose doubles each $.
        return {name: value.replace("$$", "$").encode() for name, value in found.items() if value}

    def _config(self, options: List[str], path: str, definition: str = "") -> Dict[str, Any]:
        argv = ["docker", "compose", *options, "--file", path, "config", "--format", "json"]
        ended = program.run(argv, self._environment, _LIMIT, definition.encode())
        if ended.code != 0:
            values = secret_values(f"{name}={value}" for name, value in self._environment.items())
            said = " ".join(last_lines(mask_text(ended.stderr, values), 2)) or f"exit code {ended.code}"
            raise SecretError(f"cannot be read: docker compose: {said}; expected a file that it accepts")
        try:
            document: Dict[str, Any] = json.loads(ended.stdout)
        except ValueError:
            raise SecretError("cannot be read: docker compose printed no JSON; expected version 2") from None
        return document
