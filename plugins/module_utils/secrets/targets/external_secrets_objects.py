# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Objects with which External Secrets Operator fetches a set's secrets from Vault or OpenBao by itself. Pure.

https://external-secrets.io/latest/api/externalsecret/ and https://external-secrets.io/latest/provider/hashicorp-vault/
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import MANAGER
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes_objects import (
    SECRET_LABEL,
    SET_LABEL,
    name_problems,
    readable_name,
)

if TYPE_CHECKING:
    from ansible_collections.bunops.platform.plugins.module_utils.secrets.spec import Secret

API_VERSION = "external-secrets.io/v1"
STORE, EXTERNAL = "SecretStore", "ExternalSecret"
_DEFAULT_MOUNT = "secret"
# https://pkg.go.dev/time#ParseDuration
_DURATION = re.compile(r"(0|([0-9]+(\.[0-9]*)?(ns|us|ms|s|m|h))+)\Z")
# What the API fills in: written out, so that an object that is unchanged can be told from what it says.
_REMOTE_DEFAULTS = {"conversionStrategy": "Default", "decodingStrategy": "None", "metadataPolicy": "None"}

_KEY_OF_SECRET: Dict[str, Any] = {
    "type": "dict",
    "no_log": False,
    "options": {"name": {"type": "str", "required": True}, "key": {"type": "str", "required": True, "no_log": False}},
}
_AUTH: Dict[str, Any] = {
    "token_secret_ref": _KEY_OF_SECRET,
    "approle": {
        "type": "dict",
        "options": {
            "role_id": {"type": "str", "required": True},
            "secret_ref": {**_KEY_OF_SECRET, "required": True},
            "mount": {"type": "str", "default": "approle"},
        },
    },
    "kubernetes": {
        "type": "dict",
        "options": {
            "role": {"type": "str", "required": True},
            "service_account": {"type": "str", "required": True},
            "mount": {"type": "str", "default": "kubernetes"},
        },
    },
}
_VAULT: Dict[str, Any] = {
    "url": {"type": "str", "required": True},
    "mount": {"type": "str", "default": _DEFAULT_MOUNT},
    "namespace": {"type": "str"},
    "ca_cert": {"type": "path"},
    "auth": {
        "type": "dict",
        "required": True,
        "options": _AUTH,
        "mutually_exclusive": [list(_AUTH)],
        "required_one_of": [list(_AUTH)],
    },
}
OPTIONS: Dict[str, Any] = {
    "namespace": {"type": "str", "required": True},
    "refresh_interval": {"type": "str", "default": "1h"},
    "store": {
        "type": "dict",
        "required": True,
        "options": {"vault": {"type": "dict", "required": True, "options": _VAULT}},
    },
    "wait": {"type": "bool", "default": True},
}


def problems(set_name: str, options: Mapping[str, Any], secrets: Sequence[Secret]) -> List[str]:
    """What the cluster cannot do by itself, a line each."""
    found = []
    if not _DURATION.match(options["refresh_interval"]):
        found.append("refresh_interval: %r; expected a duration such as 1h or 30m" % options["refresh_interval"])
    for secret in secrets:
        found += ["secret %s: %s" % (secret.name, each) for each in _problems(options["store"]["vault"], secret)]
    return [*found, *name_problems([secret.name for secret in secrets], set_name + "-")]


def _problems(store: Mapping[str, Any], secret: Secret) -> Iterator[str]:
    if secret.kind != "vault":
        yield "source %s cannot be fetched by the cluster; expected vault" % (secret.kind or "template")
    else:
        given = secret.source["vault"]
        if _stripped(given.get("mount")) != _stripped(store["mount"]):
            yield "its source has mount %s; expected %s, as the store has" % (given.get("mount"), store["mount"])
        # Without one, that of the environment, which only counts where the source is read.
        if given.get("namespace") and given["namespace"] != store.get("namespace"):
            expected = store.get("namespace") or "none"
            yield "its source has namespace %s; expected %s, as the store has" % (given["namespace"], expected)
    asked = {
        "optional": secret.optional,
        "template": secret.template is not None,
        "validate": any(rule is not None for rule in secret.rules.values()),
        "grace": secret.keeps_former,
        "derived": secret.derived,
    }
    for option in (name for name, is_asked in asked.items() if is_asked):
        yield "%s cannot be done by the cluster; expected it to be left out" % option


def _stripped(path: Optional[str]) -> str:
    return (path or _DEFAULT_MOUNT).strip("/")


def store_object(set_name: str, options: Mapping[str, Any], ca: Optional[bytes]) -> Dict[str, Any]:
    """The SecretStore: how the cluster reaches the server. ca: certificates (PEM) by which it is trusted."""
    vault = options["store"]["vault"]
    provider: Dict[str, Any] = {
        "server": vault["url"],
        "path": _stripped(vault["mount"]),
        "version": "v2",
        "auth": _auth(vault["auth"]),
    }
    if vault.get("namespace"):
        provider["namespace"] = vault["namespace"]
    if ca:
        provider["caBundle"] = base64.b64encode(ca).decode()
    metadata = _metadata(set_name, set_name, options["namespace"])
    return {"apiVersion": API_VERSION, "kind": STORE, "metadata": metadata, "spec": {"provider": {"vault": provider}}}


def _auth(auth: Mapping[str, Any]) -> Dict[str, Any]:
    if auth.get("token_secret_ref"):
        return {"tokenSecretRef": _reference(auth["token_secret_ref"])}
    if auth.get("approle"):
        given = auth["approle"]
        secret_ref = _reference(given["secret_ref"])
        return {"appRole": {"path": given["mount"], "roleId": given["role_id"], "secretRef": secret_ref}}
    given = auth["kubernetes"]
    account = {"name": given["service_account"]}
    return {"kubernetes": {"mountPath": given["mount"], "role": given["role"], "serviceAccountRef": account}}


def _reference(given: Mapping[str, Any]) -> Dict[str, str]:
    return {"name": given["name"], "key": given["key"]}


def external_secret(set_name: str, options: Mapping[str, Any], secret: Secret) -> Dict[str, Any]:
    """The ExternalSecret of a secret: the operator makes a Secret of the same name and keeps it up to date."""
    vault = secret.source["vault"]
    remote = {**_REMOTE_DEFAULTS, "key": vault["path"].strip("/"), "property": vault.get("key") or secret.name}
    if vault.get("version"):
        remote["version"] = str(vault["version"])
    name = object_name(set_name, secret.name)
    metadata = _metadata(name, set_name, options["namespace"])
    metadata["labels"][SECRET_LABEL] = secret.name
    spec = {
        "refreshInterval": options["refresh_interval"],
        "secretStoreRef": {"kind": STORE, "name": set_name},
        "target": {"name": name, "creationPolicy": "Owner", "deletionPolicy": "Retain"},
        "data": [{"secretKey": secret.name, "remoteRef": remote}],
    }
    return {"apiVersion": API_VERSION, "kind": EXTERNAL, "metadata": metadata, "spec": spec}


def unfetched(live: Mapping[str, Any]) -> str:
    """What an ExternalSecret waits for; "" if the operator has fetched it as it is wanted now."""
    status = live.get("status") or {}
    ready: Dict[str, Any] = next((each for each in status.get("conditions") or [] if each["type"] == "Ready"), {})
    # `<generation>-<hash of labels and annotations>` of what was fetched last.
    seen = str(status.get("syncedResourceVersion") or "").partition("-")[0]
    if ready.get("status") == "True" and seen == str((live.get("metadata") or {}).get("generation")):
        return ""
    if ready.get("status") == "False":
        return str(ready.get("message") or ready.get("reason"))
    return "the operator has not fetched it yet"


def object_name(set_name: str, secret: str) -> str:
    """Of a secret's ExternalSecret and of the Secret that comes of it: `atlas-redis-password`."""
    return "%s-%s" % (set_name, readable_name(secret))


def _metadata(name: str, set_name: str, namespace: str) -> Dict[str, Any]:
    labels = {"app.kubernetes.io/managed-by": MANAGER, SET_LABEL: set_name}
    return {"name": name, "namespace": namespace, "labels": labels}
