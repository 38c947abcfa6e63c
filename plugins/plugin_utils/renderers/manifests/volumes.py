# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What pods find in their file systems besides the image, which is read-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...model.injection import SECRETS_DIR
from ...model.tasks import Task
from ..names import SCRATCH, SCRATCH_BYTES
from ..tasks import scratch, shared_memory
from .cluster import Cluster
from .parts import Object
from .quantities import bytes_text

# Where clients of the API server look for their token, below each of the two folders.
_API_ACCESS = "kubernetes.io/serviceaccount"
_TOKEN_SECONDS = 3600
_OWNER_AND_GROUP_READ = 0o440


@dataclass(frozen=True)
class Volume:
    """source: None where a claim of the same name stands elsewhere; paths: where it is mounted."""

    name: str
    source: Object | None
    paths: tuple[str, ...]
    read_only: bool | None = None

    @property
    def volume(self) -> Object | None:
        return {"name": self.name, **self.source} if self.source else None

    @property
    def mounts(self) -> list[Object]:
        return [{"name": self.name, "mountPath": path, "readOnly": self.read_only} for path in self.paths]


def service_scratch() -> Volume:
    return _in_memory("tmp", SCRATCH, SCRATCH_BYTES)


def task_scratch(task: Task) -> list[Volume]:
    """What it may write to; for a browser also more shared memory than a container runtime gives."""
    folders = [_in_memory("tmp", SCRATCH, scratch(task))]
    if task.browser != "none":
        folders.append(_in_memory("shm", "/dev/shm", shared_memory(task)))  # noqa: S108 - nothing here opens it
    return folders


def _in_memory(name: str, path: str, size: int) -> Volume:
    return Volume(name, {"emptyDir": {"medium": "Memory", "sizeLimit": bytes_text(size)}}, (path,))


def secret_files(cluster: Cluster, files: Mapping[str, str], with_token: bool = False) -> list[Volume]:
    """All secrets of a pod in one folder; none if it has none.

    files: the secret that each file is of.
    with_token: it may talk to the API server.

    /var/run is a link to /run in most images: a second volume for the token would have to be mounted inside of
    this one, which is read-only. So the token is in the same volume, which is mounted under both names.
    """
    sources: list[Object] = [
        {"secret": {"name": cluster.secret(files[file]).name, "items": [{"key": file, "path": file}]}}
        for file in sorted(files)
    ]
    if with_token:
        sources += _api_access()
    if not sources:
        return []
    projected = {"projected": {"defaultMode": _OWNER_AND_GROUP_READ, "sources": sources}}
    paths = (SECRETS_DIR, f"/var{SECRETS_DIR}") if with_token else (SECRETS_DIR,)
    return [Volume("secrets", projected, paths, read_only=True)]


def _api_access() -> list[Object]:
    """https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-token-volume"""
    namespace = {
        "path": f"{_API_ACCESS}/namespace",
        "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
    }
    return [
        {"serviceAccountToken": {"path": f"{_API_ACCESS}/token", "expirationSeconds": _TOKEN_SECONDS}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": f"{_API_ACCESS}/ca.crt"}]}},
        {"downwardAPI": {"items": [namespace]}},
    ]


def docker_socket(cluster: Cluster) -> Volume:
    host_path = {"hostPath": {"path": cluster.docker_socket, "type": "Socket"}}
    return Volume("docker-socket", host_path, ("/var/run/docker.sock",))
