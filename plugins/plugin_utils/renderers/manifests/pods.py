# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is the same for every pod: rights, limits, folders, no way to the API server.

https://kubernetes.io/docs/concepts/security/pod-security-standards/ (restricted)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...model.images import Image, TakenImage
from ...model.limits import Resources
from ...model.quantities import Cpu
from ..names import USER
from .cluster import Cluster
from .parts import Object, Part, literal
from .quantities import cpu_text, memory_text
from .volumes import Volume

# A kubelet keeps 50 MiB of a container's log; nothing else is written to a node's disk.
_NODE_DISK = "128Mi"
_SMALLEST_CPU = 10
_USER, _GROUP = (int(number) for number in USER.split(":"))
_LOW_PORTS = {"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}


def container(part: Part, image: str, resources: Resources, volumes: Sequence[Volume]) -> Object:
    """A container with no rights beyond running; the caller adds what its program is told."""
    return {
        "name": part.name,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "resources": _limits(resources),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [mount for volume in volumes for mount in volume.mounts],
    }


def pod(part: Part, program: Object, volumes: Sequence[Volume], **spec: object) -> Object:
    """A pod's template with one container. spec: what it needs on top."""
    sources = [volume.volume for volume in volumes if volume.volume]
    return {
        "metadata": {"labels": part.labels},
        "spec": {
            "automountServiceAccountToken": False,
            "containers": [program],
            "enableServiceLinks": False,
            "securityContext": identity(),
            "serviceAccountName": part.name,
            "volumes": sources,
            **spec,
        },
    }


def identity(seccomp_profile: str = "", groups: Sequence[int] = (), port: int | None = None) -> Object:
    """Who a pod's processes are. seccomp_profile: a file on the node instead of the runtime's own."""
    localhost = {"type": "Localhost", "localhostProfile": seccomp_profile}
    return {
        "fsGroup": _GROUP,
        # Otherwise every start would walk through the whole volume.
        "fsGroupChangePolicy": "OnRootMismatch",
        "runAsGroup": _GROUP,
        "runAsNonRoot": True,
        "runAsUser": _USER,
        "seccompProfile": localhost if seccomp_profile else {"type": "RuntimeDefault"},
        "supplementalGroups": list(groups) or None,
        "sysctls": [_LOW_PORTS] if port and port < 1024 else None,
    }


def variables(values: Mapping[str, str]) -> list[Object] | None:
    return [{"name": name, "value": literal(values[name])} for name in sorted(values)] or None


def service_account(part: Part) -> Object:
    return part.object("v1", "ServiceAccount", {"automountServiceAccountToken": False})


def image_of(cluster: Cluster, name: str, image: Image | None) -> str:
    """By digest where it is built here or the cluster's images name it; else as the catalog has it."""
    if name in cluster.images or not isinstance(image, TakenImage):
        return cluster.images[name]
    return image.ref


def cpu_request(cpu: Cpu) -> Cpu:
    """What a busy node leaves to a container: a quarter of its limit, for few need all of it at once."""
    return Cpu(max(_SMALLEST_CPU, -(-cpu.millicores // 4)))


def _limits(resources: Resources) -> Object:
    common = {"ephemeral-storage": _NODE_DISK, "memory": memory_text(resources.memory)}
    return {
        "limits": {**common, "cpu": cpu_text(resources.cpu)},
        "requests": {**common, "cpu": cpu_text(cpu_request(resources.cpu))},
    }
