"""Drives a platform that is developed on a cluster: the role with a catalog of its own, and the cluster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.tests.cluster.fixture import ClusterUnderTest
from ansible_collections.bunops.platform.tests.e2e.develop.developed import Developed
from ansible_collections.bunops.platform.tests.e2e.kubernetes.deployment import pods_of
from ansible_collections.bunops.platform.tests.e2e.kubernetes.pages import pages_host
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import Play, run_playbook

NAME = "bunops-tilt"
PORTS = {"api": 28380, "dashboard": 23300, "redis": 26679, "turso": 28381}
# Of Tilt's page.
PAGE = 10451
CANARY = "canary-3d90ab-\"'$#"
Json = dict[str, Any]


class Site(Developed):
    """The reference platform, to be developed on the test cluster. Its ports are forwarded to the same ones here."""

    def __init__(self, directory: Path, cluster: ClusterUnderTest) -> None:
        self.cluster = cluster
        self.client = Client.connect(Options(kubeconfig=str(cluster.kubeconfig)))
        self.context = str(yaml.safe_load(cluster.kubeconfig.read_text())["current-context"])
        self.tiltfile = directory / "Tiltfile"
        self.objects = directory / ".bunops/manifests.yml"
        super().__init__(NAME, directory, PORTS)
        for part in (*self.catalog["services"].values(), *self.catalog["stores"].values()):
            # The test machine has few cores; what the programs may use is not what is tested here.
            part["resources"] = {"cpu": 0.2, "memory": "256Mi"}
        fetcher = self.catalog["tasks"]["fetcher"]
        fetcher["egress"] = [pages_host(NAME)]
        fetcher["resources"]["cpu"] = 0.5
        self.catalog["secrets"]["OPENAI_API_KEY"] = {"file": str(directory / "canary")}
        (directory / "canary").write_text(CANARY)
        self.variables: Json = {
            "tilt_dev_backend": "k8s_yaml",
            "tilt_dev_port": PAGE,
            "tilt_dev_contexts": [self.context],
            "tilt_dev_registry": cluster.registry or "",
            "k8s_platform_kubeconfig": str(cluster.kubeconfig),
        }

    def run(self, playbook: Path, *arguments: str, check: bool = True, **variables: object) -> Play:
        given = json.dumps({**self.variables, **variables})
        return run_playbook(self.inventory, playbook, "--extra-vars", given, *arguments, check=check)

    def pods(self, service: str) -> list[Json]:
        return pods_of(self.client, NAME, service)

    def running(self, service: str) -> dict[str, list[tuple[str, int]]]:
        """Its pods by name, each with its ready containers' ids and how often they were started again."""
        return {
            pod["metadata"]["name"]: [
                (container["containerID"], container["restartCount"])
                for container in pod["status"].get("containerStatuses", [])
                if container["ready"]
            ]
            for pod in self.pods(service)
        }

    def kinds(self) -> dict[str, set[str]]:
        """What there is in the platform's namespace, by kind."""
        kinds = {
            "Deployment": "apps/v1",
            "StatefulSet": "apps/v1",
            "Service": "v1",
            "Secret": "v1",
            "PersistentVolumeClaim": "v1",
        }
        return {
            kind: {item["metadata"]["name"] for item in self.client.list(version, kind, NAME)}
            for kind, version in kinds.items()
        }
