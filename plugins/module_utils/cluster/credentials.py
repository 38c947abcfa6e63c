# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The credentials of a user as they are now: token files are read again, plugins run again when they expire."""

from __future__ import annotations

import datetime
import json
import os
import sys
import threading
import time
from typing import Any, Dict, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ConfigError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.kubeconfig import User

_API_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
# Seconds: a token file is replaced by the kubelet well before it expires; client-go re-reads it as often.
_FILE_AGE = 60.0
_PLUGIN_LIMIT = 60.0
# Seconds before its end at which a credential counts as expired.
_LEEWAY = 10.0


class Credential(NamedTuple):
    """What proves who we are: a bearer token, or a client certificate with its key (PEM), or both, or nothing."""

    token: Optional[str] = None
    cert: Optional[str] = None
    key: Optional[str] = None


class Credentials:
    """Hands out the current credential; thread-safe."""

    def __init__(self, user: User) -> None:
        self._user = user
        self._lock = threading.Lock()
        self._current = Credential(token=user.token)
        self._expires: Optional[float] = 0.0 if user.exec or (user.token_file and not user.token) else None

    def current(self) -> Credential:
        """The credential to use now. Raises ConfigError: the file is not readable, the plugin failed."""
        with self._lock:
            if self._expires is not None and time.time() >= self._expires:
                self._renew()
            return self._current

    def refused(self, credential: Credential) -> bool:
        """Note that the API server did not accept it; whether another one may be had."""
        with self._lock:
            if self._expires is None:
                return False
            if credential == self._current:
                self._expires = 0.0
            return True

    def _renew(self) -> None:
        if self._user.exec:
            status = run_plugin(self._user.exec, self._user.cluster or {})
            self._current = Credential(
                status.get("token"), status.get("clientCertificateData"), status.get("clientKeyData")
            )
            self._expires = _timestamp(status.get("expirationTimestamp"))
            return
        path = str(self._user.token_file)
        try:
            with open(path, encoding="utf-8") as file:
                self._current = Credential(token=file.read().strip())
        except OSError as error:
            raise ConfigError(f"The token file {path} cannot be read: {error.strerror}.") from None
        self._expires = time.time() + _FILE_AGE


def run_plugin(section: Dict[str, Any], cluster: Dict[str, Any]) -> Dict[str, Any]:
    """The `status` that a credential plugin hands out. Raises ConfigError.

    https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
    """
    from ansible_collections.bunops.platform.plugins.module_utils import runner

    argv, environment = plugin_call(section, cluster)
    try:
        done = runner.run(argv, env=environment, timeout=_PLUGIN_LIMIT)
    except runner.RunnerError as error:
        hint = f" {section['installHint'].strip()}" if section.get("installHint") else ""
        raise ConfigError(f"Credential plugin: {error}{hint}") from None
    if done.rc != 0:
        said = "; ".join(runner.last_lines(done.stderr, 3)) or "it said nothing"
        raise ConfigError(f"The credential plugin {argv[0]} ended with exit code {done.rc}: {said}")
    try:
        status = json.loads(done.stdout)["status"]
        if not (status.get("token") or (status.get("clientCertificateData") and status.get("clientKeyData"))):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        # What it printed may be a secret.
        raise ConfigError(f"The credential plugin {argv[0]} handed out no credential.") from None
    return dict(status)


def plugin_call(section: Dict[str, Any], cluster: Dict[str, Any]) -> "tuple[Sequence[str], Dict[str, str]]":
    """Argument list and environment of a credential plugin. Raises ConfigError."""
    version = section.get("apiVersion")
    if version not in _API_VERSIONS:
        raise ConfigError(f"Credential plugins of {version} are not supported; expected {' or '.join(_API_VERSIONS)}.")
    if section.get("interactiveMode") == "Always":
        raise ConfigError("The credential plugin wants to ask questions (interactiveMode: Always).")
    spec: Dict[str, Any] = {"interactive": False}
    if section.get("provideClusterInfo"):
        names = {"server": "server", "tls-server-name": "tls-server-name", "proxy-url": "proxy-url"}
        names.update({"insecure-skip-tls-verify": "insecure-skip-tls-verify"})
        spec["cluster"] = {theirs: cluster[ours] for ours, theirs in names.items() if cluster.get(ours)}
        if cluster.get("certificate-authority-data"):
            spec["cluster"]["certificate-authority-data"] = cluster["certificate-authority-data"]
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": spec}
    environment = {**os.environ, **{item["name"]: item["value"] for item in section.get("env") or []}}
    environment["KUBERNETES_EXEC_INFO"] = json.dumps(info)
    return [str(section.get("command")), *(section.get("args") or [])], environment


def _timestamp(text: Optional[str]) -> Optional[float]:
    if not text:
        return None
    plain = text.replace("Z", "+00:00") if sys.version_info < (3, 11) else text
    try:
        return datetime.datetime.fromisoformat(plain).timestamp() - _LEEWAY
    except ValueError:
        return None
