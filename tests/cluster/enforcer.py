# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a cluster has in addition whose network enforces NetworkPolicies: Calico's felix, CNI plugin and objects.

Only its policies: addresses and routes are as in a cluster without it.
https://docs.tigera.io/calico/latest/reference/felix/configuration
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.tests.cluster import host
from ansible_collections.bunops.platform.tests.cluster.api import ApiError, Client
from ansible_collections.bunops.platform.tests.cluster.commands import Component
from ansible_collections.bunops.platform.tests.cluster.layout import NODE, Layout, Network

HEALTH_PORT = 9099
# Below it felix tells the CNI plugin for which pods the policies hold. It is the node's own.
STATUS = "/run"
# Without it felix waits for somebody to migrate its data.
INFORMATION = {
    "apiVersion": "crd.projectcalico.org/v1",
    "kind": "ClusterInformation",
    "metadata": {"name": "default"},
    "spec": {"datastoreReady": True, "clusterGUID": "bunops"},
}


def prepare(layout: Layout, network: Network, plugins: Path, programs: Path) -> None:
    """Write felix's configuration, and the folder of CNI plugins: the machine's and Calico's."""
    (layout.configuration / "felix.cfg").write_text(felix_configuration(network))
    layout.plugins.mkdir()
    for plugin in plugins.iterdir():
        (layout.plugins / plugin.name).symlink_to(plugin)
    (layout.plugins / "calico").symlink_to(programs / "calico")


def felix_configuration(network: Network) -> str:
    """Policies only: no overlay networks, no routes by other nodes, nothing sent to its makers."""
    settings = {
        "DatastoreType": "kubernetes",
        "FelixHostname": NODE,
        "InterfacePrefix": "cali",
        "IptablesBackend": host.packet_filter(),
        "Ipv6Support": "false",
        "RouteSource": "WorkloadIPs",
        "VXLANEnabled": "false",
        "IpInIpEnabled": "false",
        "XDPEnabled": "false",
        "ServiceLoopPrevention": "Disabled",
        # To the node, on which the API server listens, goes what a pod's own policies let out.
        "DefaultEndpointToHostAction": "ACCEPT",
        "EndpointStatusPathPrefix": STATUS,
        "HealthEnabled": "true",
        "HealthHost": network.node,
        "HealthPort": str(HEALTH_PORT),
        "UsageReportingEnabled": "false",
        "LogFilePath": "none",
        "LogSeveritySys": "none",
        "LogSeverityScreen": "WARNING",
    }
    return "".join(["[global]\n", *(f"{key} = {value}\n" for key, value in settings.items())])


def network_of_pods(layout: Layout, addresses: dict[str, Any]) -> dict[str, Any]:
    """The configuration of the CNI plugin; ``addresses`` is that of the one that gives them out."""
    return {
        "type": "calico",
        "datastore_type": "kubernetes",
        "nodename": NODE,
        "nodename_file_optional": True,
        "log_level": "warning",
        "log_file_path": str(layout.log("calico")),
        "ipam": addresses,
        "policy": {"type": "k8s"},
        "kubernetes": {"kubeconfig": str(layout.kubeconfig)},
        # A pod starts when its policies hold.
        "policy_setup_timeout_seconds": 10,
        "endpoint_status_dir": f"{STATUS}/endpoint-status",
    }


def component(layout: Layout, programs: Path) -> Component:
    """Felix."""
    config = layout.configuration / "felix.cfg"
    return Component("felix", [str(programs / "felix"), f"--config={config}", f"--kubeconfig={layout.kubeconfig}"])


def kinds(programs: Path) -> list[dict[str, Any]]:
    """Calico's kinds of objects, all of which felix asks for."""
    return [item for item in yaml.safe_load_all((programs / "kinds.yml").read_text()) if item]


def is_informed(client: Client) -> Callable[[], bool]:
    """Whether the API server knows the kinds and so has taken what felix waits for."""

    def look() -> bool:
        try:
            client.apply(INFORMATION)
        except ApiError:
            return False
        return True

    return look


def is_ready(network: Network) -> Callable[[], bool]:
    """Whether felix says that the policies that it knows hold."""

    def look() -> bool:
        try:
            with urllib.request.urlopen(f"http://{network.node}:{HEALTH_PORT}/readiness", timeout=5):
                return True
        except (OSError, urllib.error.URLError):
            return False

    return look
