# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A namespace with the platform's Redis, its queue meter and a worker of BullMQ that a scaler can have."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.secrets.derived import redis_acl
from ansible_collections.bunops.platform.tests.e2e.autoscaling import waiting
from ansible_collections.bunops.platform.tests.e2e.autoscaling.asking import is_reached
from ansible_collections.bunops.platform.tests.e2e.autoscaling.workloads import (
    answers_http,
    answers_tcp,
    config_map,
    deployment,
    service,
)
from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import Namespace
from ansible_collections.bunops.platform.tests.integration.queue_meter.platform_redis import (
    OBSERVER_PASSWORD,
    PASSWORD,
)
from ansible_collections.bunops.platform.tests.integration.run_module import Module
from ansible_collections.bunops.platform.tests.integration.secret_sync.redis.server import Connection

QUEUE = "fetch"
REDIS_PORT, HTTP_PORT = 6379, 8080
# Jobs that one replica of the worker is there for, and works on at once.
JOBS_PER_REPLICA = 10
# Where programs of the platform find their secrets.
SECRETS = {"/run/secrets": {"secret": {"secretName": "given"}}}


class Site:
    """images: of `redis` and `queue-meter`, in the cluster's registry. bundle: worker.js with what it imports."""

    def __init__(self, namespace: Namespace, kubeconfig: Path, images: Mapping[str, str], bundle: Path) -> None:
        self.namespace = namespace
        self._kubeconfig = str(kubeconfig)
        self._images = images
        self._bundle = bundle

    def start(self) -> None:
        """Redis and the meter are ready; there is no worker yet."""
        acl = redis_acl([PASSWORD.encode()], [OBSERVER_PASSWORD.encode()]).decode()
        secret = {"users.acl": acl, "REDIS_PASSWORD": OBSERVER_PASSWORD}
        queues = [{"store": "redis", "name": QUEUE, "type": "bullmq"}]
        environment = {
            "QUEUES": json.dumps(queues),
            "REDIS_URL": "redis://redis:6379",
            "REDIS_USER": "observer",
            "REDIS_PASSWORD_FILE": "/run/secrets/REDIS_PASSWORD",
        }
        redis = ("redis-server", "--save", "", "--aclfile", "/run/secrets/users.acl")
        self.namespace.apply(
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "given"}, "stringData": secret},
            service("redis", REDIS_PORT),
            service("queue-meter", HTTP_PORT),
            deployment("redis", self._images["redis"], redis, mounts=SECRETS, probe=answers_tcp(REDIS_PORT)),
            deployment(
                "queue-meter",
                self._images["queue-meter"],
                mounts=SECRETS,
                environment=environment,
                probe=answers_http("/health", HTTP_PORT),
            ),
        )
        for name in ("redis", "queue-meter"):
            self.namespace.wait("deployment", name, "condition=Available")
        self.until(lambda: is_reached(self._redis_address(), REDIS_PORT))
        # Programs that add jobs make the queue known.
        with self.redis() as redis_connection:
            redis_connection("HSET", f"bull:{QUEUE}:meta", "opts.maxLenEvents", "10000")

    def deploy_worker(self, replicas: int | None, job_ms: int, name: str = "worker", *, is_probed: bool = True) -> None:
        """replicas: None leaves the number to whoever scales it. is_probed: it is ready when it says so."""
        environment = {
            "QUEUE": QUEUE,
            "HOST": "redis",
            "PASSWORD": PASSWORD,
            "JOB_MS": str(job_ms),
            "AT_ONCE": str(JOBS_PER_REPLICA),
        }
        worker = deployment(
            name,
            self._images["queue-meter"],
            ("bun", "/program/worker.js"),
            mounts={**SECRETS, "/program": {"configMap": {"name": "program"}}},
            environment=environment,
            probe=answers_http("/", HTTP_PORT) if is_probed else None,
            replicas=replicas,
            grace=60,
        )
        self.namespace.apply(config_map("program", {"worker.js": self._bundle.read_text()}), worker)

    def scale(self, *, name: str = "worker", **options: Any) -> dict[str, Any]:
        """The scaler of a worker, as the module makes it."""
        return Module("queue_scaler").ok(**self.scaler(name=name, **options))

    def scaler(self, *, name: str = "worker", queue: str = QUEUE, **options: Any) -> dict[str, Any]:
        """The module's options for it."""
        return {
            "target": {"name": name},
            "namespace": self.namespace.name,
            "queue": {"store": "redis", "name": queue},
            "jobs_per_replica": JOBS_PER_REPLICA,
            "min_replicas": 0,
            "max_replicas": 10,
            "kubeconfig": self._kubeconfig,
            **options,
        }

    def redis(self) -> Connection:
        """A connection of a program, from this machine."""
        connection = Connection(REDIS_PORT, self._redis_address())
        connection("AUTH", PASSWORD)
        return connection

    def redis_url(self) -> str:
        return f"redis://:{PASSWORD}@{self._redis_address()}:{REDIS_PORT}"

    def _redis_address(self) -> str:
        return self.namespace.run("get", "service", "redis", "--output=jsonpath={.spec.clusterIP}")

    def replicas(self, field: str = "status.readyReplicas", name: str = "worker") -> int:
        """Those that are ready, or what another field says."""
        return waiting.replicas(self.namespace, name, field)

    def pods(self, name: str = "worker") -> int:
        """Those that are there, also if they are about to end."""
        return len(self.namespace.run("get", "pods", f"--selector=app={name}", "--output=name").split())

    def wanted(self) -> dict[str, int]:
        """How many replicas each Deployment is told to have."""
        items = json.loads(self.namespace.run("get", "deployments", "--output=json"))["items"]
        return {item["metadata"]["name"]: item["spec"]["replicas"] for item in items}

    def until(self, holds: Callable[[], bool], limit: float = 60.0) -> float:
        """Seconds until something holds."""
        return waiting.until(self.namespace, holds, limit)

    def stays(self, holds: Callable[[], bool], seconds: float) -> None:
        """That something holds all the time."""
        waiting.stays(self.namespace, holds, seconds)

    def counts(self) -> tuple[int, int, int]:
        """Jobs that were begun, most times that one was, jobs that were finished."""
        with self.redis() as redis:
            runs = [int(each) for each in redis("HVALS", "runs")]
            return len(runs), max(runs, default=0), int(redis("HLEN", "done"))
