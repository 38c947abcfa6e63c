# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What Prometheus and Grafana are told of the platform, in the words of the Prometheus Operator.

Pods are read, not Services: a worker has no Service, and metrics are behind none.
https://prometheus-operator.dev/docs/api-reference/api/
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...model.platform import Platform
from ..alerts import alerts
from ..alerts_parts import Monitoring, interval_seconds, told_by
from ..dashboard import dashboard
from ..names import METER
from .cluster import MONITOR_KIND, RULE_KIND, Cluster, Watching
from .parts import Object, part_of, platform_part
from .services import METRICS, PORT

_API = "monitoring.coreos.com/v1"
# What Grafana's sidecar looks for: https://github.com/grafana/helm-charts (sidecar.dashboards.label)
_DASHBOARD_LABEL = {"grafana_dashboard": "1"}


def monitoring_objects(platform: Platform, cluster: Cluster) -> Iterator[Object]:
    """Of the kinds that the cluster serves: how each service is read, the alerts, and the dashboard."""
    watching = cluster.watching
    if watching is None:
        return
    names = told_by(platform)
    if MONITOR_KIND in watching.kinds:
        for name in names:
            yield _monitor(platform, cluster, watching, name)
    if RULE_KIND in watching.kinds:
        yield _rules(platform, cluster, watching)
    if watching.kinds and names:
        yield _dashboard(platform, cluster, watching.monitoring)


def _monitor(platform: Platform, cluster: Cluster, watching: Watching, name: str) -> Object:
    part, metrics = part_of(platform, cluster, name), platform.services[name].metrics
    endpoint = {
        "port": PORT if name == METER else METRICS,
        "path": metrics.path if metrics else "/metrics",
        "interval": f"{interval_seconds(platform)}s",
        # By it alerts know the services of the catalog.
        "relabelings": [{"action": "replace", "targetLabel": "service", "replacement": name}],
    }
    spec = {"selector": {"matchLabels": part.selector}, "podMetricsEndpoints": [endpoint]}
    return _labelled(part.object(_API, MONITOR_KIND, {"spec": spec}), watching.labels)


def _rules(platform: Platform, cluster: Cluster, watching: Watching) -> Object:
    interval = f"{interval_seconds(platform)}s"
    groups = [{**group, "interval": interval} for group in alerts(platform, watching.monitoring)["groups"]]
    part = platform_part(platform, cluster, cluster.namespace)
    return _labelled(part.object(_API, RULE_KIND, {"spec": {"groups": groups}}), watching.labels)


def _dashboard(platform: Platform, cluster: Cluster, monitoring: Monitoring) -> Object:
    part = platform_part(platform, cluster, cluster.namespace)
    text = json.dumps(dashboard(platform, monitoring), indent=1, sort_keys=True) + "\n"
    item = part.object("v1", "ConfigMap", {"data": {f"{platform.name}.json": text}}, name=f"{platform.name}-dashboard")
    return _labelled(item, _DASHBOARD_LABEL)


def _labelled(item: Object, labels: Mapping[str, str]) -> Object:
    metadata: dict[str, Any] = item["metadata"]
    return {**item, "metadata": {**metadata, "labels": {**labels, **metadata["labels"]}}}
