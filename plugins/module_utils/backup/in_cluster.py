# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A store behind a Service of a Kubernetes namespace: its pod, its secret, and a way to it."""

from __future__ import annotations

import contextlib
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import Store
from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.port_forward import forwarded
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.plain import holds
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets import kubernetes_objects as objects

Json = Dict[str, Any]
_DEFAULT_PORTS = {"redis": 6379, "libsql": 80}


class Place(NamedTuple):
    """A port of a pod. image: of the container that has it."""

    namespace: str
    pod: str
    port: int
    image: str


def place_of(client: Client, namespace: str, store: Store) -> Place:
    """The pod that the Service of its URL leads to now. Raises BackupError, ClusterError."""
    where = urlsplit(store.url or "")
    name = where.hostname or ""
    service = client.get("v1", "Service", namespace, name)
    if service is None:
        raise BackupError(
            "stores: the url of %s is %s; there is no Service %s/%s" % (store.name, store.url, namespace, name)
        )
    selector: Mapping[str, str] = service["spec"].get("selector") or {}
    if not selector:
        raise BackupError(
            "stores: the Service %s/%s of %s has no selector; expected pods" % (namespace, name, store.name)
        )
    labels = ",".join("%s=%s" % pair for pair in sorted(selector.items()))
    ready = [pod for pod in client.list("v1", "Pod", namespace, label_selector=labels) if _serves(pod)]
    if not ready:
        raise BackupError("stores: no pod of the Service %s/%s of %s is ready" % (namespace, name, store.name))
    pod = min(ready, key=lambda each: str(each["metadata"]["name"]))
    port = _pod_port(service, pod, where.port or _DEFAULT_PORTS[store.kind], store)
    return Place(namespace, pod["metadata"]["name"], port, _image(pod, port))


def secret_of(client: Client, namespace: str, store: Store) -> str:
    """The newest version of its secret, as secret_sync keeps it. Raises BackupError, ClusterError."""
    wanted = store.secret or {}
    name, of_set = wanted["name"], wanted["set"]
    selector = "%s,%s=%s" % (objects.SELECTOR, objects.SECRET_LABEL, name)
    found = [
        objects.stored(item, of_set, ()) for item in client.list("v1", "Secret", namespace, label_selector=selector)
    ]
    versions = [each for each in found if each is not None and each.number and name in each.files]
    if not versions:
        raise BackupError(
            "stores: the secret of %s: the namespace %s has no %s of the set %s; expected what secret_sync keeps there"
            % (store.name, namespace, name, of_set)
        )
    value = max(versions, key=lambda each: each.number).files[name]
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        raise BackupError("stores: the secret %s of %s is no text" % (name, store.name)) from None


@contextlib.contextmanager
def reached(client: Client, place: Place, store: Store, seconds: float) -> Iterator[str]:
    """The URL of the store on this machine. Raises BackupError."""
    with forwarded(client, place.namespace, place.pod, place.port, seconds) as forward:
        try:
            yield "%s://127.0.0.1:%d" % (urlsplit(store.url or "").scheme, forward.port)
        except BackupError as error:
            if not forward.failure:
                raise
            where = "port %d of pod %s/%s" % (place.port, place.namespace, place.pod)
            raise BackupError(
                "%s: the cluster forwards %s no more: %s" % (store.name, where, forward.failure)
            ) from error


def _serves(pod: Json) -> bool:
    return holds(pod, "Ready") and "deletionTimestamp" not in pod["metadata"]


def _pod_port(service: Json, pod: Json, port: int, store: Store) -> int:
    """Raises BackupError: the Service has no such port."""
    ports: List[Json] = service["spec"].get("ports") or []
    for each in ports:
        if each["port"] == port:
            target = each.get("targetPort") or port
            named = [own["containerPort"] for own in _ports(pod) if own.get("name") == target]
            return int(named[0] if named else target)
    there = ", ".join(str(each["port"]) for each in ports) or "none"
    raise BackupError("stores: the url of %s is %s; its Service has the ports %s" % (store.name, store.url, there))


def _image(pod: Json, port: int) -> str:
    containers: List[Json] = pod["spec"]["containers"]
    having = [each for each in containers if port in [own["containerPort"] for own in each.get("ports") or []]]
    return str((having or containers)[0]["image"])


def _ports(pod: Json) -> List[Json]:
    return [port for container in pod["spec"]["containers"] for port in container.get("ports") or []]
