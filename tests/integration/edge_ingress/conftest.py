# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Platforms whose edge is an Ingress, and a Traefik that follows them.

Their programs run in this process: the Services are as rendered but for the pods that they would find.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client as ApiClient
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.secrets import certificate
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.cluster import Cluster
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.render import manifests
from ansible_collections.bunops.platform.tests.integration.edge_ingress.kinds import traefik_kinds
from ansible_collections.bunops.platform.tests.integration.edge_ingress.programs import SESSION, Program
from ansible_collections.bunops.platform.tests.integration.edge_ingress.traefik import Client, Traefik
from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually
from ansible_collections.bunops.platform.tests.integration.run_module import Module
from ansible_collections.bunops.platform.tests.policy import tools

Object = dict[str, Any]
# Without those that need images.
KINDS = ("Namespace", "NetworkPolicy", "Service", "Ingress", "Middleware", "TLSOption", "ServersTransport")
PORTS = {"api": 8080, "site": 3000, "uploads": 8090, "account": 3100}


@dataclass(frozen=True)
class Deployed:
    """A platform in a namespace of its own, and what clients need to reach it."""

    name: str
    host: str
    authority: str
    objects: list[Object]
    kubeconfig: str

    def apply(self, **options: Any) -> Object:
        set_of = {"name": self.name, "namespace": self.name, "kubeconfig": self.kubeconfig}
        return Module("k8s_set").ok(**{**set_of, "objects": self.objects, "wait": False, **options})


@pytest.fixture(scope="module")
def api(cluster: Any) -> Iterator[ApiClient]:
    with ApiClient.connect(Options(kubeconfig=str(cluster.kubeconfig))) as connected:
        yield connected


@pytest.fixture(scope="module")
def ingress_class(api: ApiClient, cluster: Any) -> Iterator[str]:
    """A class of Traefik's, in a cluster that has its kinds of objects."""
    name = f"bunops-test-{secrets.token_hex(4)}"
    kind = ("networking.k8s.io/v1", "IngressClass")
    controller = {"spec": {"controller": "traefik.io/ingress-controller"}}
    with traefik_kinds(cluster.kubeconfig):
        body = {"apiVersion": kind[0], "kind": kind[1], "metadata": {"name": name}, **controller}
        api.request("POST", api.path(*kind), body)
        yield name
        api.delete(*kind, None, name)


@pytest.fixture(scope="module")
def programs(cluster: Any) -> Iterator[Mapping[str, Program]]:
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(Program(name, cluster.host_address)) for name in PORTS}


@pytest.fixture(scope="module")
def direct(api: ApiClient, cluster: Any, ingress_class: str, programs: Mapping[str, Program]) -> Iterator[Deployed]:
    with _deployed(api, cluster, ingress_class, programs, "direct") as deployed:
        yield deployed


@pytest.fixture(scope="module")
def proxied(api: ApiClient, cluster: Any, ingress_class: str, programs: Mapping[str, Program]) -> Iterator[Deployed]:
    with _deployed(api, cluster, ingress_class, programs, "proxied", trusted_proxies=["127.0.0.1"]) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def traefik(
    cluster: Any, api: ApiClient, direct: Deployed, proxied: Deployed, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Traefik]:
    log: Path = tmp_path_factory.mktemp("traefik") / "log"
    nameserver = api.request("GET", api.path("v1", "Service", "kube-system", "kube-dns"))["spec"]["clusterIP"]
    with Traefik(tools.traefik(), cluster.kubeconfig, nameserver, [direct.name, proxied.name], log) as running:
        for deployed in (direct, proxied):
            client = Client(running, deployed.host, deployed.authority)
            for path in ("/", "/v1", "/v1/uploads", "/account"):
                eventually(partial(_answers, client, path), f"{deployed.host}{path} is served")
        running.forget()
        yield running


@pytest.fixture
def client(traefik: Traefik, direct: Deployed) -> Client:
    return Client(traefik, direct.host, direct.authority)


@pytest.fixture
def behind_proxy(traefik: Traefik, proxied: Deployed) -> Client:
    return Client(traefik, proxied.host, proxied.authority)


def _answers(client: Client, path: str) -> bool:
    with contextlib.suppress(OSError):
        return client.get(path, x_api_key="start", cookie=SESSION).status == 200
    return False


def catalog(host: str, ingress_class: str, **edge: Any) -> Object:
    routes: dict[str, Object] = {
        "site": {"path": "/", "streams": True},
        "api": {"path": "/v1", "timeout": "2s", "rate_limit": {"requests": 5}},
        "uploads": {
            "path": "/v1/uploads",
            "body_limit": "10Ki",
            "rate_limit": {"requests": 120, "per": "minute", "key": {"header": "X-Api-Key"}},
        },
        "account": {"path": "/account", "auth": "clerk"},
    }
    keys = ["CLERK_JWT_KEY", "CLERK_SECRET_KEY"]
    return {
        "name": "shop",
        "services": {
            name: {
                "image": {"ref": "registry.example.com/none@sha256:" + "0" * 64},
                "port": PORTS[name],
                "health": {"http": "/health"},
                "route": route,
                "secrets": keys if route.get("auth") else [],
            }
            for name, route in routes.items()
        },
        "secrets": {key: {"env": key} for key in keys},
        "edge": {
            "host": host,
            "kind": "ingress",
            "class_name": ingress_class,
            "tls": {"secret": "shop-tls"},
            **edge,
        },
    }


@contextlib.contextmanager
def _deployed(
    api: ApiClient, cluster: Any, ingress_class: str, programs: Mapping[str, Program], kind: str, **edge: Any
) -> Iterator[Deployed]:
    name, host = f"bunops-ingress-{secrets.token_hex(4)}", f"{kind}.example.com"
    rendered = manifests(Platform.parse(catalog(host, ingress_class, **edge)), Cluster(name))
    objects = [_without_pods(item) for item in rendered if item["kind"] in KINDS]
    made = certificate.make([host], datetime.datetime.now(datetime.UTC))
    deployed = Deployed(name, host, made[certificate.AUTHORITY].decode(), objects, str(cluster.kubeconfig))
    deployed.apply()
    others = [_tls_secret(made), *(_endpoints(programs[service], cluster.host_address) for service in PORTS)]
    for item in others:
        api.request("POST", api.path(item["apiVersion"], item["kind"], name), item)
    yield deployed
    deployed.apply(state="absent")


def _without_pods(item: Object) -> Object:
    if item["kind"] != "Service":
        return item
    return {**item, "spec": {key: value for key, value in item["spec"].items() if key != "selector"}}


def _tls_secret(made: Mapping[str, bytes]) -> Object:
    files = {"tls.crt": made[certificate.CERTIFICATE], "tls.key": made[""]}
    data = {key: base64.b64encode(value).decode() for key, value in files.items()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "shop-tls"},
        "type": "kubernetes.io/tls",
        "data": data,
    }


def _endpoints(program: Program, address: str) -> Object:
    labels = {"kubernetes.io/service-name": program.name, "endpointslice.kubernetes.io/managed-by": "bunops-test"}
    return {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": program.name, "labels": labels},
        "addressType": "IPv4",
        "endpoints": [{"addresses": [address], "conditions": {"ready": True}}],
        "ports": [{"name": "http", "port": program.server_port, "protocol": "TCP"}],
    }
