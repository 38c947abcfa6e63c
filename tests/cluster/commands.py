# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What runs in a cluster, with which arguments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.bunops.platform.tests.cluster.layout import CONTAINERD_SOCKET, NODE, Layout, Network

ETCD = "http://127.0.0.1:2379"
ETCD_PEERS = "http://127.0.0.1:2380"


@dataclass(frozen=True)
class Component:
    """One process: its name, its arguments, and where and when it runs."""

    name: str
    arguments: Sequence[str]
    on_node: bool = True
    """In the node's network, or in the machine's."""
    needs_api: bool = True
    """Started when the API server is ready, or at once."""


def components(layout: Layout, network: Network, programs: Path, *, audit: bool) -> list[Component]:
    """All of them. ``programs`` is the folder with the built ones; ``audit`` turns on the API server's audit log."""

    def kubernetes(name: str, *flags: str) -> Component:
        return Component(name, [str(programs / name), *flags])

    at_once = [
        Component("etcd", [str(programs / "etcd"), *_etcd(layout)], needs_api=False),
        Component("containerd", ["containerd", f"--config={layout.configuration}/containerd.toml"], needs_api=False),
        Component(
            "registry",
            [
                str(programs / "registry"),
                f"--listen={network.registry},{network.host}:{network.registry_port}",
                f"--directory={layout.root}/registry",
            ],
            on_node=False,
            needs_api=False,
        ),
        Component(
            "kube-apiserver",
            [str(programs / "kube-apiserver"), *_apiserver(layout, network), *(_audit(layout) if audit else [])],
            needs_api=False,
        ),
    ]
    return [
        *at_once,
        kubernetes("kube-controller-manager", *_controllers(layout)),
        kubernetes("kube-scheduler", *_delegated(layout, "kube-scheduler"), "--leader-elect=false"),
        kubernetes("kubelet", *_kubelet(layout, network)),
        kubernetes("kube-proxy", *_proxy(layout, network)),
        kubernetes(
            "volumes", f"--kubeconfig={layout.kubeconfig}", f"--directory={layout.root}/volumes", f"--node={NODE}"
        ),
    ]


def _etcd(layout: Layout) -> list[str]:
    return [
        f"--data-dir={layout.root}/etcd",
        # Its data end with the cluster.
        "--unsafe-no-fsync",
        f"--listen-client-urls={ETCD}",
        f"--advertise-client-urls={ETCD}",
        f"--listen-peer-urls={ETCD_PEERS}",
        f"--initial-advertise-peer-urls={ETCD_PEERS}",
        f"--initial-cluster=default={ETCD_PEERS}",
        "--log-level=warn",
    ]


def _apiserver(layout: Layout, network: Network) -> list[str]:
    return [
        f"--etcd-servers={ETCD}",
        f"--advertise-address={network.node}",
        f"--service-cluster-ip-range={network.services}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        f"--tls-cert-file={layout.certificate('kube-apiserver')}",
        f"--tls-private-key-file={layout.key('kube-apiserver')}",
        f"--client-ca-file={layout.certificate('ca')}",
        f"--kubelet-certificate-authority={layout.certificate('ca')}",
        f"--kubelet-client-certificate={layout.certificate('kubelet-client')}",
        f"--kubelet-client-key={layout.key('kubelet-client')}",
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-signing-key-file={layout.key('service-accounts')}",
        f"--service-account-key-file={layout.certificates}/service-accounts.pub",
        # Aggregated APIs, which programs such as KEDA and metrics-server bring.
        f"--requestheader-client-ca-file={layout.certificate('front-proxy-ca')}",
        "--requestheader-allowed-names=front-proxy-client",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={layout.certificate('front-proxy-client')}",
        f"--proxy-client-key-file={layout.key('front-proxy-client')}",
        "--enable-aggregator-routing=true",
    ]


def _audit(layout: Layout) -> list[str]:
    return [f"--audit-policy-file={layout.configuration}/audit.yml", f"--audit-log-path={layout.audit_log}"]


def _delegated(layout: Layout, name: str) -> list[str]:
    kubeconfig = layout.kubeconfig_of(name)
    return [
        f"--kubeconfig={kubeconfig}",
        f"--authentication-kubeconfig={kubeconfig}",
        f"--authorization-kubeconfig={kubeconfig}",
        "--bind-address=127.0.0.1",
    ]


def _controllers(layout: Layout) -> list[str]:
    return [
        *_delegated(layout, "kube-controller-manager"),
        f"--root-ca-file={layout.certificate('ca')}",
        f"--service-account-private-key-file={layout.key('service-accounts')}",
        f"--cluster-signing-cert-file={layout.certificate('ca')}",
        f"--cluster-signing-key-file={layout.key('ca')}",
        "--use-service-account-credentials=true",
        # With the usual 20 requests a second its own start takes 5 s.
        "--kube-api-qps=500",
        "--kube-api-burst=1000",
        "--leader-elect=false",
    ]


def _kubelet(layout: Layout, network: Network) -> list[str]:
    return [
        f"--config={layout.configuration}/kubelet.yml",
        f"--kubeconfig={layout.kubeconfig_of('kubelet')}",
        f"--root-dir={layout.kubelet}",
        f"--hostname-override={NODE}",
        f"--node-ip={network.node}",
    ]


def _proxy(layout: Layout, network: Network) -> list[str]:
    return [
        f"--kubeconfig={layout.kubeconfig_of('kube-proxy')}",
        f"--hostname-override={NODE}",
        "--proxy-mode=iptables",
        f"--cluster-cidr={network.pods}",
        # The sizes of the connection table are the machine's, not the node's.
        "--conntrack-max-per-core=0",
        "--conntrack-tcp-timeout-established=0",
        "--conntrack-tcp-timeout-close-wait=0",
    ]


def containerd_tool(*arguments: str) -> list[str]:
    """A call of containerd's own command line, in the namespace of images that Kubernetes uses."""
    return ["ctr", f"--address={CONTAINERD_SOCKET}", "--namespace=k8s.io", *arguments]
