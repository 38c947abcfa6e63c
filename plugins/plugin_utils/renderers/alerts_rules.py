# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The alerts on what is not counted in requests: services, queues, Redis, and what has to be kept up."""

from __future__ import annotations

from collections.abc import Iterator

from ..model.platform import Platform
from .alerts_parts import Monitoring, Rule, alert, any_of, interval_seconds, measured_stores, scaling_limits, told_by
from .names import EDGE

_MINUTE, _HOUR = 60, 3600
_DAILY_AND_A_BIT = 26 * _HOUR
_CERTIFICATE_DAYS = 14
_RESTARTS = 3
_MEMORY = 0.85


def service_rules(platform: Platform, monitoring: Monitoring) -> Iterator[Rule]:
    names = told_by(platform)
    if not names:
        return
    of = monitoring.series(any_of(names))
    yield alert(
        "ServiceDown",
        f"max by (service) (up{of}) == 0",
        seconds=2 * _MINUTE,
        severity="page",
        summary="{{ $labels.service }} does not answer Prometheus",
        description="No container of {{ $labels.service }} has answered for 2 minutes.",
    )
    yield alert(
        "ServiceCrashLoops",
        f"changes(process_start_time_seconds{of}[15m]) > {_RESTARTS}",
        severity="page",
        summary="{{ $labels.service }} starts again and again",
        description="{{ $labels.service }} has started {{ $value }} times within 15 minutes.",
    )


def queue_rules(platform: Platform, monitoring: Monitoring) -> Iterator[Rule]:
    for queue, name, limit in scaling_limits(platform):
        matchers = f'store="{queue.store}",queue="{queue.name}"'
        of = monitoring.series(matchers)
        # One that is delayed waits from when it is due.
        waits = monitoring.series(f'{matchers},state!="active"')
        labels = {"service": name, "store": queue.store, "queue": queue.name}
        pause = 2 * interval_seconds(platform)
        yield alert(
            "OldestJobTooOld",
            f"max by (store, queue) (queue_oldest_job_seconds{waits}) > {limit}"
            f" unless max by (store, queue) (queue_paused{of}) == 1",
            seconds=pause,
            severity="page",
            summary=f"Jobs wait too long in the queue {queue.name}",
            description="A job that could be done has waited for {{ $value | humanizeDuration }}; "
            f"{platform.services[name].objectives.oldest_job.text} is what the catalog allows.",
            labels=labels,
        )
        if platform.services[name].metrics:
            # Long enough for a counter to be read twice, and for a job to end; half to see it, half to be sure.
            half = max(limit // 2, 4 * interval_seconds(platform))
            ended = monitoring.series(f'service="{name}",result=~"done|failed"')
            done = f"sum(increase(jobs_total{ended}[{half}s])) > 0"
            yield alert(
                "QueueDoesNotMove",
                f"max by (store, queue) (queue_demand{of}) > 0 unless on () ({done})",
                seconds=half,
                severity="page",
                summary=f"{name} ends no job of the queue {queue.name}",
                description="{{ $value }} jobs are there to be done, " + f"and for {2 * half} s none has ended.",
                labels=labels,
            )
        yield alert(
            "QueueNotMeasured",
            f"max by (store, queue) (queue_meter_up{of}) == 0",
            seconds=5 * _MINUTE,
            severity="ticket",
            summary=f"Nobody knows how much is in the queue {queue.name}",
            description="The queue meter cannot measure it, so nothing scales, and no other alert tells of the queue.",
            labels=labels,
        )


def redis_rules(platform: Platform, monitoring: Monitoring) -> Iterator[Rule]:
    for store in measured_stores(platform):
        of = monitoring.series(f'store="{store}"')
        labels = {"store": store}
        yield alert(
            "RedisMemoryHigh",
            f"redis_memory_used_bytes{of} / (redis_memory_max_bytes{of} > 0) > {_MEMORY}",
            seconds=5 * _MINUTE,
            severity="page",
            summary=f"The memory of {store} is almost full",
            description="{{ $value | humanizePercentage }} are used. When all is, it refuses new jobs.",
            labels=labels,
        )
        writes = [f"redis_{kind}{of} == 0" for kind in ("aof_last_write_status", "aof_last_bgrewrite_status")]
        yield alert(
            "RedisPersistenceFails",
            " or ".join([*writes, f"redis_rdb_last_bgsave_status{of} == 0"]),
            seconds=_MINUTE,
            severity="page",
            summary=f"{store} cannot write to its disk",
            description="{{ $labels.__name__ }} says so. Until it can, it refuses new jobs or loses them at a restart.",
            labels=labels,
        )


def kubernetes_rules(monitoring: Monitoring) -> Iterator[Rule]:
    if "kube_state_metrics" in monitoring.sources:
        of = f'{{namespace="{monitoring.namespace}"}}'
        yield alert(
            "ReplicasAtMaximum",
            f"kube_horizontalpodautoscaler_status_current_replicas{of} >= on (namespace, horizontalpodautoscaler)"
            f" kube_horizontalpodautoscaler_spec_max_replicas{of}",
            seconds=15 * _MINUTE,
            severity="ticket",
            summary="{{ $labels.horizontalpodautoscaler }} cannot scale further",
            description="It has had all {{ $value }} replicas that the catalog allows for 15 minutes.",
        )


def upkeep_rules(platform: Platform, monitoring: Monitoring) -> Iterator[Rule]:
    if "backups" in monitoring.sources:
        last = f'bunops_backup_last_success_timestamp_seconds{{platform="{platform.name}"}}'
        yield alert(
            "BackupTooOld",
            f"time() - max by (store) ({last}) > {_DAILY_AND_A_BIT}",
            severity="ticket",
            summary="The backup of {{ $labels.store }} is too old",
            description="The last good one was made {{ $value | humanizeDuration }} ago, more than 26 hours.",
        )
    if "cert_manager" in monitoring.sources:
        of = f'{{namespace="{monitoring.namespace}"}}'
        yield alert(
            "CertificateExpiresSoon",
            f"certmanager_certificate_expiration_timestamp_seconds{of} - time() < {_CERTIFICATE_DAYS * 24 * _HOUR}",
            seconds=_HOUR,
            severity="ticket",
            summary="The certificate {{ $labels.name }} expires soon",
            description="It is good for {{ $value | humanizeDuration }} more, and was not renewed.",
        )
    if "edge" in monitoring.sources:
        of = monitoring.series(f'service="{EDGE}"')
        yield alert(
            "CertificateExpiresSoon",
            f"min by (service) (envoy_server_days_until_first_cert_expiring{of}) < {_CERTIFICATE_DAYS}",
            seconds=_HOUR,
            severity="ticket",
            summary="The certificate of the edge expires soon",
            description="It is good for {{ $value }} days more, and was not renewed.",
        )
    if "external_secrets" in monitoring.sources:
        ready = (
            f'externalsecret_status_condition{{namespace="{monitoring.namespace}",condition="Ready",status="False"}}'
        )
        yield alert(
            "SecretSyncStale",
            f"max by (namespace, name) ({ready}) == 1",
            seconds=_HOUR,
            severity="ticket",
            summary="The secret {{ $labels.name }} is not kept up to date",
            description="External Secrets Operator has not been able to read its source for an hour.",
        )


def watchdog() -> Rule:
    return alert(
        "Watchdog",
        "vector(1)",
        severity="none",
        summary="Alerts arrive",
        description="It fires always. Have a dead man's switch tell you when it stops.",
    )
