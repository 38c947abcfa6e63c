# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The configuration files of the components, as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.tests.cluster import enforcer
from ansible_collections.bunops.platform.tests.cluster.layout import CONTAINERD_SOCKET, PAUSE_IMAGE, Layout, Network


def write(
    layout: Layout, network: Network, nameservers: Sequence[str], plugins: Path, *, enforce: bool = False
) -> None:
    """Write them all below layout.configuration.

    ``nameservers`` resolve names outside the cluster; ``plugins`` is the folder of the CNI's programs; ``enforce`` has
    Calico make the pods' links.
    """
    for path, text in files(layout, network, nameservers, plugins, enforce=enforce).items():
        file = layout.configuration / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def files(
    layout: Layout, network: Network, nameservers: Sequence[str], plugins: Path, *, enforce: bool = False
) -> dict[str, str]:
    """Path below the folder of configurations to content."""
    return {
        "containerd.toml": _containerd(layout, plugins),
        "kubelet.yml": yaml.safe_dump(_kubelet(layout, network), sort_keys=False),
        "audit.yml": yaml.safe_dump(_audit(), sort_keys=False),
        "cni/10-bunops.conflist": json.dumps(_network_of_pods(layout, network, enforce=enforce), indent=2),
        f"registries/{network.registry}/hosts.toml": _registry(network),
        "resolv.conf": "".join(f"nameserver {address}\n" for address in nameservers),
    }


def _containerd(layout: Layout, plugins: Path) -> str:
    # The disabled plugins would write outside the cluster's folders or look for devices.
    return f"""\
version = 2
root = "{layout.root}/containerd"
state = "/run/containerd-state"
disabled_plugins = [
  "io.containerd.internal.v1.opt",
  "io.containerd.nri.v1.nri",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.blockfile",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]

[grpc]
  address = "{CONTAINERD_SOCKET}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  # Without the capability CAP_SYS_RESOURCE no process may be made less likely to be killed than its parent.
  restrict_oom_score_adj = true
  # Its profile would stay in the kernel.
  disable_apparmor = true

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "{plugins}"
  conf_dir = "{layout.configuration}/cni"

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "{layout.configuration}/registries"

[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
"""


def _registry(network: Network) -> str:
    """Images are named by the address that the machine pushes them to; the node finds them at the link's other end.

    Format: https://github.com/containerd/containerd/blob/main/docs/hosts.md. Without a table containerd 1.7 ignores the
    file; without the server it asks the name's own address last, and its error would be about that.
    """
    address = f"http://{network.host}:{network.registry_port}"
    return f"""\
server = "{address}"

[host."{address}"]
  capabilities = ["pull", "resolve"]
"""


def _kubelet(layout: Layout, network: Network) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(layout.certificate("ca"))},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(layout.certificate("kubelet")),
        "tlsPrivateKeyFile": str(layout.key("kubelet")),
        "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{network.link}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "clusterDNS": [network.dns],
        "clusterDomain": "cluster.local",
        "resolvConf": str(layout.configuration / "resolv.conf"),
        "podLogsDir": str(layout.logs / "pods"),
        "volumePluginDir": str(layout.kubelet / "volume-plugins"),
        "serializeImagePulls": False,
        # The machine's disk may be nearly full without being the cluster's concern.
        "evictionHard": {},
        "imageGCHighThresholdPercent": 100,
    }


def _network_of_pods(layout: Layout, network: Network, *, enforce: bool) -> dict[str, Any]:
    """Each pod has a link of its own to the node: what goes from pod to pod passes the node's packet filter."""
    addresses = {
        "type": "host-local",
        "ranges": [[{"subnet": network.pods}]],
        "routes": [{"dst": "0.0.0.0/0"}],
        "dataDir": "/run/cni",
    }
    link = enforcer.network_of_pods(layout, addresses) if enforce else {"type": "ptp", "ipam": addresses}
    return {
        "cniVersion": "0.4.0",
        "name": "bunops",
        "plugins": [link, {"type": "portmap", "capabilities": {"portMappings": True}}],
    }


def _audit() -> dict[str, Any]:
    """Everything that is asked, without its content: it would hold Secrets."""
    return {
        "apiVersion": "audit.k8s.io/v1",
        "kind": "Policy",
        "omitStages": ["RequestReceived"],
        "rules": [{"level": "Metadata"}],
    }
