# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A store: one pod with a volume that outlives it, and its address."""

from __future__ import annotations

from collections.abc import Sequence

from ...model.injection import url_scheme
from ...model.platform import Platform
from ...model.quantities import Duration
from ...model.stores import LocalStore
from ..stores import StoreProgram, store_program
from .cluster import Cluster
from .parts import Object, Part, literal, part_of
from .pods import container, image_of, pod, service_account
from .probes import probes
from .quantities import memory_text
from .services import address, container_port, disruption_budget
from .volumes import Volume, secret_files, service_scratch

_DATA = "data"
# Docker leaves a container alone that starts slowly. A kubelet begins anew, and a large volume would never be read.
_START_PERIOD = Duration(600, "10m")
# Writing down what is in memory takes a store longer than a service's last answer.
_STOP_SECONDS = 60
_OLD_REVISIONS = 3


def store_objects(platform: Platform, cluster: Cluster, name: str, store: LocalStore) -> list[Object]:
    """Its Service is headless, as a StatefulSet asks for: it is one pod, and its name stands for it."""
    part, program = part_of(platform, cluster, name), store_program(platform, name, store)
    return [
        service_account(part),
        address(part, url_scheme(store), store.port, headless=True),
        disruption_budget(part),
        _stateful_set(cluster, part, store, program),
    ]


def _stateful_set(cluster: Cluster, part: Part, store: LocalStore, program: StoreProgram) -> Object:
    files = {program.users.file: program.users.secret} if program.users else {}
    volumes = [service_scratch(), Volume(_DATA, None, (program.data_dir,)), *secret_files(cluster, files)]
    template = pod(
        part, _program(cluster, part, store, program, volumes), volumes, terminationGracePeriodSeconds=_STOP_SECONDS
    )
    spec = {
        "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
        # In order, a pod that never gets ready would keep the one that mends it from being made.
        "podManagementPolicy": "Parallel",
        "replicas": 1,
        "revisionHistoryLimit": _OLD_REVISIONS,
        "selector": {"matchLabels": part.selector},
        "serviceName": part.name,
        "template": template,
        "updateStrategy": {"type": "RollingUpdate"},
        "volumeClaimTemplates": [_claim(part, store)],
    }
    return part.object("apps/v1", "StatefulSet", {"spec": spec})


def _program(
    cluster: Cluster, part: Part, store: LocalStore, program: StoreProgram, volumes: Sequence[Volume]
) -> Object:
    port = url_scheme(store)
    return {
        **container(part, image_of(cluster, part.name, store.image), store.resources, volumes),
        **probes(program.health.model_copy(update={"start_period": _START_PERIOD}), port),
        "args": [literal(word) for word in program.command],
        "ports": container_port(port, store.port),
    }


def _claim(part: Part, store: LocalStore) -> Object:
    """Written out as the API server keeps it: it compares and replaces the list of claims as a whole."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": _DATA, "labels": part.labels},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": memory_text(store.volume)}},
            "storageClassName": store.storage_class,
            "volumeMode": "Filesystem",
        },
        "status": {"phase": "Pending"},
    }
