# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Prometheus and Alertmanager as two more services of the platform, and their files.

https://prometheus.io/docs/prometheus/latest/configuration/configuration/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..model.errors import CatalogError, Problem
from ..model.platform import Platform
from ..model.services import Service
from .alerts import alerts
from .alerts_parts import Monitoring, interval_seconds, told_by
from .config_files import checksum_of
from .edge.service import METRICS_PORT as EDGE_METRICS_PORT
from .meter import METER_PORT, has_meter, with_meter
from .names import ALERTMANAGER, EDGE, METER, PROMETHEUS

# In the containers: the folder with the files, and that of the data.
CONFIG_DIR = "/etc/prometheus"
DATA_DIR = "/data"
_RETENTION = {"time": "15d", "size": "1GB"}
_RESOURCES = {
    PROMETHEUS: {"cpu": 0.5, "memory": "512Mi"},
    ALERTMANAGER: {"cpu": 0.25, "memory": "128Mi"},
}
# Nobody is told until an inventory says who: its page shows what fires.
_NOBODY = {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}

_ALERTMANAGER_FILE = "alertmanager.yml"

Files = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Watch:
    """Prometheus and Alertmanager beside the platform.

    directory: absolute; holds the files. files: what `monitoring_files` gave.
    """

    directory: str
    files: Mapping[str, object]
    prometheus_port: int = 9090
    alertmanager_port: int = 9093

    @property
    def tells_somebody(self) -> bool:
        return self.files.get(_ALERTMANAGER_FILE) != _NOBODY

    @property
    def checksum(self) -> str:
        return checksum_of(self.files)


def monitoring_files(
    platform: Platform,
    monitoring: Monitoring,
    alertmanager: Mapping[str, Any] | None = None,
    prometheus_port: int = 9090,
    alertmanager_port: int = 9093,
) -> Files:
    """Content of each file by its name. alertmanager: its whole configuration, instead of one that tells nobody."""
    interval = f"{interval_seconds(platform)}s"
    return {
        "prometheus.yml": {
            "global": {
                "scrape_interval": interval,
                "evaluation_interval": interval,
                "external_labels": {"platform": platform.name},
            },
            "rule_files": [f"{CONFIG_DIR}/rules.yml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"{ALERTMANAGER}:{alertmanager_port}"]}]}]},
            "scrape_configs": [
                *(_scraped(name, *_metrics_of(platform, name)) for name in told_by(platform)),
                *([_scraped(EDGE, EDGE_METRICS_PORT, "/metrics")] if "edge" in monitoring.sources else []),
                # By the loopback interface: the network that its own name stands for may be any of its own.
                _scraped(PROMETHEUS, prometheus_port, "/metrics", host="127.0.0.1"),
                _scraped(ALERTMANAGER, alertmanager_port, "/metrics"),
            ],
        },
        "rules.yml": alerts(platform, monitoring),
        _ALERTMANAGER_FILE: dict(alertmanager or _NOBODY),
    }


def with_monitoring(platform: Platform, watch: Watch) -> Platform:
    """The platform with Prometheus, Alertmanager and the queue meter. As services they get limits, health and networks.

    Raises CatalogError if a port of theirs is taken.
    """
    own = {PROMETHEUS: watch.prometheus_port, ALERTMANAGER: watch.alertmanager_port}
    _refuse_taken(platform, own)
    added = {PROMETHEUS: _prometheus(watch), ALERTMANAGER: _alertmanager(watch)}
    metered = with_meter(platform)
    return metered.model_copy(update={"services": MappingProxyType({**metered.services, **added})})


def _refuse_taken(platform: Platform, own: Mapping[str, int]) -> None:
    taken = {
        **{("services", name): service.port for name, service in platform.services.items()},
        **{("stores", name): getattr(store, "port", None) for name, store in platform.stores.items()},
    }
    problems = [
        str(Problem((*at, "port"), f"{port} is published by {name} already; give one of the two another port"))
        for at, port in taken.items()
        for name, other in own.items()
        if port == other
    ]
    if problems:
        raise CatalogError(problems)


def _scraped(name: str, port: int, path: str, host: str = "") -> dict[str, Any]:
    target = {"targets": [f"{host or name}:{port}"], "labels": {"service": name}}
    return {"job_name": name, "metrics_path": path, "static_configs": [target]}


def _metrics_of(platform: Platform, name: str) -> tuple[int, str]:
    if name == METER and has_meter(platform):
        return METER_PORT, "/metrics"
    metrics = platform.services[name].metrics
    if metrics is None:
        raise ValueError(f"{name} has no metrics")
    return metrics.port, metrics.path


def _prometheus(watch: Watch) -> Service:
    url = f"http://127.0.0.1:{watch.prometheus_port}"
    return _service(
        PROMETHEUS,
        watch.prometheus_port,
        uses=[ALERTMANAGER],
        command=[
            f"--config.file={CONFIG_DIR}/prometheus.yml",
            f"--storage.tsdb.path={DATA_DIR}",
            *(f"--storage.tsdb.retention.{kind}={limit}" for kind, limit in _RETENTION.items()),
            f"--web.listen-address=0.0.0.0:{watch.prometheus_port}",
            f"--web.external-url={url}",
        ],
        health=["promtool", "query", "instant", url, "vector(1)"],
    )


def _alertmanager(watch: Watch) -> Service:
    url = f"http://127.0.0.1:{watch.alertmanager_port}"
    return _service(
        ALERTMANAGER,
        watch.alertmanager_port,
        uses=[],
        command=[
            f"--config.file={CONFIG_DIR}/{_ALERTMANAGER_FILE}",
            f"--storage.path={DATA_DIR}",
            f"--web.listen-address=0.0.0.0:{watch.alertmanager_port}",
            f"--web.external-url={url}",
            # There is one of it: it needs no gossip.
            "--cluster.listen-address=",
        ],
        health=["amtool", f"--alertmanager.url={url}", "config", "show"],
        # Whoever is to be told is elsewhere.
        egress="public" if watch.tells_somebody else "none",
    )


def _service(
    name: str, port: int, *, uses: list[str], command: list[str], health: list[str], egress: str = "none"
) -> Service:
    return Service.model_validate(
        {
            # Where it is built from, bake.py says.
            "image": {"dockerfile": f"{name}.Dockerfile", "context": "."},
            "port": port,
            "uses": uses,
            "command": [*command, "--log.format=json"],
            "health": {"exec": health},
            "resources": _RESOURCES[name],
            "egress": egress,
        }
    )
