# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The data of a volume as a tar archive, through containers that never start."""

from __future__ import annotations

import contextlib
import io
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterable, Iterator, Mapping, NamedTuple, Optional

from ansible_collections.bunops.platform.plugins.module_utils.backup.signals import uninterrupted

if TYPE_CHECKING:
    from docker import DockerClient

_CHUNK = 1 << 20


class Place(NamedTuple):
    """A volume, where containers of this image have it."""

    image: str
    volume: str
    directory: str


def labels_of(engine: DockerClient, volume: str) -> Optional[Mapping[str, str]]:
    """None if there is no such volume."""
    import docker.errors

    try:
        labels: Mapping[str, str] = engine.api.inspect_volume(volume).get("Labels") or {}
    except docker.errors.NotFound:
        return None
    return labels


def users_of(engine: DockerClient, volume: str) -> list[str]:
    """Names of the containers that have it, running or not."""
    found = engine.api.containers(all=True, filters={"volume": volume})
    return sorted(container["Names"][0].lstrip("/") for container in found)


def replace(engine: DockerClient, volume: str, labels: Mapping[str, str]) -> None:
    """An empty volume of this name, whatever was in it."""
    if labels_of(engine, volume) is not None:
        engine.api.remove_volume(volume)
    engine.api.create_volume(volume, labels=dict(labels))


def save(engine: DockerClient, place: Place, target: Path, mark: Mapping[str, str]) -> None:
    """Write what is in the volume."""
    with _holder(engine, place, mark) as holder, target.open("wb") as file:
        chunks, _unused = engine.api.get_archive(holder, place.directory + "/.", chunk_size=_CHUNK)
        for chunk in chunks:
            file.write(chunk)


def fill(engine: DockerClient, place: Place, archives: Iterable[Any], mark: Mapping[str, str]) -> None:
    """Put archives, each bytes, a file or chunks, into the volume."""
    with _holder(engine, place, mark) as holder:
        for archive in archives:
            engine.api.put_archive(holder, place.directory, archive)


def copy(engine: DockerClient, source: Place, folder: str, target: Place, mark: Mapping[str, str]) -> None:
    """Put a folder of one volume into another; owners and rights stay."""
    with _holder(engine, source, mark) as holder:
        chunks, _unused = engine.api.get_archive(holder, "%s/%s" % (source.directory, folder), chunk_size=_CHUNK)
        fill(engine, target, [chunks], mark)


def as_archive(path: Path, name: str, owner: int) -> Iterator[bytes]:
    """An archive of one file that its owner may read."""
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.uid, info.gid = path.stat().st_size, 0o400, owner, owner
    yield info.tobuf()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            yield chunk
    yield b"\0" * (-info.size % tarfile.BLOCKSIZE + 2 * tarfile.BLOCKSIZE)


def small_archive(name: str, content: bytes, owner: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.uid, info.gid = len(content), 0o400, owner, owner
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@contextlib.contextmanager
def _holder(engine: DockerClient, place: Place, mark: Mapping[str, str]) -> Iterator[str]:
    # An empty volume takes over the owner of the directory that it covers.
    host = engine.api.create_host_config(binds=["%s:%s" % (place.volume, place.directory)], network_mode="none")
    with uninterrupted():
        made = engine.api.create_container(place.image, ["none"], host_config=host, labels=dict(mark))
    try:
        yield made["Id"]
    finally:
        engine.api.remove_container(made["Id"], force=True)
