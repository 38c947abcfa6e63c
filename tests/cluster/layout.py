# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where everything of a cluster lies: folders below its root, addresses in its network, sockets on its node."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

NODE = "node"
# The node has its own of these; what the components write there ends with it.
OWN_FOLDERS = ("/run", "/var/lib", "/var/log")
NODE_NETWORK = "/run/netns/node"
CONTAINERD_SOCKET = "/run/bunops/containerd.sock"
PAUSE_IMAGE = "bunops.test/pause:local"
COREDNS_IMAGE = "bunops.test/coredns:local"


def cache() -> Path:
    """What outlives a cluster: the built programs, and who holds which network."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "bunops"


def default_root() -> Path:
    """Where the cluster that `up` starts lives unless told otherwise."""
    return cache() / "cluster-run"


@dataclass(frozen=True)
class Layout:
    """The folders and files below a cluster's root."""

    root: Path

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.root / "kubeconfig"

    @property
    def certificates(self) -> Path:
        """Keys and certificates, by name."""
        return self.root / "certificates"

    @property
    def configuration(self) -> Path:
        """Configuration files of the components."""
        return self.root / "configuration"

    @property
    def logs(self) -> Path:
        """One log a component; pods/ has the containers'."""
        return self.root / "logs"

    @property
    def audit_log(self) -> Path:
        """What the API server was asked, if it was started so; JSON lines."""
        return self.logs / "audit.log"

    @property
    def processes(self) -> Path:
        """One file a component with the number that it has among the cluster's processes."""
        return self.root / "processes"

    @property
    def images(self) -> Path:
        """Archives of the images that the node has from the start."""
        return self.root / "images"

    @property
    def plugins(self) -> Path:
        """The CNI plugins of a cluster that has some of its own."""
        return self.root / "plugins"

    @property
    def kubelet(self) -> Path:
        """The kubelet's directory."""
        return self.root / "kubelet"

    def certificate(self, name: str) -> Path:
        """A certificate in PEM."""
        return self.certificates / f"{name}.crt"

    def key(self, name: str) -> Path:
        """A private key in PEM."""
        return self.certificates / f"{name}.key"

    def kubeconfig_of(self, name: str) -> Path:
        """A component's kubeconfig."""
        return self.configuration / f"{name}.kubeconfig"

    def log(self, name: str) -> Path:
        """A component's log."""
        return self.logs / f"{name}.log"

    def process(self, name: str) -> Path:
        """The file with a component's process number."""
        return self.processes / name

    def make_folders(self) -> None:
        """Make what the components expect to be there."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.certificates.mkdir(mode=0o700)
        for folder in (self.configuration, self.logs, self.processes, self.images, self.kubelet / "seccomp"):
            folder.mkdir(parents=True)


@dataclass(frozen=True)
class Network:
    """The addresses of one cluster: 10.<block>.0.0/16, which the machine reaches through one link."""

    block: int

    def _address(self, rest: str) -> str:
        return f"10.{self.block}.{rest}"

    @property
    def link(self) -> str:
        """The machine's end of the link; it also names the cluster's cgroups and packet filter rules."""
        return f"bunops{self.block}"

    @property
    def node_link(self) -> str:
        """The node's end, as it is called until it is moved to the node."""
        return f"{self.link}n"

    @property
    def whole(self) -> str:
        """All addresses of the cluster."""
        return self._address("0.0/16")

    @property
    def services(self) -> str:
        """ClusterIPs."""
        return self._address("0.0/20")

    @property
    def api_service(self) -> str:
        """The ClusterIP of the Service `kubernetes`."""
        return self._address("0.1")

    @property
    def dns(self) -> str:
        """The ClusterIP of the cluster's DNS."""
        return self._address("0.10")

    @property
    def host(self) -> str:
        """The machine, as pods see it."""
        return self._address("16.1")

    @property
    def node(self) -> str:
        """The node, and with it the API server and the kubelet."""
        return self._address("16.2")

    @property
    def pods(self) -> str:
        """Pods."""
        return self._address("64.0/22")

    @property
    def registry_port(self) -> int:
        """The image registry's port, on the machine's loopback interface and on its end of the link."""
        return 5000 + self.block

    @property
    def registry(self) -> str:
        """The image registry, as image references name it; Docker lets the loopback interface go without TLS."""
        return f"127.0.0.1:{self.registry_port}"
