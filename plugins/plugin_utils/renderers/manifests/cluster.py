# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the objects have to know of the cluster that they are for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...model.injection import tasks_namespace_of


@dataclass(frozen=True)
class SecretObject:
    """A Secret in the cluster. keys: what it holds, where that is known."""

    name: str
    keys: frozenset[str] | None = None


@dataclass(frozen=True)
class Cluster:
    """namespace: the platform's own; its tasks run in another one.

    images: the reference by digest of each image that is built, by the name of its service, task or store.
    digests: whether those references have to have one; before a build, none is known.
    secrets: where each secret of the catalog is; without any, they are called like in the catalog.
    chrome_profile: the seccomp profile of browsers, from the kubelet's seccomp folder on.
    edge: whether clients come in by the catalog's edge; where the platform is developed on, they do not.
    docker_socket, docker_gid: the Docker engine's socket on the nodes, and the group that may use it.
    """

    namespace: str
    images: Mapping[str, str] = field(default_factory=dict)
    digests: bool = True
    edge: bool = True
    secrets: Mapping[str, SecretObject] = field(default_factory=dict)
    chrome_profile: str = "bunops/chrome.json"
    docker_socket: str = "/var/run/docker.sock"
    docker_gid: int = 0

    @property
    def tasks_namespace(self) -> str:
        return tasks_namespace_of(self.namespace)

    def secret(self, name: str) -> SecretObject:
        """The Secret of a secret: `redis-password` for REDIS_PASSWORD where nothing else is said."""
        return self.secrets.get(name) or SecretObject(name.lower().replace("_", "-").strip("-"))


def secret_objects(given: Mapping[str, Mapping[str, Any]]) -> dict[str, SecretObject]:
    """From `{NAME: {name: …, keys: […]}}`, as secret_sync gives it."""
    return {
        secret: SecretObject(where["name"], frozenset(where["keys"]) if "keys" in where else None)
        for secret, where in given.items()
    }
