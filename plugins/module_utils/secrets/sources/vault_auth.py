# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Ways to get a token of a Vault or OpenBao.

https://developer.hashicorp.com/vault/api-docs/auth/approle#login-with-approle
https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#login
"""

from __future__ import annotations

import hashlib
from typing import Any, Callable, Dict, Hashable, List, Mapping, Optional, Protocol

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.content import read_content

_APPROLE: Dict[str, Any] = {
    "type": "dict",
    "options": {
        "role_id": {"type": "str", "required": True},
        "secret_id": {"type": "str", "no_log": True},
        "secret_id_file": {"type": "path", "no_log": False},
        "mount": {"type": "str", "default": "approle"},
    },
    "mutually_exclusive": [["secret_id", "secret_id_file"]],
}
_KUBERNETES: Dict[str, Any] = {
    "type": "dict",
    "options": {
        "role": {"type": "str", "required": True},
        "jwt_file": {"type": "path", "default": "/var/run/secrets/kubernetes.io/serviceaccount/token"},
        "mount": {"type": "str", "default": "kubernetes"},
    },
}
OPTIONS: Dict[str, Any] = {
    "type": "dict",
    "options": {
        "token": {"type": "str", "no_log": True},
        "token_file": {"type": "path", "no_log": False},
        "approle": _APPROLE,
        "kubernetes": _KUBERNETES,
    },
    "mutually_exclusive": [["token", "token_file", "approle", "kubernetes"]],
}

# Sends credentials to a path and returns the token of the answer.
Login = Callable[[str, Dict[str, str]], str]


class Auth(Protocol):
    """One way. words: for messages, as `the token of VAULT_TOKEN`; identity: equal for the same credentials."""

    words: str
    identity: Hashable

    def token(self, login: Login) -> str:
        """A token. Raises SecretError."""
        ...

    def credentials(self) -> List[str]:
        """What must be in no message."""
        ...


class GivenToken:
    """A token that is known."""

    def __init__(self, token: str, words: str) -> None:
        self._token = token
        self.words = words
        # The token itself would stand in what a key is shown as.
        self.identity: Hashable = ("token", hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest())

    def token(self, _login: Login) -> str:
        """The token."""
        return self._token

    def credentials(self) -> List[str]:
        """The token."""
        return [self._token]


class TokenFile:
    """A token in a file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.words = f"the token in {path}"
        self.identity: Hashable = ("token_file", path)

    def token(self, _login: Login) -> str:
        """The file's content. Raises SecretError."""
        return _credential(self._path)

    def credentials(self) -> List[str]:
        """The token, once it can be read."""
        return [_credential(self._path)]


class AppRole:
    """A role for machines. secret_id may be None, for roles that need none."""

    def __init__(self, role_id: str, secret_id: Optional[str], secret_id_file: Optional[str], mount: str) -> None:
        self._role_id = role_id
        self._secret_id = secret_id
        self._secret_id_file = secret_id_file
        self._path = f"auth/{mount.strip('/')}/login"
        self.words = f"an AppRole at {self._path}"
        secret = hashlib.sha256((secret_id or "").encode("utf-8", "surrogateescape")).hexdigest()
        self.identity: Hashable = ("approle", self._path, role_id, secret, secret_id_file)

    def token(self, login: Login) -> str:
        """Log in. Raises SecretError."""
        secret_id = self._current()
        return login(self._path, {"role_id": self._role_id, **({"secret_id": secret_id} if secret_id else {})})

    def credentials(self) -> List[str]:
        """The SecretID."""
        return [self._current() or ""]

    def _current(self) -> Optional[str]:
        return _credential(self._secret_id_file) if self._secret_id_file else self._secret_id


class KubernetesRole:
    """The service account of a pod."""

    def __init__(self, role: str, jwt_file: str, mount: str) -> None:
        self._role = role
        self._jwt_file = jwt_file
        self._path = f"auth/{mount.strip('/')}/login"
        self.words = f"the Kubernetes role {role} at {self._path}"
        self.identity: Hashable = ("kubernetes", self._path, role, jwt_file)

    def token(self, login: Login) -> str:
        """Log in. Raises SecretError."""
        return login(self._path, {"role": self._role, "jwt": _credential(self._jwt_file)})

    def credentials(self) -> List[str]:
        """The service account's token."""
        return [_credential(self._jwt_file)]


def auth_of(options: Optional[Mapping[str, Any]], environment: Mapping[str, str]) -> Optional[Auth]:
    """The way that is given, else a token of the environment; None if there is none."""
    given = options or {}
    if given.get("token"):
        return GivenToken(given["token"], "the token given")
    if given.get("token_file"):
        return TokenFile(given["token_file"])
    if given.get("approle"):
        role = given["approle"]
        return AppRole(role["role_id"], role.get("secret_id"), role.get("secret_id_file"), role["mount"])
    if given.get("kubernetes"):
        role = given["kubernetes"]
        return KubernetesRole(role["role"], role["jwt_file"], role["mount"])
    for variable in ("VAULT_TOKEN", "BAO_TOKEN"):
        if environment.get(variable):
            return GivenToken(environment[variable], f"the token of {variable}")
    return None


def _credential(path: str) -> str:
    content = read_content(path)
    if not content or not content.strip():
        words = "is empty" if content is not None else "is not there"
        raise SecretError(f"cannot be read: {path} {words}; expected a credential for the server")
    return content.decode("utf-8", "replace").strip()
