# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus in a namespace, which keeps nothing."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ansible_collections.bunops.platform.tests.e2e.autoscaling import waiting
from ansible_collections.bunops.platform.tests.e2e.autoscaling.asking import asked, is_reached
from ansible_collections.bunops.platform.tests.e2e.autoscaling.workloads import (
    Object,
    answers_http,
    config_map,
    deployment,
    service,
)
from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import Namespace
from ansible_collections.bunops.platform.tests.integration.run_module import Module

HERE = Path(__file__).parent
NAME, PORT = "prometheus", 9090
PROGRAM = ("/usr/bin/prometheus", "--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/data")


@contextlib.contextmanager
def image(engine: Any, state: Path) -> Iterator[str]:
    """Reference of its image until the end of the block. state: a folder for the module's notes."""
    tag = f"bunops-test/{NAME}:{secrets.token_hex(4)}"
    target = {"context": ".", "dockerfile": "prometheus.Dockerfile", "tags": [tag], "output": ["type=docker"]}
    Module("image_set", XDG_STATE_HOME=str(state)).ok(
        definition={"target": {NAME: target}},
        bases=[{"name": "debian:bookworm-slim", "debian": "bookworm"}],
        project_src=str(HERE),
    )
    try:
        yield tag
    finally:
        engine.images.remove(tag, force=True)


class Prometheus:
    """image: in the cluster's registry."""

    def __init__(self, namespace: Namespace, image: str) -> None:
        self._namespace = namespace
        self._image = image

    @property
    def url(self) -> str:
        """For pods of the cluster."""
        return f"http://{NAME}.{self._namespace.name}.svc:{PORT}"

    def start(self, *scraped: Object) -> None:
        """Have it scrape; it is ready then, and may not have done so yet. scraped: entries of scrape_configs."""
        # JSON is YAML.
        configuration = json.dumps({"scrape_configs": scraped})
        mounts: dict[str, Object] = {"/data": {"emptyDir": {}}, "/etc/prometheus": {"configMap": {"name": NAME}}}
        probe = answers_http("/-/ready", PORT)
        self._namespace.apply(
            config_map(NAME, {"prometheus.yml": configuration}),
            service(NAME, PORT),
            deployment(NAME, self._image, PROGRAM, mounts=mounts, probe=probe),
        )
        self._namespace.wait("deployment", NAME, "condition=Available")
        waiting.until(self._namespace, lambda: is_reached(self._address(), PORT), 60)

    def value(self, query: str) -> float | None:
        """What a query of one series gives, asked from this machine; None if it gives none."""
        result = asked(self._address(), PORT, f"/api/v1/query?query={quote(query)}")["data"]["result"]
        assert len(result) < 2, result
        return float(result[0]["value"][1]) if result else None

    def _address(self) -> str:
        return self._namespace.run("get", "service", NAME, "--output=jsonpath={.spec.clusterIP}")
