# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the objects have to know of the cluster that they are for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...model.injection import tasks_namespace_of
from ...model.platform import Platform
from ..alerts_parts import Monitoring, monitoring_of

# Of the Prometheus Operator, which a cluster may lack.
MONITOR_KIND = "PodMonitor"
RULE_KIND = "PrometheusRule"
MONITORING_KINDS = (MONITOR_KIND, RULE_KIND)


@dataclass(frozen=True)
class SecretObject:
    """A Secret in the cluster. keys: what it holds, where that is known.

    key_set: the public keys that it holds, as a JSON Web Key Set (RFC 7517), "" for none; None where nobody knows.
    """

    name: str
    keys: frozenset[str] | None = None
    key_set: str | None = None


@dataclass(frozen=True)
class Watching:
    """Who watches the platform.

    namespace: of the Prometheus that may read metrics. kinds: those of MONITORING_KINDS that the cluster serves.
    labels: by which the Prometheus finds what is meant for it.
    """

    namespace: str
    monitoring: Monitoring
    kinds: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cluster:
    """namespace: the platform's own; its tasks run in another one.

    images: the reference by digest of each image that is built, by the name of its service, task or store.
    digests: whether those references have to have one; before a build, none is known.
    secrets: where each secret of the catalog is; without any, they are called like in the catalog.
    chrome_profile: the seccomp profile of browsers, from the kubelet's seccomp folder on.
    edge: whether clients come in by the catalog's edge; where the platform is developed on, they do not.
    docker_socket, docker_gid: the Docker engine's socket on the nodes, and the group that may use it.
    watching: None if nobody watches.
    """

    namespace: str
    images: Mapping[str, str] = field(default_factory=dict)
    digests: bool = True
    edge: bool = True
    secrets: Mapping[str, SecretObject] = field(default_factory=dict)
    chrome_profile: str = "bunops/chrome.json"
    docker_socket: str = "/var/run/docker.sock"
    docker_gid: int = 0
    watching: Watching | None = None

    @property
    def tasks_namespace(self) -> str:
        return tasks_namespace_of(self.namespace)

    def secret(self, name: str) -> SecretObject:
        """The Secret of a secret: `redis-password` for REDIS_PASSWORD where nothing else is said."""
        return self.secrets.get(name) or SecretObject(name.lower().replace("_", "-").strip("-"))


def watching_of(platform: Platform, namespace: str, given: Mapping[str, Any]) -> Watching:
    """From `{namespace, runbooks, kinds, labels, sources}`, as a filter has it. Raises ValueError."""
    unknown = sorted(set(given) - {"namespace", "runbooks", "kinds", "labels", "sources"})
    missing = sorted({"namespace", "runbooks"} - {key for key, value in given.items() if value})
    if unknown or missing:
        found = f"has {', '.join(unknown)}" if unknown else f"lacks {', '.join(missing)}"
        raise ValueError(f"monitoring {found}; expected are namespace, runbooks, and maybe kinds, labels, sources")
    kinds = frozenset(given.get("kinds") or ())
    if not kinds <= set(MONITORING_KINDS):
        strange = ", ".join(sorted(kinds - set(MONITORING_KINDS)))
        raise ValueError(f"monitoring.kinds: {strange} is not among {', '.join(MONITORING_KINDS)}")
    # Other platforms may be watched by the same Prometheus.
    matchers = {"namespace": namespace}
    monitoring = monitoring_of(platform, given["runbooks"], given.get("sources") or (), namespace, matchers)
    return Watching(given["namespace"], monitoring, kinds, dict(given.get("labels") or {}))


def secret_objects(given: Mapping[str, Mapping[str, Any]]) -> dict[str, SecretObject]:
    """From `{NAME: {name: …, keys: […], jwks: {keys: […]}}}`, as secret_sync gives it."""
    return {
        secret: SecretObject(
            where["name"], frozenset(where["keys"]) if "keys" in where else None, _key_set(where.get("jwks"))
        )
        for secret, where in given.items()
    }


def _key_set(given: Mapping[str, Any] | None) -> str | None:
    if given is None:
        return None
    return json.dumps(given, sort_keys=True) if given["keys"] else ""
