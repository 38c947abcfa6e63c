# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a task's containers get, on every target."""

from __future__ import annotations

from ..model.injection import task_variables
from ..model.limits import MEBIBYTE
from ..model.platform import Platform
from ..model.tasks import Task
from .names import SCRATCH_BYTES

_OF_A_BROWSER = 256 * MEBIBYTE


def task_environment(platform: Platform, name: str) -> dict[str, str]:
    """All variables of a task's containers, the same however they are started."""
    given = {key: variable.value for key, variable in task_variables(platform, name).items()}
    return {**given, **platform.tasks[name].env}


def shared_memory(task: Task) -> int:
    """Bytes of /dev/shm; Docker's own 64 MiB are too few for a browser's pages."""
    return 64 * MEBIBYTE if task.browser == "none" else _OF_A_BROWSER


def scratch(task: Task) -> int:
    """Bytes of /tmp; a browser keeps its profile there."""
    return SCRATCH_BYTES if task.browser == "none" else _OF_A_BROWSER
