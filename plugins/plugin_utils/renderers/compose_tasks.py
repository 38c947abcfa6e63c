# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Tasks as Compose services of scale 0: their networks are there, and runs by hand work."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.limits import MEBIBYTE
from ..model.platform import Platform
from ..model.tasks import Task
from .compose_containers import Definition, connected, container
from .names import SCRATCH
from .tasks import scratch, shared_memory, task_environment


def task_container(platform: Platform, name: str, task: Task, networks: Sequence[str], docker_dir: str) -> Definition:
    """`docker_dir` holds seccomp/chrome.json, which Chromium's own sandbox needs."""
    definition = {
        **container(platform, name, task.image, task.resources),
        **connected(networks),
        "environment": task_environment(platform, name),
        "restart": "no",
        "scale": 0,
        "shm_size": f"{shared_memory(task) // MEBIBYTE}m",
        "tmpfs": [f"{SCRATCH}:size={scratch(task) // MEBIBYTE}m,mode=1777"],
    }
    if task.browser != "none":
        profile = f"seccomp:{docker_dir}/seccomp/chrome.json"
        definition["security_opt"] = ["no-new-privileges:true", profile]
    return definition
