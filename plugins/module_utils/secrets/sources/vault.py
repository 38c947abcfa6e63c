# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets in a KV version 2 engine of HashiCorp Vault or OpenBao.

https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version
https://openbao.org/api-docs/secret/kv/kv-v2/
"""

from __future__ import annotations

from typing import Any, Dict, Hashable, Mapping, NamedTuple, Optional
from urllib.parse import quote, urlsplit

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources import vault_auth
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.connections import Connections
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.document import value_at
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Surroundings
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.vault_client import Server, VaultClient

OPTIONS: Dict[str, Any] = {
    "type": "dict",
    "options": {
        # The defaults of these are VAULT_ADDR, VAULT_NAMESPACE and VAULT_CACERT, or the same with BAO.
        "url": {"type": "str"},
        "namespace": {"type": "str"},
        "ca_cert": {"type": "path"},
        "validate_certs": {"type": "bool", "default": True},
        "mount": {"type": "str", "default": "secret"},
        "path": {"type": "str", "required": True},
        "key": {"type": "str", "no_log": False},
        # Without one, the newest.
        "version": {"type": "int"},
        "auth": vault_auth.OPTIONS,
    },
}


class Place(NamedTuple):
    """Where a secret is in a server. version: None is the newest."""

    mount: str
    path: str
    version: Optional[int]

    def __str__(self) -> str:
        version = "" if self.version is None else f" version {self.version}"
        return f"{self.mount}/{self.path}{version}"


class Vault:
    """One key of one secret."""

    kind = "vault"

    def __init__(
        self, place: Place, key: str, server: Server, auth: Optional[vault_auth.Auth], environment: Mapping[str, str]
    ) -> None:
        self._place = place
        self._key = key
        self._server = server
        self._auth = auth
        self._environment = environment

    @classmethod
    def from_options(cls, name: str, options: Mapping[str, Any], surroundings: Surroundings) -> Vault:
        """The source of one secret, whose name is the key unless there is another one."""
        environment = surroundings.environment
        place = Place(options["mount"].strip("/"), options["path"].strip("/"), options.get("version"))
        auth = vault_auth.auth_of(options.get("auth"), environment)
        return cls(place, options.get("key") or name, server_of(options, environment), auth, environment)

    def describe(self) -> str:
        """Words for messages."""
        return f"the key {self._key} of {self._place} in the Vault {_without_user(self._server.url) or '(none)'}"

    def unit(self) -> Hashable:
        """What is fetched."""
        return self.kind, self._server, self._auth and self._auth.identity, self._place

    def fetch(self) -> Optional[Dict[str, Any]]:
        """The data of the secret. Raises SecretError."""
        with Connections() as own:
            return self.fetch_over(own)

    def fetch_over(self, connections: Connections) -> Optional[Dict[str, Any]]:
        """As fetch; login and connections are shared with the other sources of the same server and credentials."""
        if not self._server.url:
            raise SecretError("cannot be read: no server is named; expected url, VAULT_ADDR or BAO_ADDR")
        if not _is_address(self._server.url):
            raise SecretError("cannot be read: the server's address is of another kind; expected http(s)://host[:port]")
        auth = self._auth
        if auth is None:
            raise SecretError("cannot be read: no credentials are given; expected auth, VAULT_TOKEN or BAO_TOKEN")
        key = (self.kind, self._server, auth.identity)
        client = connections.get(key, lambda: VaultClient(self._server, auth, self._environment))
        query = "" if self._place.version is None else f"?version={self._place.version}"
        return self._data(client.read(f"{quote(self._place.mount)}/data/{quote(self._place.path)}", query))

    def pick(self, document: Mapping[str, Any]) -> Optional[bytes]:
        """The value of the key. Raises SecretError: it is a mapping or a list."""
        return value_at(document, [self._key])

    def _data(self, document: Optional[Mapping[str, Any]]) -> Optional[Dict[str, Any]]:
        """The data in an answer; None where there is none, or the newest version is deleted. Raises SecretError."""
        if document is None:
            return None
        found = document.get("data") or {}
        if "data" not in found and "metadata" not in found:
            raise SecretError("cannot be read: what is there has no versions; expected a KV engine of version 2")
        data: Optional[Dict[str, Any]] = found.get("data")
        if data is None and self._place.version is not None:
            state = "destroyed" if (found.get("metadata") or {}).get("destroyed") else "deleted"
            raise SecretError(f"cannot be read: that version is {state}; expected one that is there")
        return data


def server_of(options: Mapping[str, Any], environment: Mapping[str, str]) -> Server:
    """The server that the options name, or the environment."""

    def known(option: str, variable: str) -> Optional[str]:
        given: Optional[str] = options.get(option)
        return given or environment.get(f"VAULT_{variable}") or environment.get(f"BAO_{variable}")

    return Server(
        (known("url", "ADDR") or "").rstrip("/"),
        known("namespace", "NAMESPACE"),
        known("ca_cert", "CACERT"),
        options.get("validate_certs") is not False,
    )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and "@" not in url
    except ValueError:
        return False


def _without_user(url: str) -> str:
    """An address that may have a password in it has none in a message."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"
