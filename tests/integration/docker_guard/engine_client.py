"""HTTP over unix sockets, and the engine's own API: what a test sees and sets up beside the guard."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ENGINE_SOCKET = Path("/var/run/docker.sock")
ANSWER_LIMIT = 60


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json["message"])

    def output(self) -> tuple[str, str]:
        """Standard output and error of a container, from the multiplexed stream (Engine API, ContainerAttach)."""
        streams = {1: b"", 2: b""}
        rest = self.body
        while rest:
            stream, size = struct.unpack(">BxxxI", rest[:8])
            streams[stream] += rest[8 : 8 + size]
            rest = rest[8 + size :]
        return streams[1].decode(), streams[2].decode()


class UnixConnection(http.client.HTTPConnection):
    """An HTTP connection to a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=ANSWER_LIMIT)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def request(path: Path, method: str, target: str, body: object = None) -> Answer:
    """One request; a body of bytes is sent as it is, anything else as JSON."""
    connection = UnixConnection(path)
    try:
        data = body if body is None or isinstance(body, bytes) else json.dumps(body)
        connection.request(method, target, data, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


class Engine:
    """The real engine, asked without the guard."""

    def call(self, method: str, target: str, body: object = None) -> Answer:
        answer = request(ENGINE_SOCKET, method, f"/v1.45{target}", body)
        assert answer.status < 400, answer.body
        return answer

    def containers(self, project: str) -> list[str]:
        """The ids of the containers that carry the project's label, ended ones too."""
        filters = json.dumps({"label": [f"bunops.platform.project={project}"]})
        listed = self.call("GET", "/containers/json?" + urlencode({"all": "1", "filters": filters})).json
        return [container["Id"] for container in listed]

    def inspect(self, identifier: str) -> Any:
        return self.call("GET", f"/containers/{identifier}/json").json

    def is_running(self, identifier: str) -> bool:
        return bool(self.inspect(identifier)["State"]["Running"])

    def remove(self, identifier: str) -> None:
        self.call("DELETE", f"/containers/{identifier}?force=1&v=1")

    def start(self, config: Mapping[str, Any], name: str | None = None) -> str:
        """Creates and starts a container without a network and returns its id."""
        host = {"NetworkMode": "none", **config.get("HostConfig", {})}
        target = "/containers/create" + (f"?name={name}" if name else "")
        identifier = str(self.call("POST", target, {**config, "HostConfig": host}).json["Id"])
        self.call("POST", f"/containers/{identifier}/start")
        return identifier

    def run(self, config: Mapping[str, Any]) -> tuple[int, str, str]:
        """Runs a container to its end: exit code, standard output, standard error."""
        identifier = self.start(config)
        try:
            code = self.call("POST", f"/containers/{identifier}/wait").json["StatusCode"]
            return code, *self.call("GET", f"/containers/{identifier}/logs?stdout=1&stderr=1").output()
        finally:
            self.remove(identifier)

    def import_image(self, archive: Path, repository: str, tag: str) -> str:
        """Makes an image of one layer from a tar archive and returns its name."""
        target = "/images/create?" + urlencode({"fromSrc": "-", "repo": repository, "tag": tag})
        self.call("POST", target, archive.read_bytes())
        return f"{repository}:{tag}"

    def remove_image(self, name: str) -> None:
        self.call("DELETE", f"/images/{name}?force=1")


def pack(archive: Path, files: Mapping[str, Path], links: Mapping[str, str]) -> None:
    """Writes a tar archive of files (path inside to path here) and symbolic links (path inside to target)."""
    with tarfile.open(archive, "w", dereference=True) as tar:
        for inside, here in files.items():
            tar.add(here, inside)
        for inside, target in links.items():
            link = tarfile.TarInfo(inside)
            link.type, link.linkname = tarfile.SYMTYPE, target
            tar.addfile(link)
