# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which kinds an API server serves, and under which paths. Pure.

Aggregated discovery: all groups in two documents instead of one document a group.
https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Tuple
from urllib.parse import quote

from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError, UnknownKind

ACCEPT = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
)
PATHS = ("/api", "/apis")


class Resource(NamedTuple):
    """A kind as it is served. plural: its name in paths; verbs: what can be done with it; subresources: their names."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool
    verbs: Tuple[str, ...]
    subresources: Tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The API group, "" for the core group."""
        return group_of(self.api_version)

    def path(self, namespace: Optional[str] = None, name: Optional[str] = None) -> str:
        """Path of one object, or of the collection (of all namespaces, without one)."""
        parts = ["/apis" if "/" in self.api_version else "/api", self.api_version]
        if self.namespaced and namespace:
            parts += ["namespaces", quote(namespace, safe="")]
        parts.append(self.plural)
        if name:
            parts.append(quote(name, safe=":"))
        return "/".join(parts)


def group_of(api_version: str) -> str:
    """The group in an apiVersion: "apps" of "apps/v1", "" of "v1"."""
    return api_version.rpartition("/")[0]


class Discovery:
    """The kinds of one API server at one moment."""

    def __init__(self, documents: Iterable[Mapping[str, Any]]) -> None:
        """documents: the answers for PATHS. Raises ClusterError if they are not aggregated ones."""
        self._resources: Dict[Tuple[str, str], Resource] = {}
        self._versions: Dict[Tuple[str, str], List[str]] = {}
        self._stale: List[str] = []
        for document in documents:
            if document.get("kind") != "APIGroupDiscoveryList":
                raise ClusterError("The API server is too old: Kubernetes 1.27 or newer is needed.")
            for group in document.get("items") or []:
                self._add_group(group.get("metadata", {}).get("name") or "", group.get("versions") or [])

    def resource(self, api_version: str, kind: str) -> Resource:
        """The kind of that name. Raises UnknownKind."""
        found = self._resources.get((api_version, kind))
        if found is None:
            raise UnknownKind(api_version, kind, self._stale)
        return found

    def serves(self, api_version: str, kind: str) -> bool:
        """Whether there is a kind of that name."""
        return (api_version, kind) in self._resources

    def preferred(self, group: str, kind: str) -> Optional[Resource]:
        """The kind in the version that the server prefers; None if it serves none."""
        versions = self._versions.get((group, kind))
        return self._resources[(versions[0], kind)] if versions else None

    def is_unreadable(self, group: str) -> bool:
        """Whether the server could not list the kinds of a group just now."""
        return any(group_of(version) == group for version in self._stale)

    def versions_of(self, kind: str) -> List[str]:
        """All apiVersions with a kind of that name, for hints."""
        return [version for version, name in self._resources if name == kind]

    def _add_group(self, group: str, versions: List[Mapping[str, Any]]) -> None:
        for version in versions:
            api_version = f"{group}/{version['version']}" if group else str(version["version"])
            if version.get("freshness") == "Stale":
                self._stale.append(api_version)
            for entry in version.get("resources") or []:
                kind = (entry.get("responseKind") or {}).get("kind")
                if not kind:
                    continue
                resource = Resource(
                    api_version,
                    kind,
                    entry["resource"],
                    entry.get("scope") == "Namespaced",
                    tuple(entry.get("verbs") or ()),
                    tuple(below["subresource"] for below in entry.get("subresources") or ()),
                )
                # Two resources of one kind (rare: none of Kubernetes' own): the one that can be written counts.
                known = self._resources.get((api_version, kind))
                if known is None:
                    self._versions.setdefault((group, kind), []).append(api_version)
                if known is None or ("patch" in resource.verbs and "patch" not in known.verbs):
                    self._resources[(api_version, kind)] = resource
