# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a cluster without KEDA can have for HPAs: prometheus-adapter, which serves external.metrics.k8s.io.

https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/externalmetrics.md
"""

from __future__ import annotations

import json
import string
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.tests.cluster import addons, installation, programs, readiness
from ansible_collections.bunops.platform.tests.cluster.api import Client
from ansible_collections.bunops.platform.tests.cluster.installation import encoded
from ansible_collections.bunops.platform.tests.cluster.layout import Layout

MANIFEST = addons.MANIFESTS / "autoscaling/prometheus-adapter.yml"
NAME, NAMESPACE = "prometheus-adapter", "kube-system"
API = "v1beta1.external.metrics.k8s.io"


def install(
    kubeconfig: Path, prometheus: str, rules: Sequence[dict[str, Any]], say: Callable[[str], None] | None = None
) -> None:
    """Have it in a running cluster of this machine and wait until it serves.

    It knows a metric from a second after Prometheus does.

    Args:
        kubeconfig: the cluster's, in its root.
        prometheus: URL of Prometheus, for pods.
        rules: the externalRules of its configuration.
        say: gets a line on the progress of building now and then; by default they go to standard error.

    Raises:
        LookupError: no cluster of this machine runs there, or somebody serves the metrics already.
        BuildError: the program cannot be built.
        NotReady: it does not serve in time.
    """
    wait = installation.running(kubeconfig)
    client = Client(kubeconfig)
    if client.get(f"/apis/apiregistration.k8s.io/v1/apiservices/{API}"):
        raise LookupError(f"{API} is served already, and only one adapter can serve it.")
    built = programs.provide(say or installation.say, programs.METRICS_ADAPTER)
    installation.bring(client, wait, [built / NAME], objects(wait.layout, prometheus, rules))
    serves = readiness.serves(client, {NAME: NAMESPACE}, [API])
    installation.await_serving(wait, "prometheus-adapter serves", serves, [NAME])


def objects(layout: Layout, prometheus: str, rules: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Its objects."""
    text = string.Template(MANIFEST.read_text()).substitute(
        authority=encoded(layout.certificate("ca")),
        certificate=encoded(layout.certificate(NAME)),
        key=encoded(layout.key(NAME)),
        prometheus=prometheus,
    )
    configuration = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "data": {"config.yaml": json.dumps({"externalRules": list(rules)})},
    }
    return [configuration, *(item for item in yaml.safe_load_all(text) if item)]
