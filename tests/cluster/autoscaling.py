# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a cluster has in addition in which workloads are scaled by what they do: metrics-server and KEDA.

KEDA is as its own config/default has it, without the admission webhooks; the cluster's authority signs its certificate,
and it is ready when it says so, not half a minute later. https://keda.sh/docs/latest/operate/cluster/
"""

from __future__ import annotations

import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.tests.cluster import addons, installation, programs, readiness
from ansible_collections.bunops.platform.tests.cluster.api import Client
from ansible_collections.bunops.platform.tests.cluster.installation import bring, encoded, image
from ansible_collections.bunops.platform.tests.cluster.layout import Layout

METRICS_SERVER = addons.MANIFESTS / "autoscaling/metrics-server.yml"
DEPLOYMENTS = {"metrics-server": "kube-system", "keda-operator": "keda", "keda-metrics-apiserver": "keda"}
APIS = ("v1beta1.metrics.k8s.io", "v1beta1.external.metrics.k8s.io")
OF_WEBHOOKS = ("keda-admission", "keda-admission-webhooks")
# The Secret from which KEDA's programs have their certificate, as they call it.
CERTIFICATES = "kedaorg-certs"


def install(kubeconfig: Path, say: Callable[[str], None] | None = None) -> None:
    """Have both in a running cluster of this machine and wait until they serve; nothing where they do already.

    Args:
        kubeconfig: the cluster's, in its root.
        say: gets a line on the progress of building now and then; by default they go to standard error.

    Raises:
        LookupError: no cluster of this machine runs there.
        BuildError: the programs cannot be built.
        NotReady: they do not serve in time.
    """
    wait = installation.running(kubeconfig)
    client = Client(kubeconfig)
    serves = readiness.autoscaling_serves(client, DEPLOYMENTS, APIS)
    if serves():
        return
    built = programs.provide(say or installation.say, programs.AUTOSCALING)
    # It is ready once it has seen the node twice, 10 s apart, and KEDA starts meanwhile.
    bring(client, wait, [built / "metrics-server"], metrics_server(wait.layout))
    bring(client, wait, [built / "keda", built / "keda-adapter"], keda(wait.layout, built))
    installation.await_serving(wait, "KEDA and metrics-server serve", serves, DEPLOYMENTS)


def metrics_server(layout: Layout) -> list[dict[str, Any]]:
    """Its objects."""
    text = string.Template(METRICS_SERVER.read_text()).substitute(
        authority=encoded(layout.certificate("ca")),
        certificate=encoded(layout.certificate("metrics-server")),
        key=encoded(layout.key("metrics-server")),
    )
    return [item for item in yaml.safe_load_all(text) if item]


def keda(layout: Layout, built: Path) -> list[dict[str, Any]]:
    """Its objects, the namespace first; ``built`` is the folder with what was built."""
    items = [item for item in _load(built / "keda.yml") if item["metadata"]["name"] not in OF_WEBHOOKS]
    items = [item for item in items if item["kind"] != "ValidatingWebhookConfiguration"]
    for item in items:
        if item["kind"] == "Deployment":
            _adapt(item)
        if item["kind"] == "APIService":
            item["spec"]["caBundle"] = encoded(layout.certificate("ca"))
    namespace = next(index for index, item in enumerate(items) if item["kind"] == "Namespace")
    return [items.pop(namespace), _certificates(layout), *items]


def _load(file: Path) -> list[dict[str, Any]]:
    # The kinds are half a megabyte of text: 0.2 s with libyaml, 2 s without.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [item for item in yaml.load_all(file.read_text(), loader) if item]


def _certificates(layout: Layout) -> dict[str, Any]:
    files = {"ca.crt": layout.certificate("ca"), "tls.crt": layout.certificate("keda"), "tls.key": layout.key("keda")}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": CERTIFICATES, "namespace": "keda"},
        "type": "kubernetes.io/tls",
        "data": {name: encoded(path) for name, path in files.items()},
    }


def _adapt(deployment: dict[str, Any]) -> None:
    """Our image, the certificate that is there, and ready when it says so."""
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    container["image"] = image(Path(container["command"][0]).name)
    container["imagePullPolicy"] = "Never"
    container["args"] = [argument for argument in container["args"] if "cert-rotation" not in argument]
    container["readinessProbe"] |= {"initialDelaySeconds": 0, "periodSeconds": 1}
