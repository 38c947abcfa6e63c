# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A namespace with an API that counts its requests, and Prometheus that adds up those of all its pods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.tests.e2e.autoscaling import documented, waiting
from ansible_collections.bunops.platform.tests.e2e.autoscaling.asking import is_reached
from ansible_collections.bunops.platform.tests.e2e.autoscaling.prometheus import Prometheus
from ansible_collections.bunops.platform.tests.e2e.autoscaling.steady import Requests
from ansible_collections.bunops.platform.tests.e2e.autoscaling.workloads import (
    answers_http,
    config_map,
    deployment,
    service,
)
from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import Namespace
from ansible_collections.bunops.platform.tests.integration.run_module import Module

PROGRAM = Path(__file__).parent / "api.js"
NAME, PORT = "api", 8080


class Api:
    """images: of `queue-meter`, for its Bun, and `prometheus`, in the cluster's registry."""

    def __init__(self, namespace: Namespace, kubeconfig: Path, images: Mapping[str, str]) -> None:
        self.namespace = namespace
        self.prometheus = Prometheus(namespace, images["prometheus"])
        self._kubeconfig = str(kubeconfig)
        self._image = images["queue-meter"]

    def start(self) -> None:
        """One replica serves, and Prometheus scrapes it."""
        api = deployment(
            NAME,
            self._image,
            ("bun", f"/program/{PROGRAM.name}"),
            mounts={"/program": {"configMap": {"name": "program"}}},
            probe=answers_http("/health", PORT),
            grace=15,
        )
        self.namespace.apply(
            config_map("program", {PROGRAM.name: PROGRAM.read_text()}),
            service(NAME, PORT),
            service("api-pods", PORT, app=NAME, clusterIP="None"),
            api,
        )
        self.prometheus.start(documented.scraped(NAME, self.namespace.name))
        self.namespace.wait("deployment", NAME, "condition=Available")
        self.until(lambda: is_reached(self._address(), PORT))

    def scale(self, **options: Any) -> dict[str, Any]:
        """Its scaler, as the module makes it."""
        common = {"target": {"name": NAME}, "namespace": self.namespace.name, "kubeconfig": self._kubeconfig}
        return Module("queue_scaler").ok(**common, **options)

    def requests(self, per_second: float) -> Requests:
        """Requests to its Service."""
        return Requests(self._address(), PORT, per_second)

    def _address(self) -> str:
        return self.namespace.run("get", "service", NAME, "--output=jsonpath={.spec.clusterIP}")

    def replicas(self, field: str) -> int:
        """What a field of its Deployment says."""
        return waiting.replicas(self.namespace, NAME, field)

    def until(self, holds: Callable[[], bool], limit: float = 60.0) -> float:
        """Seconds until something holds."""
        return waiting.until(self.namespace, holds, limit)
