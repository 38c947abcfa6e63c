# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which alerts are left out, because nothing tells what they watch."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.errors import words
from ..model.platform import Platform
from .alerts_parts import Monitoring, Source, measured_stores, scaling_limits
from .names import local_stores


def alerts_notes(platform: Platform, monitoring: Monitoring) -> list[str]:
    """One sentence per alert that is left out, and why."""
    return [*_without_metrics(platform), *_without_queue(platform), *_without_source(monitoring)]


def _without_metrics(platform: Platform) -> Iterator[str]:
    silent = [name for name, service in platform.services.items() if service.metrics is None]
    if silent:
        yield (
            "ServiceDown, ServiceCrashLoops, AvailabilityBudgetBurnsFast and its like: "
            f"{words(silent)} has no `metrics` in the catalog"
        )
    deaf = [name for name, service in platform.services.items() if service.metrics and service.port is None]
    if deaf:
        yield f"AvailabilityBudgetBurnsFast and its like: {words(deaf)} has no port, so it answers no requests"


def _without_queue(platform: Platform) -> Iterator[str]:
    queues = scaling_limits(platform)
    if not queues:
        yield "OldestJobTooOld, QueueDoesNotMove, QueueNotMeasured: no queue scales a service, so none is measured"
    mute = [name for _queue, name, _limit in queues if platform.services[name].metrics is None]
    if mute:
        yield f"QueueDoesNotMove: {words(mute)} has no `metrics`, so nobody counts the jobs that it ends"
    redis = {name for name, store in local_stores(platform).items() if store.kind == "redis"}
    left = sorted(redis - set(measured_stores(platform)))
    if left:
        yield (
            f"RedisMemoryHigh, RedisPersistenceFails: the queue meter tells them, and {words(left)} has no queue "
            "that scales a service"
        )


_NEEDS: dict[Source, str] = {
    "kube_state_metrics": "ReplicasAtMaximum: kube-state-metrics tells the replicas of autoscalers",
    "backups": "BackupTooOld: who makes backups tells bunops_backup_last_success_timestamp_seconds",
    "cert_manager": "CertificateExpiresSoon: cert-manager tells how long its certificates are good",
    "edge": "CertificateExpiresSoon of the edge: its Envoy tells how long its certificate is good",
    "external_secrets": "SecretSyncStale: External Secrets Operator tells whether secrets are up to date",
}


def _without_source(monitoring: Monitoring) -> Iterator[str]:
    for source, text in _NEEDS.items():
        if source not in monitoring.sources:
            yield f"{text}, and {source} is not among the sources here"
