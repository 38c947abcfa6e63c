# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Kubeconfigs: which cluster and which user a context means.

Format: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/
"""

from __future__ import annotations

import base64
import binascii
import os
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ConfigError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.link import Tls

Json = Dict[str, Any]
_SECTIONS = ("clusters", "users", "contexts")
# Values that are paths, relative to the file in which they stand.
_PATHS = {
    "clusters": ("certificate-authority",),
    "users": ("client-certificate", "client-key", "tokenFile"),
}


class User(NamedTuple):
    """Who we are, apart from a client certificate.

    exec: the kubeconfig's section of that name (a program that hands out credentials); cluster: what such a program
    is told about the cluster, if it asks. impersonation: header lines.
    """

    token: Optional[str] = None
    token_file: Optional[str] = None
    exec: Optional[Json] = None
    cluster: Optional[Json] = None
    impersonation: Tuple[Tuple[str, str], ...] = ()


class Access(NamedTuple):
    """An API server and an identity. host: URL, possibly with a path; namespace: the context's."""

    host: str
    tls: Tls
    user: User
    proxy: Optional[str] = None
    namespace: Optional[str] = None


def default_paths(environment: Mapping[str, str]) -> List[str]:
    """Where kubectl looks: the files of KUBECONFIG, else ~/.kube/config."""
    listed = environment.get("KUBECONFIG")
    if listed:
        return [os.path.expanduser(path) for path in listed.split(os.pathsep) if path]
    return [os.path.expanduser("~/.kube/config")]


def merged(paths: Sequence[str]) -> Json:
    """Several kubeconfigs as one: of a name that occurs twice the first one counts. Raises ConfigError."""
    result: Json = {}
    for path in paths:
        config = _with_absolute_paths(_load(path), os.path.dirname(os.path.abspath(path)))
        result.setdefault("current-context", config.get("current-context") or None)
        result["current-context"] = result["current-context"] or config.get("current-context")
        for section in _SECTIONS:
            known = {entry["name"] for entry in result.setdefault(section, [])}
            result[section].extend(entry for entry in _entries(config, section) if entry["name"] not in known)
    return result


def access_of(config: Json, context: Optional[str], host: Optional[str] = None) -> Access:
    """The cluster and the user of a context (default: the current one). Raises ConfigError."""
    name = context or config.get("current-context")
    if not name:
        raise ConfigError("The kubeconfig has no current context: name one with context.")
    chosen = _named(config, "contexts", "context", str(name))
    cluster = _named(config, "clusters", "cluster", str(chosen.get("cluster")))
    user = _named(config, "users", "user", str(chosen["user"])) if chosen.get("user") else {}
    if "auth-provider" in user:
        raise ConfigError(f"User '{chosen['user']}': auth-provider is gone from Kubernetes; use an exec plugin.")
    address = host or cluster.get("server")
    if not address:
        raise ConfigError(f"Cluster '{chosen.get('cluster')}' has no server.")
    tls = Tls(
        verify=not cluster.get("insecure-skip-tls-verify"),
        ca=_data_or_file(cluster, "certificate-authority"),
        cert=_data_or_file(user, "client-certificate"),
        key=_data_or_file(user, "client-key"),
        server_name=cluster.get("tls-server-name"),
    )
    return Access(address, tls, _user(user, cluster), cluster.get("proxy-url"), chosen.get("namespace"))


def _user(user: Json, cluster: Json) -> User:
    return User(
        token=user.get("token"),
        token_file=user.get("tokenFile"),
        exec=user.get("exec"),
        cluster=cluster,
        impersonation=tuple(_impersonation(user)),
    )


def _impersonation(user: Json) -> List[Tuple[str, str]]:
    """https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation"""
    lines = [("Impersonate-User", user["as"])] if user.get("as") else []
    lines += [("Impersonate-Uid", user["as-uid"])] if user.get("as-uid") else []
    lines += [("Impersonate-Group", group) for group in user.get("as-groups") or []]
    for key, values in (user.get("as-user-extra") or {}).items():
        lines += [(f"Impersonate-Extra-{key}", value) for value in values]
    return lines


def _load(path: str) -> Json:
    try:
        import yaml
    except ImportError:
        raise ConfigError("The Python library 'PyYAML' is not installed; it reads the kubeconfig.") from None
    try:
        with open(path, "rb") as file:
            content = yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  both are safe
    except OSError as error:
        raise ConfigError(f"The kubeconfig {path} cannot be read: {error.strerror}.") from None
    except (yaml.YAMLError, ValueError):
        # The parser's text would quote the file, which holds secrets.
        raise ConfigError(f"The kubeconfig {path} is no YAML.") from None
    if not isinstance(content, dict):
        raise ConfigError(f"The kubeconfig {path} holds no mapping.")
    return content


def _with_absolute_paths(config: Json, folder: str) -> Json:
    for section, keys in _PATHS.items():
        for entry in _entries(config, section):
            values = entry.get(section[:-1]) or {}
            for key in keys:
                if values.get(key):
                    values[key] = os.path.join(folder, os.path.expanduser(values[key]))
            command = (values.get("exec") or {}).get("command", "")
            if os.sep in command:
                values["exec"]["command"] = os.path.join(folder, command)
    return config


def _entries(config: Json, section: str) -> List[Json]:
    entries = config.get(section) or []
    if not isinstance(entries, list) or any(not isinstance(entry, dict) or "name" not in entry for entry in entries):
        raise ConfigError(f"The kubeconfig's {section} is no list of named entries.")
    return entries


def _named(config: Json, section: str, key: str, name: str) -> Json:
    entries = _entries(config, section)
    for entry in entries:
        if entry["name"] == name:
            return dict(entry.get(key) or {})
    known = ", ".join(str(entry["name"]) for entry in entries) or "none"
    raise ConfigError(f"The kubeconfig has no {key} '{name}'; it has {known}.")


def _data_or_file(values: Json, key: str) -> Optional[str]:
    data, path = values.get(f"{key}-data"), values.get(key)
    try:
        if data:
            return base64.b64decode(data, validate=True).decode("utf-8")
        if path:
            with open(path, encoding="utf-8") as file:
                return file.read()
    except (binascii.Error, ValueError):
        raise ConfigError(f"The kubeconfig's {key} is not readable text.") from None
    except OSError as error:
        raise ConfigError(f"{path} (the kubeconfig's {key}) cannot be read: {error.strerror}.") from None
    return None
