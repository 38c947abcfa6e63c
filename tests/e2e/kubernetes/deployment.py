"""Drives the reference platform on a cluster as its users do: the playbook, HTTP and the Kubernetes API."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.tests.e2e.clerk import PUBLISHABLE_KEY, SECRET_KEY, SIGN_IN_URL, Clerk
from ansible_collections.bunops.platform.tests.e2e.kubernetes.pages import pages_host
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import (
    ROOT,
    Play,
    copy_folders,
    eventually,
    request,
    run_playbook,
)

NAME = "bunops-e2e-k8s"
# Where a second API is, whose tokens the edge verifies, and of each client how many requests come in.
MEMBERS, REQUESTS = "/v1/jobs/members", 3
# What clients call the platform, and the Secret with its certificate.
HOST, SECRET = "atlas.example.com", "atlas-tls"
# The test machine has few cores; what the programs may use is not what is tested here.
_CPU = "100m"
Json = dict[str, Any]


def pods_of(client: Client, namespace: str, service: str) -> list[Json]:
    """Those that are not just being ended."""
    listed = client.list("v1", "Pod", namespace, label_selector=f"app.kubernetes.io/name={service}")
    return [pod for pod in listed if "deletionTimestamp" not in pod["metadata"]]


class Deployment:
    """The reference catalog with a patch of its own, in an inventory beside a copy of the project."""

    def __init__(self, directory: Path, kubeconfig: Path, registry: str, seccomp_dir: Path) -> None:
        self.directory = directory
        self.namespace = NAME
        self._inventory = directory / "inventories" / "prod"
        self.kubeconfig = kubeconfig
        self._seccomp_dir = seccomp_dir
        self.patch: Json = {
            "name": NAME,
            "registry": f"{registry}/{NAME}",
            "services": {
                name: {"resources": {"cpu": _CPU}, "env": {"LOG_LEVEL": "info"}}
                for name in ("api", "worker", "dashboard")
            },
            "stores": {name: {"resources": {"cpu": _CPU}} for name in ("redis", "turso")},
            "tasks": {"fetcher": {"egress": [pages_host(NAME)], "resources": {"cpu": 0.5}}},
        }
        # other: an instance of somebody else, with the same names.
        self.clerk, self.other = (Clerk(f"https://{HOST}", directory) for _unused in range(2))
        env = {"CLERK_PUBLISHABLE_KEY": PUBLISHABLE_KEY, "CLERK_SIGN_IN_URL": SIGN_IN_URL}
        self.patch["services"]["dashboard"]["env"] |= env
        self.patch["services"]["members"] = {
            "image": {"dockerfile": "docker/api.Dockerfile", "context": "examples/platform"},
            "port": 8082,
            "uses": ["redis", "turso"],
            "env": {"CLERK_PUBLISHABLE_KEY": PUBLISHABLE_KEY},
            "secrets": ["REDIS_PASSWORD", "TURSO_AUTH_TOKEN", "CLERK_JWT_KEY"],
            "health": {"http": "/health"},
            "resources": {"cpu": _CPU},
            "route": {"path": MEMBERS, "auth": "clerk", "rate_limit": {"requests": REQUESTS, "per": "hour"}},
        }
        self.patch["secrets"] = {"CLERK_SECRET_KEY": {"env": None, "file": "secrets/clerk-secret-key"}}
        self.patch["edge"] = {
            "host": HOST,
            "tls": {"secret": SECRET},
            "class_name": "eg",
            # That of the cluster, so that the tests can be many clients.
            "trusted_proxies": ["10.0.0.0/8"],
            "request_timeout": "3s",
        }
        # Where the number is not what is tested, it stays.
        self.patch["services"]["api"]["replicas"] = 2
        self.patch["services"]["worker"]["replicas"] = 1
        self.client = Client.connect(Options(kubeconfig=str(kubeconfig)))

    def copy_project(self) -> None:
        copy_folders(self.directory, "examples", "docker", "playbooks")
        for name, value in (("clerk.pem", self.clerk.jwt_key), ("clerk-secret-key", SECRET_KEY)):
            file = self.directory / "secrets" / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(value)
        variables = self._inventory / "group_vars" / "all"
        variables.mkdir(parents=True)
        # A copy, not the link.
        shutil.copy(ROOT / "inventories/prod/group_vars/all/catalog.yml", variables / "catalog.yml")

    def write_inventory(self) -> None:
        here = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        node = {**here, "k8s_platform_node_seccomp_dir": str(self._seccomp_dir), "k8s_platform_node_become": False}
        hosts = {"all": {"hosts": {"localhost": here}, "children": {"kubernetes_nodes": {"hosts": {"node": node}}}}}
        (self._inventory / "hosts.yml").write_text(yaml.safe_dump(hosts))
        settings = {"platform_patch": self.patch, "k8s_platform_kubeconfig": str(self.kubeconfig)}
        (self._inventory / "group_vars/all/platform.yml").write_text(yaml.safe_dump(settings))

    def play(self, *arguments: str, check: bool = True, playbook: str = "prod.yml") -> Play:
        self.write_inventory()
        path = self.directory / "playbooks" / playbook
        return run_playbook(self._inventory, path, *arguments, check=check)

    def play_with(self, variables: Json, *arguments: str, check: bool = True) -> Play:
        return self.play("-e", json.dumps(variables), *arguments, check=check)

    def remove(self) -> Play:
        return self.play("-e", '{"k8s_platform_volumes": true}', playbook="remove.yml")

    def items(self, api_version: str, kind: str, namespace: str | None = NAME) -> Iterator[Json]:
        return self.client.list(api_version, kind, namespace)

    def keys(self) -> set[tuple[str, str, str]]:
        """(kind, namespace, name) of everything with the set's label."""
        kinds = [
            ("v1", "ConfigMap"),
            ("v1", "Service"),
            ("v1", "ServiceAccount"),
            ("apps/v1", "Deployment"),
            ("apps/v1", "StatefulSet"),
            ("batch/v1", "CronJob"),
            ("networking.k8s.io/v1", "NetworkPolicy"),
            ("policy/v1", "PodDisruptionBudget"),
            ("rbac.authorization.k8s.io/v1", "Role"),
            ("rbac.authorization.k8s.io/v1", "RoleBinding"),
            ("v1", "ResourceQuota"),
            ("gateway.networking.k8s.io/v1", "Gateway"),
            ("gateway.networking.k8s.io/v1", "HTTPRoute"),
            ("gateway.envoyproxy.io/v1alpha1", "BackendTrafficPolicy"),
            ("gateway.envoyproxy.io/v1alpha1", "ClientTrafficPolicy"),
            ("gateway.envoyproxy.io/v1alpha1", "SecurityPolicy"),
        ]
        return {
            (kind, namespace, item["metadata"]["name"])
            for api_version, kind in kinds
            for namespace in (NAME, f"{NAME}-tasks")
            for item in self.client.list(api_version, kind, namespace, label_selector="applyset.kubernetes.io/part-of")
        }

    def pods(self, service: str) -> list[Json]:
        return pods_of(self.client, NAME, service)

    def url(self, service: str, path: str = "") -> str:
        """A Service's address, which the machine that runs the cluster reaches."""
        found = self.client.get("v1", "Service", NAME, service)
        assert found, service
        return f"http://{found['spec']['clusterIP']}:{found['spec']['ports'][0]['port']}{path}"

    def ended_job(self, url: str, limit: float = 90) -> Json:
        """A posted job, once it is done or failed."""
        posted = request("POST", self.url("api", "/v1/jobs"), {"url": url})

        def ended() -> Json | None:
            job = request("GET", self.url("api", f"/v1/jobs/{posted['id']}"))
            return job if job["status"] in ("done", "failed") else None

        return eventually(ended, limit, pause=0.25)
