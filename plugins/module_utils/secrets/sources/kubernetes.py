# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets in Secret objects of a cluster.

https://kubernetes.io/docs/concepts/configuration/secret/
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Dict, Hashable, Mapping, Optional

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.connections import Connections
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Surroundings

OPTIONS: Dict[str, Any] = {
    "type": "dict",
    "options": {
        "namespace": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        "key": {"type": "str", "no_log": False},
    },
}


class Kubernetes:
    """One key of one object, in the cluster that the module's options name."""

    kind = "kubernetes"

    def __init__(self, namespace: str, name: str, key: str, cluster: Options) -> None:
        self._namespace = namespace
        self._name = name
        self._key = key
        self._cluster = cluster

    @classmethod
    def from_options(cls, name: str, options: Mapping[str, Any], surroundings: Surroundings) -> Kubernetes:
        """The source of one secret, whose name is the key unless there is another one."""
        key = options.get("key") or name
        return cls(options["namespace"], options["name"], key, surroundings.cluster)

    def describe(self) -> str:
        """Words for messages."""
        return f"the key {self._key} of Secret {self._namespace}/{self._name}"

    def unit(self) -> Hashable:
        """What is fetched."""
        return self.kind, self._namespace, self._name

    def fetch(self) -> Optional[Dict[str, Any]]:
        """The object's data. Raises SecretError."""
        with Connections() as own:
            return self.fetch_over(own)

    def fetch_over(self, connections: Connections) -> Optional[Dict[str, Any]]:
        """As fetch; the client is shared with the other sources of the same cluster."""
        try:
            client = connections.get((self.kind, id(self._cluster)), lambda: Client.connect(self._cluster))
            found = client.get("v1", "Secret", self._namespace, self._name)
        except ClusterError as error:
            text = " ".join(str(error).split()).rstrip(".")
            raise SecretError(f"cannot be read: {text}; expected a cluster that lets us get it") from None
        return None if found is None else found.get("data") or {}

    def pick(self, document: Mapping[str, Any]) -> Optional[bytes]:
        """The value of the key. Raises SecretError."""
        value = document.get(self._key)
        try:
            return None if value is None else base64.b64decode(value, validate=True)
        except binascii.Error:
            raise SecretError("is no Base64; expected it as an API server answers") from None
