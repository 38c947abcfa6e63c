# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A namespace with a worker to scale and a queue meter that says what a test wants."""

from __future__ import annotations

import http.server
import json
import secrets
import ssl
import threading
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client, Limits
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.bunops.platform.tests.cluster.layout import PAUSE_IMAGE
from ansible_collections.bunops.platform.tests.integration.run_module import Module

Json = dict[str, Any]

SCALED_OBJECT = ("keda.sh/v1alpha1", "ScaledObject")
AUTOSCALER = ("autoscaling/v2", "HorizontalPodAutoscaler")
QUEUE: Json = {"store": "redis", "name": "fetch"}


class Answers(http.server.ThreadingHTTPServer):
    """Answers GETs from this machine, where pods and the API server reach it; by path: a status and a document."""

    def __init__(self, address: str, tls: ssl.SSLContext | None = None) -> None:
        super().__init__((address, 0), _Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.answers: dict[str, tuple[int, Any]] = {}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Answer no more."""
        self.shutdown()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Answers

    def do_GET(self) -> None:
        unknown = (
            404,
            {"message": f"queue meter: found {self.path}, expected one of {', '.join(self.server.answers)}"},
        )
        status, document = self.server.answers.get(self.path.partition("?")[0], unknown)
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Stage:
    """admin: for looking, and for what others do. image: of busybox.

    The worker is a Deployment of pods that do nothing.
    """

    def __init__(self, cluster: Any, admin: Client, image: str) -> None:
        self.name = f"bunops-scaler-{secrets.token_hex(4)}"
        self.admin = admin
        self.kubeconfig = str(cluster.kubeconfig)
        self.meter = Answers(cluster.host_address)
        self.options: Json = {
            "kubeconfig": self.kubeconfig,
            "namespace": self.name,
            "target": {"name": "worker"},
            "queue": QUEUE,
            "jobs_per_replica": 10,
            "max_replicas": 10,
            "longest_job": 5,
        }
        self._module = Module("queue_scaler")
        self.admin.request("POST", "/api/v1/namespaces", {"metadata": {"name": self.name}})
        self.jobs(0)
        self._serve_meter(cluster.host_address, image)

    def close(self) -> None:
        """Remove the namespace, without waiting for its end."""
        self.admin.delete("v1", "Namespace", None, self.name)
        self.meter.close()

    def _serve_meter(self, address: str, image: str) -> None:
        """A pod that hands on to this process: the API server's proxy goes to pods only."""
        command = ["nc", "-ll", "-p", "8080", "-e", "/bin/busybox", "nc", address, str(self.meter.server_port)]
        container = {
            "name": "main",
            "image": image,
            "command": ["/bin/busybox", *command],
            "readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1},
        }
        labels = {"app": "queue-meter"}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "queue-meter", "labels": labels}}
        spec = {"ports": [{"port": 8080}], "selector": labels}
        self.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "queue-meter"}, "spec": spec})
        eventually(lambda: self.admin.get("v1", "ServiceAccount", self.name, "default"))
        self.create({**pod, "spec": {"containers": [container], "terminationGracePeriodSeconds": 0}})
        eventually(self._meter_answers)

    def _meter_answers(self) -> bool:
        path = f"/api/v1/namespaces/{self.name}/services/http:queue-meter:8080/proxy/queues/redis/fetch"
        try:
            with Client.connect(Options(kubeconfig=self.kubeconfig), Limits(patience=0)) as client:
                return bool(client.text(path))
        except ClusterError:
            return False

    def jobs(self, waiting: int, *, active: int = 0, **states: Any) -> None:
        """Have so many jobs in the queue."""
        depth = {"exists": True, "waiting": waiting, "active": active, "paused": False, "demand": waiting + active}
        self.says(200, {**depth, **states})

    def says(self, status: int, document: Any) -> None:
        """Have the meter answer so."""
        self.meter.answers["/queues/redis/fetch"] = (status, document)

    def ok(self, **options: Any) -> Json:
        """The result of a run that must not fail."""
        return self._module.ok(**{**self.options, **options})

    def failing(self, **options: Any) -> Json:
        """The result of a run that must fail with a sentence."""
        return self._module.failing(**{**self.options, **options})

    def settled(self, **options: Any) -> None:
        """Assert that a further run would change nothing, and that one does not."""
        for check in (True, False):
            result = self.ok(check=check, **options)
            assert (result["changed"], "diff" in result) == (False, False), result

    def worker(self, replicas: int | None = None, *, cpu: str | None = None, name: str = "worker") -> Json:
        """The Deployment, as somebody would apply it."""
        resources = {"requests": {"cpu": cpu}} if cpu else {}
        container = {"name": "main", "image": PAUSE_IMAGE, "imagePullPolicy": "Never", "command": ["/pause"]}
        spec = {"containers": [{**container, "resources": resources}], "terminationGracePeriodSeconds": 5}
        template = {"metadata": {"labels": {"app": name}}, "spec": spec}
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": name},
            "spec": {
                **({} if replicas is None else {"replicas": replicas}),
                "selector": {"matchLabels": {"app": name}},
                "template": template,
            },
        }

    def create(self, item: Json) -> Json:
        """Make an object of the namespace, in the name of an ordinary client."""
        path = self.admin.path(item["apiVersion"], item["kind"], self.name)
        return self.admin.request("POST", path, item, {"fieldManager": "kubectl-create"})

    def apply(self, item: Json, manager: str = "bunops-platform", force: bool = False) -> Json:
        """Server-side apply."""
        path = self.admin.path(item["apiVersion"], item["kind"], self.name, item["metadata"]["name"])
        query = {"fieldManager": manager, "force": "true" if force else None}
        return self.admin.request("PATCH", path, item, query, APPLY)

    def autoscaler(self, name: str, target: str = "worker") -> Json:
        """An HPA as somebody would make it by hand."""
        cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}
        return {
            "apiVersion": AUTOSCALER[0],
            "kind": AUTOSCALER[1],
            "metadata": {"name": name},
            "spec": {
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": target},
                "maxReplicas": 3,
                "metrics": [{"type": "Resource", "resource": cpu}],
            },
        }

    def live(self, kind: str = "Deployment", name: str = "worker", api_version: str = "apps/v1") -> Json:
        """An object as it is."""
        found = self.admin.get(api_version, kind, self.name, name)
        assert found, f"no {kind} {name}"
        return found

    def listed(self, kind: tuple[str, str]) -> dict[str, Json]:
        """The objects of a kind, by name."""
        return {item["metadata"]["name"]: item for item in self.admin.list(*kind, self.name)}

    def replicas(self) -> int:
        """How many the worker is told to have."""
        return int(self.live()["spec"]["replicas"])

    def ready(self) -> int:
        """How many of the worker's pods are ready."""
        return int((self.live().get("status") or {}).get("readyReplicas", 0))

    def pods(self) -> set[str]:
        """The uids of the worker's pods."""
        found = self.admin.list("v1", "Pod", self.name, label_selector="app=worker")
        return {item["metadata"]["uid"] for item in found}

    def events(self, reason: str) -> list[str]:
        """What was said for a reason."""
        return [item["message"] for item in self.admin.list("v1", "Event", self.name) if item["reason"] == reason]

    def everything(self) -> Json:
        """The worker and what scales it, without what others note in them all the time."""
        kinds = [AUTOSCALER] + ([SCALED_OBJECT] if self.admin.discovery().serves(*SCALED_OBJECT) else [])
        found = {f"{kind[1]} {name}": item for kind in kinds for name, item in self.listed(kind).items()}
        worker = self.admin.get("apps/v1", "Deployment", self.name, "worker") or {"metadata": {}}
        owners = [entry for entry in worker["metadata"].get("managedFields", []) if "subresource" not in entry]
        return {"owners": owners, "spec": worker.get("spec"), **{name: item["spec"] for name, item in found.items()}}


def eventually(condition: Callable[[], Any], seconds: float = 60) -> None:
    """Wait until something holds; fails if it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def holds(condition: Callable[[], Any], seconds: float) -> None:
    """Assert that something goes on being so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert condition()
        time.sleep(0.1)
