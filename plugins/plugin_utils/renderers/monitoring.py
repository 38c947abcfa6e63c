# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Prometheus, Alertmanager and node exporter as services of the platform, and their files.

https://prometheus.io/docs/prometheus/latest/configuration/configuration/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ..model.errors import CatalogError, Problem
from ..model.platform import Platform
from ..model.services import Service
from .alerts import alerts
from .alerts_parts import Monitoring, interval_seconds, told_by
from .backups import has_backups
from .config_files import checksum_of
from .edge.service import METRICS_PORT as EDGE_METRICS_PORT
from .meter import METER_PORT, has_meter, with_meter
from .names import ALERTMANAGER, EDGE, METER, NODE_EXPORTER, PROMETHEUS
from .pages import page

# In the containers: the folder with the files, and that of the data.
CONFIG_DIR = "/etc/prometheus"
DATA_DIR = "/data"
# Below the folder with the files: what Prometheus serves at /user, and links to as Consoles.
PAGES = "pages"
# In node exporter's: the folder with the files whose metrics it tells.
TEXTFILE_DIR = "/textfile"
_NODE_EXPORTER_PORT = 9100
_RETENTION = {"time": "15d", "size": "1GB"}
_RESOURCES = {
    PROMETHEUS: {"cpu": 0.5, "memory": "512Mi"},
    ALERTMANAGER: {"cpu": 0.25, "memory": "128Mi"},
    NODE_EXPORTER: {"cpu": 0.25, "memory": "128Mi"},
}
# Nobody is told until an inventory says who: its page shows what fires.
_NOBODY = {"route": {"receiver": "nobody"}, "receivers": [{"name": "nobody"}]}

_ALERTMANAGER_FILE = "alertmanager.yml"

# What is written as YAML, or a text.
Files = dict[str, Any]


@dataclass(frozen=True)
class Watch:
    """Prometheus and Alertmanager beside the platform.

    directory: absolute; holds the files. files: what `monitoring_files` gave.
    backup_metrics_dir: absolute; holds what backups tell of their age, which node exporter then passes on.
    """

    directory: str
    files: Mapping[str, object]
    prometheus_port: int = 9090
    alertmanager_port: int = 9093
    backup_metrics_dir: str = ""

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
                *(_scraped(name, port, "/metrics") for name, port in _sources_here(platform, monitoring)),
                # By the loopback interface: the network that its own name stands for may be any of its own.
                _scraped(PROMETHEUS, prometheus_port, "/metrics", host="127.0.0.1"),
                _scraped(ALERTMANAGER, alertmanager_port, "/metrics"),
            ],
        },
        "rules.yml": alerts(platform, monitoring),
        f"{PAGES}/index.html": page(platform, monitoring),
        _ALERTMANAGER_FILE: dict(alertmanager or _NOBODY),
    }


def with_monitoring(platform: Platform, watch: Watch) -> Platform:
    """The platform with what watches it, and the queue meter. As services they get limits, health and networks.

    Raises CatalogError if a port of theirs is taken.
    """
    own = {PROMETHEUS: watch.prometheus_port, ALERTMANAGER: watch.alertmanager_port}
    _refuse_taken(platform, own)
    added = {PROMETHEUS: _prometheus(watch), ALERTMANAGER: _alertmanager(watch)}
    if watch.backup_metrics_dir and has_backups(platform):
        added[NODE_EXPORTER] = _node_exporter()
    metered = with_meter(platform)
    return metered.model_copy(update={"services": MappingProxyType({**metered.services, **added})})


def _sources_here(platform: Platform, monitoring: Monitoring) -> Iterator[tuple[str, int]]:
    """The containers that bring what the platform's own programs do not have, and their ports."""
    if "backups" in monitoring.sources and has_backups(platform):
        yield NODE_EXPORTER, _NODE_EXPORTER_PORT
    if "edge" in monitoring.sources:
        yield EDGE, EDGE_METRICS_PORT


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
            f"--web.user-assets={CONFIG_DIR}/{PAGES}",
        ],
        health={"exec": ["promtool", "query", "instant", url, "vector(1)"]},
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
        health={"exec": ["amtool", f"--alertmanager.url={url}", "config", "show"]},
        # Whoever is to be told is elsewhere.
        egress="public" if watch.tells_somebody else "none",
    )


def _node_exporter() -> Service:
    """Of this machine it tells nothing."""
    return _service(
        NODE_EXPORTER,
        _NODE_EXPORTER_PORT,
        uses=[],
        command=[
            "/usr/bin/prometheus-node-exporter",
            "--collector.disable-defaults",
            "--collector.textfile",
            f"--collector.textfile.directory={TEXTFILE_DIR}",
            f"--web.listen-address=0.0.0.0:{_NODE_EXPORTER_PORT}",
        ],
        health={"http": "/"},
    )


def _service(
    name: str, port: int, *, uses: list[str], command: list[str], health: Mapping[str, object], egress: str = "none"
) -> Service:
    return Service.model_validate(
        {
            # Where it is built from, bake.py says.
            "image": {"dockerfile": f"{name}.Dockerfile", "context": "."},
            "port": port,
            "uses": uses,
            "command": [*command, "--log.format=json"],
            "health": health,
            "resources": _RESOURCES[name],
            "egress": egress,
        }
    )
