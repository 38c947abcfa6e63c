# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Clusters that have the Prometheus Operator's kinds, and one that has lost them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.render import manifests
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import Play, run_playbook
from ansible_collections.bunops.platform.tests.integration.k8s_wait.conftest import pushed
from ansible_collections.bunops.platform.tests.integration.manifests import prometheus_operator as operator
from ansible_collections.bunops.platform.tests.integration.run_module import Module
from ansible_collections.bunops.platform.tests.unit.renderers.cases import platform_of, watched_cluster_of

Object = dict[str, Any]
HERE = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
WATCHED = {("PodMonitor", "web"), ("PrometheusRule", "{name}"), ("ConfigMap", "{name}-dashboard")}


class Site:
    """A catalog of one service with metrics, and the role that brings it to the cluster."""

    def __init__(self, folder: Path, client: Client, kubeconfig: str, image: str) -> None:
        self.name = f"bunops-watched-{secrets.token_hex(4)}"
        self._client = client
        self._folder = folder
        serving = "echo 'up 1' > /tmp/metrics; httpd -p 9464 -h /tmp; exec httpd -f -p 18080 -h /tmp"
        service = {
            "image": {"ref": image},
            "command": ["sh", "-c", serving],
            "port": 18080,
            "metrics": {"port": 9464},
            "health": {"http": "/metrics"},
            "resources": {"cpu": 0.1, "memory": "32Mi"},
            "stop_after": "1s",
        }
        self._variables: Object = {
            "platform": {"name": self.name, "services": {"web": service}},
            "k8s_platform_kubeconfig": kubeconfig,
            "k8s_platform_project_dir": str(folder),
            "k8s_platform_images": {},
            "k8s_platform_monitoring_labels": {"release": "stack"},
        }

    def run(self, **variables: object) -> Play:
        tasks = [{"ansible.builtin.import_role": {"name": "bunops.platform.k8s_platform"}}]
        play = {"hosts": "localhost", "gather_facts": False, "vars": {**self._variables, **variables}, "tasks": tasks}
        path = self._folder / "play.json"
        path.write_text(json.dumps([play]))
        inventory = self._folder / "hosts.yml"
        inventory.write_text(json.dumps({"all": {"hosts": {"localhost": HERE}}}))
        return run_playbook(inventory, path)

    def watched(self) -> set[tuple[str, str]]:
        """Kind and name of what is there for monitoring, of the kinds that the cluster serves."""
        kinds = [(operator.API_VERSION, kind) for kind in operator.KINDS]
        listed = [("v1", "ConfigMap"), *(kind for kind in kinds if operator.serves(self._client, kind[1]))]
        there = {(kind, item["metadata"]["name"]) for version, kind in listed for item in self._items(version, kind)}
        return {(kind, name.replace(self.name, "{name}")) for kind, name in there if "applyset" not in name}

    def _items(self, api_version: str, kind: str) -> Iterator[Object]:
        return self._client.list(api_version, kind, self.name, "app.kubernetes.io/managed-by=bunops-platform")


@pytest.fixture
def client(cluster: Any) -> Iterator[Client]:
    with Client.connect(Options(kubeconfig=str(cluster.kubeconfig))) as connected:
        yield connected


@pytest.fixture
def site(tmp_path: Path, client: Client, cluster: Any, engine: Any, busybox_image: str) -> Iterator[Site]:
    made = Site(tmp_path, client, str(cluster.kubeconfig), pushed(engine, busybox_image, cluster.registry))
    try:
        yield made
    finally:
        client.delete("v1", "Namespace", None, made.name)


def test_what_the_cluster_serves_is_used_and_leaves_nothing_behind(site: Site, client: Client) -> None:
    with operator.installed(client):
        # A field that the kinds do not have would be refused.
        site.run()
        assert site.watched() == WATCHED
        again = site.run()
        assert again.changed == 0, again.output
        site.run(k8s_platform_state="absent")
        assert site.watched() == set()
        assert client.get("v1", "Namespace", None, site.name) is None


def test_kinds_that_are_lost_are_no_error(cluster: Any, client: Client) -> None:
    name = f"bunops-lost-{secrets.token_hex(4)}"
    platform = platform_of("reference")
    cluster_with_kinds = replace(watched_cluster_of(platform), namespace=name)
    rendered = manifests(platform, cluster_with_kinds)
    there = [item for item in rendered if item["kind"] in ("Namespace", "ConfigMap", *operator.KINDS)]
    gone = (*operator.KINDS, "atlas-dashboard")
    left = [item for item in there if item["kind"] not in gone and item["metadata"]["name"] not in gone]
    module = Module("k8s_set")
    options = {"kubeconfig": str(cluster.kubeconfig), "name": name, "namespace": name}
    try:
        with operator.installed(client):
            # All that the reference platform has of these kinds is taken, and not changed a second time.
            assert module.ok(**options, objects=there)["summary"]["created"] == len(there)
            assert module.ok(**options, objects=there)["changed"] is False
        pruned = module.ok(**options, objects=left)["objects"]
        assert [entry["name"] for entry in pruned if entry["action"] == "pruned"] == ["atlas-dashboard"]
        assert module.ok(**options, objects=left)["changed"] is False
    finally:
        module.ok(**options, objects=[], state="absent")


def test_kinds_are_told_apart(cluster: Any) -> None:
    deployment, nothing = ({"api_version": "apps/v1", "kind": kind} for kind in ("Deployment", "Deployments"))
    module = Module("k8s_kinds_info")
    told = module.ok(kubeconfig=str(cluster.kubeconfig), kinds=[nothing, deployment], check=True)
    assert (told["served"], told["missing"], told["changed"]) == ([deployment], [nothing], False)
    assert "ftp://127.0.0.1" in module.failing(host="ftp://127.0.0.1", kinds=[deployment])["msg"]
