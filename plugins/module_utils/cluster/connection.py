# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where the API server is and who we are to it: options of a module, a kubeconfig, or the pod we run in."""

from __future__ import annotations

import ipaddress
import os
from typing import Any, Dict, Mapping, NamedTuple, Optional, Union
from urllib.parse import urlsplit

from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ConfigError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.kubeconfig import (
    Access,
    User,
    access_of,
    default_paths,
    merged,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.link import Tls

# https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
_POD = "/var/run/secrets/kubernetes.io/serviceaccount"

# The options that all modules with a cluster have; their documentation is doc_fragments/kubernetes.py.
ARGUMENT_SPEC: Dict[str, Any] = {
    # With no_log every word in an inline kubeconfig, such as "default", would be blotted out of the result.
    "kubeconfig": {"type": "raw", "no_log": False},
    "context": {"type": "str"},
    "host": {"type": "str"},
    "api_key": {"type": "str", "no_log": True},
    "ca_cert": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "validate_certs": {"type": "bool"},
    "proxy": {"type": "str", "no_log": True},
}


class Options(NamedTuple):
    """The connection options of a module. kubeconfig: a path or the content; the certificates are paths."""

    kubeconfig: Union[str, Mapping[str, Any], None] = None
    context: Optional[str] = None
    host: Optional[str] = None
    api_key: Optional[str] = None
    ca_cert: Optional[str] = None
    client_cert: Optional[str] = None
    client_key: Optional[str] = None
    validate_certs: Optional[bool] = None
    proxy: Optional[str] = None


def options_of(params: Mapping[str, Any]) -> Options:
    """The connection options among a module's parameters."""
    return Options(**{name: params[name] for name in Options._fields})


def resolve(options: Options, environment: Optional[Mapping[str, str]] = None) -> Access:
    """The API server to talk to and the identity to use.

    A kubeconfig is looked for as kubectl does: the option, KUBECONFIG, ~/.kube/config, then the service account of
    the pod; with `host` none is needed. Single options win over it. Raises ConfigError.
    """
    known = os.environ if environment is None else environment
    access = _override(_found(options, known), options)
    parts = urlsplit(access.host)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"The API server's address '{access.host}' is no http:// or https:// URL.")
    proxy = access.proxy or _environment_proxy(parts.scheme, parts.hostname, known)
    if proxy and urlsplit(proxy).scheme != "http":
        raise ConfigError(f"Only http:// proxies are supported, not {urlsplit(proxy).scheme or 'one without scheme'}.")
    return access._replace(proxy=proxy)


def _found(options: Options, environment: Mapping[str, str]) -> Access:
    if isinstance(options.kubeconfig, Mapping):
        return access_of(dict(options.kubeconfig), options.context, options.host)
    if options.kubeconfig:
        path = os.path.expanduser(options.kubeconfig)
        if not os.path.isfile(path):
            raise ConfigError(f"The kubeconfig {path} does not exist.")
        return access_of(merged([path]), options.context, options.host)
    paths = [path for path in default_paths(environment) if os.path.isfile(path)]
    # A host of its own does not want somebody else's default context, unless one is named.
    if paths and (not options.host or options.context):
        return access_of(merged(paths), options.context, options.host)
    if options.host:
        return Access(options.host, Tls(), User())
    return _in_pod(environment)


def _in_pod(environment: Mapping[str, str]) -> Access:
    host, port = environment.get("KUBERNETES_SERVICE_HOST"), environment.get("KUBERNETES_SERVICE_PORT")
    if not host or not port or not os.path.isfile(f"{_POD}/token"):
        raise ConfigError("No cluster is named: give kubeconfig or host, or set KUBECONFIG.")
    address = f"[{host}]" if ":" in host else host
    tls = Tls(ca=_text(f"{_POD}/ca.crt"))
    return Access(f"https://{address}:{port}", tls, User(token_file=f"{_POD}/token"))


def _override(access: Access, options: Options) -> Access:
    tls, user = access.tls, access.user
    if options.validate_certs is not None:
        tls = tls._replace(verify=options.validate_certs)
    if options.ca_cert:
        tls = tls._replace(ca=_text(options.ca_cert))
    if options.client_cert:
        key = _text(options.client_key) if options.client_key else None
        tls, user = tls._replace(cert=_text(options.client_cert), key=key), user._replace(exec=None)
    if options.api_key:
        user = User(token=options.api_key, impersonation=user.impersonation)
        # A certificate would win over the token.
        tls = tls if options.client_cert else tls._replace(cert=None, key=None)
    return access._replace(tls=tls, user=user, proxy=options.proxy or access.proxy)


def _environment_proxy(scheme: str, host: str, environment: Mapping[str, str]) -> Optional[str]:
    name = f"{scheme}_proxy"
    proxy = environment.get(name) or environment.get(name.upper())
    excluded = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    return proxy if proxy and not bypasses_proxy(host, excluded) else None


def bypasses_proxy(host: str, excluded: str) -> bool:
    """Whether a host is reached directly; excluded: a NO_PROXY list, read as Go's programs read it.

    Domains hold for their subdomains, addresses may be CIDR ranges, * is everything; this machine always is direct.
    https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
    """
    if host == "localhost" or host == "::1" or host.startswith("127."):
        return True
    for item in (entry.strip().lower() for entry in excluded.split(",")):
        domain = item.lstrip("*").lstrip(".")
        if item == "*" or (domain and (host.lower() == domain or host.lower().endswith(f".{domain}"))):
            return True
        if "/" in item and _in_network(host, item):
            return True
    return False


def _in_network(host: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _text(path: str) -> str:
    try:
        with open(os.path.expanduser(path), encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'not text'}.") from None
