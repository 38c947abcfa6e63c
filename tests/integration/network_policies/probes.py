# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Who reaches whom, tried out: all pods and this machine call everybody, at each port that the catalog names."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.render import manifests
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.names import local_stores
from ansible_collections.bunops.platform.tests.cluster import Cluster
from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import Kubectl, pod_spec
from ansible_collections.bunops.platform.tests.integration.network_policies.neighbours import PUBLIC
from ansible_collections.bunops.platform.tests.unit.renderers import test_network as catalog
from ansible_collections.bunops.platform.tests.unit.renderers.cases import cluster_of
from ansible_collections.bunops.platform.tests.unit.renderers.network_reader import Place, pods_of

Object = dict[str, Any]
Edge = tuple[str, str, int, str]
LIMIT = 40.0
# Nobody answers a call that is forbidden.
PATIENCE = 2
API_SERVER_PORT = 6443
NAME = "kubernetes.default.svc.cluster.local"
# Each call by itself; one that comes about is told.
SCRIPT = f"""
TCP() {{ busybox nc -w {PATIENCE} $1 $2 -e true </dev/null >/dev/null 2>&1 && echo $1 $2 TCP; }}
UDP() {{ busybox timeout {PATIENCE} busybox nslookup -type=a {NAME} $1:$2 >/dev/null 2>&1 && echo $1 $2 UDP; }}
for call; do
  set -- $call
  $3 $1 $2 &
done
wait
"""


@dataclass(frozen=True)
class Target:
    """Somebody who answers at all these ports unless a policy forbids it."""

    place: Place
    address: str
    ports: Sequence[tuple[int, str]]


class Probes:
    """The pods of a platform and of strangers, in a cluster of their own."""

    def __init__(self, cluster: Cluster, platform: Platform) -> None:
        self.platform = platform
        self.rendered: list[Object] = manifests(platform, cluster_of(platform))
        services = {service.port for service in platform.services.values() if service.port}
        self.ports = sorted({API_SERVER_PORT, *services, *(store.port for store in local_stores(platform).values())})
        self._kubectl = Kubectl(cluster)
        self._machine = Place("machine", cluster.host_address)
        stranger = catalog.STRANGERS[2]
        self._pods = [*pods_of(self.rendered), *catalog.intruders(platform), stranger]
        self._targets: list[Target] = []

    def start(self, image: str) -> None:
        """Make the namespaces, the platform's as they are rendered, and the pods."""
        namespaces = [item for item in self.rendered if item["kind"] == "Namespace"]
        self._kubectl.apply(*namespaces, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "other"}})
        names = sorted({str(pod.namespace) for pod in self._pods})
        for namespace in names:
            self._kubectl.until_it_answers("get", "serviceaccount", "default", f"--namespace={namespace}")
        self._kubectl.apply(*(self._pod(pod, image) for pod in self._pods))
        for namespace in names:
            self._kubectl.run("wait", "pod", "--all", "--for=condition=Ready", "--timeout=50s", f"-n={namespace}")
        self._targets = list(self._found())

    @contextlib.contextmanager
    def policies(self, policies: Sequence[Object]) -> Iterator[None]:
        """Within the block they hold."""
        self._kubectl.apply(*policies)
        yield
        self._kubectl.run("delete", "--filename=-", given="\n---\n".join(map(json.dumps, policies)))

    def every(self, allows: Callable[[Place, Place, int, str], bool]) -> set[Edge]:
        """Those connections, of all that are tried, that something allows."""
        return {
            (source.name, target.place.name, port, protocol)
            for source in self._sources()
            for target in self._targets_of(source)
            for port, protocol in target.ports
            if allows(source, target.place, port, protocol)
        }

    def until(self, wanted: set[Edge]) -> set[Edge]:
        """The connections that come about: as soon as these are the wanted ones, else at last.

        What the API server is told holds a moment later, and a busy machine may be late with an answer.
        """
        end = time.monotonic() + LIMIT
        while (found := self._try_all()) != wanted and time.monotonic() < end:
            pass
        return found

    def _try_all(self) -> set[Edge]:
        with ThreadPoolExecutor(4) as pool:
            return set().union(*pool.map(self._try, self._sources()))

    def _try(self, source: Place) -> set[Edge]:
        targets = {target.address: target for target in self._targets_of(source)}
        calls = [(address, *port) for address, target in targets.items() for port in target.ports]
        answered = self._call_from_here(calls) if source == self._machine else self._call_from_pod(source, calls)
        return {(source.name, targets[address].place.name, port, protocol) for address, port, protocol in answered}

    def _call_from_pod(self, source: Place, calls: Iterable[tuple[str, int, str]]) -> set[tuple[str, int, str]]:
        words = [" ".join(map(str, call)) for call in calls]
        command = ("sh", "-c", SCRIPT, "sh", *words)
        said = self._kubectl.run("exec", f"--namespace={source.namespace}", _name(source), "--", *command)
        answered = [line.split() for line in said.splitlines()]
        return {(address, int(port), protocol) for address, port, protocol in answered}

    def _call_from_here(self, calls: Sequence[tuple[str, int, str]]) -> set[tuple[str, int, str]]:
        with ThreadPoolExecutor(len(calls)) as pool:
            answers = list(pool.map(_connects, calls))
        return {call for call, answered in zip(calls, answers, strict=True) if answered}

    def _sources(self) -> list[Place]:
        return [*self._pods, self._machine]

    def _targets_of(self, source: Place) -> list[Target]:
        """This machine calls pods: how it gets elsewhere is not the cluster's concern."""
        targets = [target for target in self._targets if target.place != source]
        return [target for target in targets if target.place in self._pods] if source == self._machine else targets

    def _found(self) -> Iterator[Target]:
        tcp = [(port, "TCP") for port in self.ports]
        for pod in self._pods:
            yield Target(pod, self._field(pod.namespace, "pod", _name(pod), "status.podIP"), tcp)
        yield Target(self._machine, self._machine.address, tcp)
        yield Target(catalog.INTERNET[2], PUBLIC, tcp)
        names = self._field("kube-system", "service", "kube-dns", "spec.clusterIP")
        yield Target(catalog.DNS, names, [(53, "TCP"), (53, "UDP")])
        api = self._field("default", "service", "kubernetes", "spec.clusterIP")
        yield Target(Place("API server", api), api, [(443, "TCP")])

    def _field(self, namespace: str | None, kind: str, name: str, path: str) -> str:
        return self._kubectl.run("get", kind, name, f"--namespace={namespace}", f"--output=jsonpath={{.{path}}}")

    def _pod(self, place: Place, image: str) -> Object:
        """Its labels are the part's own; it listens at every port, so that only a policy keeps anybody away."""
        serve = "".join(f"busybox httpd -p {port} -h /tmp; " for port in self.ports)
        probe = {"tcpSocket": {"port": self.ports[0]}, "periodSeconds": 1}
        metadata = {"name": _name(place), "namespace": place.namespace, "labels": dict(place.labels)}
        spec = pod_spec(image, "sh", "-c", f"{serve}exec sleep 3600", readinessProbe=probe)
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _name(place: Place) -> str:
    return place.name.partition(" ")[0]


def _connects(call: tuple[str, int, str]) -> bool:
    try:
        with socket.create_connection(call[:2], timeout=PATIENCE):
            return True
    except OSError:
        return False
