# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Logs on their way to a store: Docker hands them to a collector, which sends them on.

The engine's driver `fluentd` needs nobody at the other end for a container to start, keeps what it cannot hand over,
and keeps a copy for `docker logs`. https://docs.docker.com/engine/logging/drivers/fluentd/
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..model.injection import SECRETS_DIR
from ..model.limits import MEBIBYTE, Resources
from ..model.log_store import LogStore
from ..model.platform import Platform
from .compose_containers import Definition, connected, container, published
from .names import LOG_COLLECTOR

# Attributes of a resource in OpenTelemetry's own words, and labels of containers:
# https://opentelemetry.io/docs/specs/semconv/resource/service/
_SERVICE, _NAMESPACE = "service.name", "service.namespace"
# Lines that the engine keeps of a container while nobody takes them.
_ENGINE_LINES = 16384
_RESOURCES = Resources.model_validate({"cpu": 0.5, "memory": "256Mi", "pids": 64})
# While the store takes nothing. The newest lines are left out when it is full.
_QUEUE_BYTES = 64 * MEBIBYTE
_BATCH_BYTES = 2 * MEBIBYTE
_GO_BYTES = 200 * MEBIBYTE


def collector(platform: Platform, store: LogStore, networks: Sequence[str]) -> Definition:
    """The container that takes the logs of all others. Its own stays here: it would tell of itself without an end."""
    return {
        **container(platform, LOG_COLLECTOR, None, _RESOURCES),
        "image": store.image,
        "pull_policy": None,
        "command": ["--config=env:COLLECTOR_CONFIG"],
        "environment": {
            "COLLECTOR_CONFIG": json.dumps(collector_config(store), sort_keys=True),
            "GOMEMLIMIT": str(_GO_BYTES),
        },
        **connected(networks),
        "ports": [published(store.port)],
        "secrets": [store.authorization] if store.authorization else None,
    }


def shipped(platform: Platform, store: LogStore, name: str, definition: Mapping[str, Any]) -> Definition:
    """A container's definition, with its log handed to the collector within the same limits."""
    limits = definition["logging"]["options"]
    copy = {f"cache-{option}": value for option, value in limits.items()}
    options = {
        "fluentd-address": f"tcp://127.0.0.1:{store.port}",
        "fluentd-async": "true",
        "fluentd-buffer-limit": str(_ENGINE_LINES),
        # The collector says that it has a line before the engine forgets it.
        "fluentd-request-ack": "true",
        "fluentd-sub-second-precision": "true",
        "labels": f"{_SERVICE},{_NAMESPACE}",
        "tag": f"{platform.name}.{name}",
        **copy,
    }
    labels = {**(definition.get("labels") or {}), _SERVICE: name, _NAMESPACE: platform.name}
    return {**definition, "labels": labels, "logging": {"driver": "fluentd", "options": options}}


def collector_config(store: LogStore) -> dict[str, Any]:
    """https://opentelemetry.io/docs/collector/configuration/"""
    sent = {"Authorization": f"${{file:{SECRETS_DIR}/{store.authorization}}}"} if store.authorization else {}
    exporter = {
        "endpoint": store.url.rstrip("/"),
        "headers": sent,
        "sending_queue": {
            "sizer": "bytes",
            "queue_size": _QUEUE_BYTES,
            "batch": {"sizer": "bytes", "min_size": _BATCH_BYTES // 4, "max_size": _BATCH_BYTES, "flush_timeout": "1s"},
        },
        # For as long as it takes.
        "retry_on_failure": {"initial_interval": "1s", "max_interval": "15s", "max_elapsed_time": "0s"},
    }
    return {
        "receivers": {"fluent_forward": {"endpoint": f"0.0.0.0:{store.port}"}},
        # What is the same for all lines of a container stands once, where stores look for it.
        "processors": {"groupbyattrs": {"keys": [_SERVICE, _NAMESPACE]}},
        "exporters": {"otlp_http": exporter},
        "service": {
            "pipelines": {
                "logs": {"receivers": ["fluent_forward"], "processors": ["groupbyattrs"], "exporters": ["otlp_http"]}
            },
            "telemetry": {"logs": {"encoding": "json", "level": "info"}, "metrics": {"level": "none"}},
        },
    }
