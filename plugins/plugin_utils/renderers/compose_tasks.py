# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Tasks as Compose services of scale 0: their networks are there, and runs by hand work."""

from __future__ import annotations

from collections.abc import Sequence

from ..model.injection import task_variables
from ..model.limits import MEBIBYTE
from ..model.platform import Platform
from ..model.tasks import Task
from .compose_containers import Definition, connected, container
from .names import SCRATCH


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


def task_environment(platform: Platform, name: str) -> dict[str, str]:
    """All variables of a task's containers, the same however they are started."""
    given = {key: variable.value for key, variable in task_variables(platform, name).items()}
    return {**given, **platform.tasks[name].env}


def shared_memory(task: Task) -> int:
    """Bytes of /dev/shm; Docker's own 64 MiB are too few for a browser's pages."""
    return (64 if task.browser == "none" else 256) * MEBIBYTE


def scratch(task: Task) -> int:
    """Bytes of /tmp; a browser keeps its profile there."""
    return (64 if task.browser == "none" else 256) * MEBIBYTE
