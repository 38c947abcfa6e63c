# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A scratch instance of a store: of the same image, in a network of its own without a way out, and gone afterwards."""

from __future__ import annotations

import contextlib
import secrets
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, Mapping, NamedTuple, Optional, Sequence, TypeVar

from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.signals import uninterrupted

if TYPE_CHECKING:
    from docker import DockerClient

LABEL = "io.bunops.scratch"
_PAUSE = 0.05
_LAST_LINES = 5
_LOG_SIZE = "10m"
T = TypeVar("T")


class Scratch(NamedTuple):
    """What belongs to one instance. mark: the label by which a later run finds what an ended one has left."""

    engine: DockerClient
    image: str
    volume: str
    mark: Mapping[str, str]
    timeout: float


class Running(NamedTuple):
    """A started instance."""

    engine: DockerClient
    container: str
    address: str
    timeout: float

    def until(self, ask: Callable[[], Optional[T]], what: str) -> T:
        """The first answer that is not None. Raises BackupError: it ended or took too long."""
        end = time.monotonic() + self.timeout
        while True:
            answer = ask()
            if answer is not None:
                return answer
            state = self.engine.api.inspect_container(self.container)["State"]
            if not state["Running"]:
                raise BackupError("%s: the scratch instance ended: %s" % (what, self._last_words()))
            if time.monotonic() > end:
                raise BackupError("%s: took longer than %d s: %s" % (what, self.timeout, self._last_words()))
            time.sleep(_PAUSE)

    def _last_words(self) -> str:
        log = self.engine.api.logs(self.container, tail=_LAST_LINES).decode("utf-8", "replace")
        return " | ".join(line.strip()[:300] for line in log.splitlines() if line.strip()) or "it says nothing"


def mark_of(platform: str) -> Dict[str, str]:
    return {LABEL: platform}


@contextlib.contextmanager
def volume_of(engine: DockerClient, image: str, platform: str, timeout: float) -> Iterator[Scratch]:
    """A volume that is removed in the end."""
    mark = mark_of(platform)
    name = "%s-scratch-%s" % (platform, secrets.token_hex(4))
    with uninterrupted():
        engine.api.create_volume(name, labels=mark)
    try:
        yield Scratch(engine, image, name, mark, timeout)
    finally:
        engine.api.remove_volume(name, force=True)


@contextlib.contextmanager
def running(
    scratch: Scratch, command: Sequence[str], data_dir: str, environment: Optional[Mapping[str, str]] = None
) -> Iterator[Running]:
    """The instance, stopped and removed in the end; its volume stays."""
    api = scratch.engine.api
    with uninterrupted():
        network = api.create_network(scratch.volume, driver="bridge", internal=True, labels=dict(scratch.mark))["Id"]
    try:
        with uninterrupted():
            container = _create(api, scratch, command, data_dir, environment)
        try:
            api.start(container)
            networks: Dict[str, Any] = api.inspect_container(container)["NetworkSettings"]["Networks"]
            yield Running(scratch.engine, container, networks[scratch.volume]["IPAddress"], scratch.timeout)
            # Whatever it has still to write.
            api.stop(container, timeout=int(scratch.timeout))
        finally:
            api.remove_container(container, force=True)
    finally:
        api.remove_network(network)


def _create(
    api: Any,
    scratch: Scratch,
    command: Sequence[str],
    data_dir: str,
    environment: Optional[Mapping[str, str]],
) -> str:
    host = api.create_host_config(
        binds=["%s:%s" % (scratch.volume, data_dir)],
        network_mode=scratch.volume,
        read_only=True,
        tmpfs={"/tmp": "size=64m"},  # noqa: S108 - in the container
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        pids_limit=256,
        init=True,
        log_config={"Type": "json-file", "Config": {"max-size": _LOG_SIZE, "max-file": "1"}},
    )
    made: str = api.create_container(
        scratch.image,
        list(command),
        name=scratch.volume,
        host_config=host,
        environment=dict(environment or {}),
        labels=dict(scratch.mark),
        healthcheck={"test": ["NONE"]},
    )["Id"]
    return made


@contextlib.contextmanager
def swept(engine: DockerClient, platform: str) -> Iterator[None]:
    """Nothing of scratch instances is left, neither before nor after a failure."""
    remove_leftovers(engine, platform)
    try:
        yield
    except BaseException:
        remove_leftovers(engine, platform)
        raise


def remove_leftovers(engine: DockerClient, platform: str) -> None:
    """What runs that were killed have left."""
    api = engine.api
    marked = {"label": "%s=%s" % (LABEL, platform)}
    for container in api.containers(all=True, filters=marked):
        api.remove_container(container["Id"], force=True)
    for network in api.networks(filters=marked):
        api.remove_network(network["Id"])
    for volume in api.volumes(filters=marked)["Volumes"] or []:
        api.remove_volume(volume["Name"], force=True)


def owner_of(scratch: Scratch) -> int:
    """Numeric user of the image; 0 where it names none. Raises BackupError: it has a name only."""
    api: Any = scratch.engine.api
    user = str(api.inspect_image(scratch.image)["Config"].get("User") or "0").partition(":")[0]
    if not user.isdigit():
        raise BackupError("image: %s runs as the user %r; expected a number" % (scratch.image, user))
    return int(user)
