# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The desired project: asks Compose to resolve the definition, so that its rules are the only ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Dict, List, Mapping, Optional

from ansible_collections.bunops.platform.plugins.module_utils import runner
from ansible_collections.bunops.platform.plugins.module_utils.compose import client
from ansible_collections.bunops.platform.plugins.module_utils.compose.definition import (
    document_to_hash,
    environment_names,
    parse_project,
)
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import (
    ComposeError,
    Container,
    Project,
    Settings,
)
from ansible_collections.bunops.platform.plugins.module_utils.secrecy import mask_text

# Seconds that `docker compose config` may take; it reads files and nothing else.
_LIMIT = 30


class Loader:
    """Resolves one definition; start() returns at once, so that Compose works while we look at the engine."""

    def __init__(self, source: client.Source, definition: Optional[Settings], env: Mapping[str, str]) -> None:
        self.source = source
        self._definition = None if definition is None else json.dumps(definition)
        self._env = env
        self._child: Optional[runner.Child] = None

    def start(self) -> None:
        """Start resolving. Raises runner.RunnerError."""
        self._child = self._start(client.config_args(self.source), self._definition)

    def project(self) -> Project:
        """The resolved project. Raises ComposeError with what Compose says about the definition."""
        child = self._child or self._start(client.config_args(self.source), self._definition)
        document = json.loads(_output(child.wait(_LIMIT)))
        variables = self._values(document)
        return parse_project(document, lambda item: _content(item, variables))

    def services_of_all_profiles(self) -> List[str]:
        """Names of all services, those whose profile is not active too."""
        child = self._start(client.profiled_services_args(self.source), self._definition)
        return _output(child.wait(_LIMIT)).split()

    def hashes(self, project: Project, containers: Mapping[str, Container]) -> Dict[str, str]:
        """Compose's hash per service, as it is on containers that were made by hand from this definition."""
        document = json.dumps(document_to_hash(project, containers))
        source = client.resolved(self.source, project.name)
        lines = _output(self._start(client.hash_args(source), document).wait(_LIMIT)).splitlines()
        return {name: value for name, _, value in (line.partition(" ") for line in lines)}

    def _values(self, document: Settings) -> Dict[str, str]:
        """Values of the variables that configs and secrets are taken from, found by Compose's own rules."""
        names = environment_names(document)
        if not names:
            return {}
        probe = {"services": {"probe": {"image": "probe", "environment": {name: f"${{{name}:-}}" for name in names}}}}
        source = self.source._replace(name="probe", stdin=True)
        child = self._start(client.config_args(source), json.dumps(probe))
        values = json.loads(_output(child.wait(_LIMIT)))["services"]["probe"].get("environment") or {}
        return {name: str(value) for name, value in values.items()}

    def _start(self, argv: List[str], stdin: Optional[str]) -> runner.Child:
        return runner.start(argv, stdin=stdin, env=self._env, cwd=self.source.directory)


def existing(paths: List[str]) -> List[str]:
    """The files of a list that are there, in order."""
    return [path for path in paths if Path(path).expanduser().is_file()]


def _content(item: Settings, variables: Mapping[str, str]) -> Optional[str]:
    """Content of a config or secret; None when it is external or not readable (Compose complains about that)."""
    if item.get("content") is not None:
        return str(item["content"])
    if item.get("environment"):
        return variables.get(str(item["environment"]))
    if item.get("file"):
        try:
            return Path(str(item["file"])).read_bytes().decode("latin-1")
        except OSError:
            return None
    return None


def _output(done: runner.Completed) -> str:
    if done.rc != 0:
        said = " ".join(runner.last_lines(mask_text(done.stderr), 3)) or f"exit code {done.rc}"
        raise ComposeError(f"Compose does not accept the definition: {said}")
    return done.stdout
