# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Restarts running containers that mount files of secrets which were changed since they started.

A bind mount stays with the file that was there when the container started, so nothing less than a restart helps.
"""

from __future__ import annotations

import calendar
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils import engine
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import (
    ONEOFF_LABEL,
    TASK_LABEL,
    Container,
)
from ansible_collections.bunops.platform.plugins.module_utils.compose.observe import inspect_all
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import RolloutError, SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.rollout.container_health import Patience
from ansible_collections.bunops.platform.plugins.module_utils.secrets.rollout.masked import shown_forms
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Holding

if TYPE_CHECKING:
    from docker import DockerClient

_AT_ONCE = 8
_IN_GENERATION = re.compile(r"\.\.(?:data|v[0-9]+)(?:/|\Z)")


class Mounted:
    """Which secrets a mount shows. path: the directory of the secrets' files."""

    def __init__(self, path: str, holding: Holding) -> None:
        self._folders = {path, os.path.realpath(path)}
        self._all = frozenset(holding)
        self._by_file = {name: secret for secret, version in holding.items() for name in version.files}

    def secrets(self, mounts: Sequence[Mapping[str, Any]]) -> FrozenSet[str]:
        """Of a container's mounts, as the engine lists them."""
        found: List[str] = []
        for mount in mounts:
            if mount.get("Type") == "bind":
                found.extend(self._in(mount.get("Source") or ""))
        return frozenset(found)

    def _in(self, source: str) -> FrozenSet[str]:
        # Whoever mounts it may know the directory by another name.
        folder, name = os.path.split(source)
        return self._under(source) or self._under(os.path.join(os.path.realpath(folder), name))

    def _under(self, source: str) -> FrozenSet[str]:
        for folder in self._folders:
            if source == folder or source.startswith(folder + "/"):
                name = _IN_GENERATION.sub("", source[len(folder) + 1 :], count=1)
                return frozenset(filter(None, [self._by_file.get(name)])) if name else self._all
        return frozenset()


class Containers:
    """The rollout of a directory. What runs once, as a task or by `compose run`, is not run twice.

    path: the directory. before, after: what it holds. since: when the former versions came there, by secret.
    """

    def __init__(self, path: str, before: Holding, after: Holding, since: Mapping[str, float]) -> None:
        self._path = path
        self._mounted = Mounted(path, after)
        self._changed = {name for name in after if name not in before or before[name].files != after[name].files}
        self._since = since
        values = [value for held in (before, after) for version in held.values() for value in version.files.values()]
        self._forms = shown_forms(values)
        self._client: Optional[DockerClient] = None
        self._found: Optional[Dict[str, Container]] = None
        self._timeout: Optional[float] = None

    def users(self) -> List[str]:
        """See Rollout. One list of containers, and a look at each that mounts something of the directory."""
        with self._told(SecretError):
            return sorted("container %s" % container.name for container in self._containers().values())

    def roll(self, timeout: float) -> None:
        """See Rollout."""
        self._timeout = timeout
        with self._told(RolloutError):
            problem = self._restart()
        if problem:
            raise RolloutError("Containers that use a changed secret do not run with it:\n%s" % problem)

    def back(self) -> None:
        """See Rollout. All of them were restarted, whichever of them failed; or none, if it did not come to that."""
        if self._timeout is None:
            return
        with self._told(SecretError):
            problem = self._restart()
        if problem:
            raise SecretError("Containers do not run with the former secrets either:\n%s" % problem)

    def _containers(self) -> Dict[str, Container]:
        """Those to restart, by id; looked for once, before anything changes."""
        if self._found is None:
            secrets = {
                item["Id"]: self._mounted.secrets(item.get("Mounts") or [])
                for item in self._engine().api.containers()
                if _is_lasting(item.get("Labels") or {})
            }
            users = [container_id for container_id, used in secrets.items() if used]
            inspected = inspect_all(self._engine(), users)
            self._found = {each.id: each for each in inspected if self._is_outdated(each, secrets[each.id])}
        return self._found

    def _is_outdated(self, container: Container, secrets: FrozenSet[str]) -> bool:
        if secrets & self._changed:
            return True
        started = _seconds(container.started_at)
        return any(started < self._since.get(name, 0) for name in secrets)

    def _restart(self) -> str:
        """Restart each and wait until all are well; what keeps them from it, "" if nothing. Raises EngineError."""
        containers = self._containers()
        if not containers:
            return ""
        patience = Patience(self._engine(), containers, time.monotonic() + (self._timeout or 0), self._forms)
        with ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(containers))) as threads:
            refusals = dict(zip(containers, threads.map(self._restart_one, containers.values())))
        return patience.problem({container_id: text for container_id, text in refusals.items() if text})

    def _restart_one(self, container: Container) -> str:
        """Why the engine could not, "" if it could."""
        from docker.errors import APIError

        try:
            self._engine().api.restart(container.id, timeout=container.stop_timeout)
        except APIError as error:
            return "it cannot be started again: %s" % (error.explanation or error)
        return ""

    def _engine(self) -> DockerClient:
        if self._client is None:
            self._client = engine.connect()
        return self._client

    @contextmanager
    def _told(self, kind: type[SecretError]) -> Iterator[None]:
        """Raises `kind` when the engine cannot be used."""
        try:
            # Also finds out whether the library is there, which knows the errors.
            self._engine()
            with engine.engine_errors():
                yield
        except engine.EngineError as error:
            text = "directory %s: who uses its secrets cannot be found or restarted. %s"
            raise kind(text % (self._path, error)) from None


def _is_lasting(labels: Mapping[str, str]) -> bool:
    return labels.get(ONEOFF_LABEL) != "True" and TASK_LABEL not in labels


def _seconds(timestamp: str) -> float:
    """Since the epoch, of a time as the engine gives it: `2026-11-24T02:08:58.123456789Z`."""
    whole, _, fraction = timestamp.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float("0.%s" % (fraction or 0))
