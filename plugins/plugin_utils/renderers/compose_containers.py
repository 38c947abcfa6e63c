# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is the same for every container: rights, limits, logging, health, environment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from ..model.health import ExecHealth, Health, HealthTiming
from ..model.images import Image, TakenImage
from ..model.limits import MEBIBYTE, Logging, Resources
from ..model.platform import Platform
from .compose_text import size
from .names import SCRATCH, SCRATCH_BYTES, USER, image_of

Definition = dict[str, object]


def container(
    platform: Platform,
    name: str,
    image: Image | None,
    resources: Resources,
    logging: Logging | None = None,
) -> Definition:
    """A container with no rights beyond running: what it needs on top is added by the caller."""
    return {
        "image": image_of(platform, name, image),
        "pull_policy": None if isinstance(image, TakenImage) else "never",
        "user": USER,
        "init": True,
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "tmpfs": [f"{SCRATCH}:size={SCRATCH_BYTES // MEBIBYTE}m,mode=1777"],
        "cpus": resources.cpu.plain(),
        "mem_limit": size(resources.memory),
        "memswap_limit": size(resources.memory),
        "pids_limit": resources.pids,
        "restart": "unless-stopped",
        "logging": log_rotation(logging or Logging()),
    }


def connected(keys: Sequence[str]) -> Definition:
    """Membership in these networks; a container in none gets no network at all."""
    return {"networks": list(keys)} if keys else {"network_mode": "none"}


def published(port: int) -> Definition:
    """A port that only this machine can reach."""
    return {"host_ip": "127.0.0.1", "published": str(port), "target": port, "protocol": "tcp"}


def health_check(health: Health, port: int | None) -> Definition:
    """The service's own check, as a command run inside of its container."""
    if isinstance(health, ExecHealth):
        return timed(["CMD", *health.exec], health)
    return timed(http_test(port or 0, health.http, health.timeout.seconds), health)


def http_test(port: int, path: str, seconds: int) -> list[str]:
    """A GET by Bun, so that images need no curl; healthy as for a kubelet: 200 to 399.

    https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
    """
    script = (
        f"fetch({json.dumps(f'http://127.0.0.1:{port}{path}')},"
        f"{{redirect:'manual',signal:AbortSignal.timeout({seconds * 1000})}})"
        ".then(r=>process.exit(r.status<400?0:1),()=>process.exit(1))"
    )
    return ["CMD", "bun", "-e", script]


def timed(test: Sequence[str], timing: HealthTiming) -> Definition:
    return {
        "test": list(test),
        "interval": timing.interval.text,
        "timeout": timing.timeout.text,
        "retries": timing.retries,
        "start_period": timing.start_period.text,
        # Engine 25 and later: how soon a start is noticed.
        "start_interval": "500ms",
    }


def waits_for(names: Sequence[str]) -> Definition | None:
    return {name: {"condition": "service_healthy"} for name in names} or None


def values(variables: Mapping[str, str]) -> dict[str, str] | None:
    return dict(variables) or None


def log_rotation(logging: Logging) -> Definition:
    """https://docs.docker.com/engine/logging/drivers/json-file/"""
    # The driver reads `m` as 10^6 bytes, so the size goes in bytes.
    options = {"max-size": str(logging.max_size.bytes), "max-file": str(logging.max_files)}
    if logging.max_files > 1:
        # Files that are closed. With a single one there is none, and the engine refuses the option.
        options["compress"] = "true"
    return {"driver": "json-file", "options": options}
