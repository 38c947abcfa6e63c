# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a container may use, and how much it may write into its log."""

from __future__ import annotations

from typing import Annotated

from .entry import Entry, field
from .quantities import Cpu, CpuField, Memory, MemoryField, SizeField
from .scalars import count

MEBIBYTE = 2**20
Pids = Annotated[int, count(1, 32768, "a number of processes and threads")]

_OF_THE_NODE = "nothing: a setting of the node's kubelet; said by `manifests_notes`"


class Resources(Entry):
    """Hard limits of a container."""

    cpu: Annotated[
        CpuField,
        field(
            "CPU cores",
            compose="`cpus`",
            kubernetes="`limits`; a quarter of it in `requests`, which is what a busy node leaves it",
            examples=[0.5, "500m"],
        ),
    ] = Cpu(500)
    memory: Annotated[
        MemoryField,
        field(
            "Memory, with everything under /tmp and /dev/shm",
            compose="`mem_limit`, and the same with swap",
            kubernetes="`limits` and `requests`",
            examples=["256Mi"],
        ),
    ] = Memory(256 * MEBIBYTE, "256Mi")
    pids: Annotated[Pids, field("Processes and threads", compose="`pids_limit`", kubernetes=_OF_THE_NODE)] = 128


class TaskResources(Resources):
    """Hard limits of a task's container."""

    pids: Annotated[Pids, field("Processes and threads", compose="`pids_limit`", kubernetes=_OF_THE_NODE)] = 256


class Logging(Entry):
    """Rotation of the container's log."""

    max_size: Annotated[
        SizeField,
        field(
            "Size at which a log file is closed",
            compose="`max-size` of json-file",
            kubernetes=_OF_THE_NODE,
        ),
    ] = Memory(10 * MEBIBYTE, "10Mi")
    max_files: Annotated[
        Annotated[int, count(1, 100)],
        field(
            "Log files that are kept",
            compose="`max-file` of json-file; those that are closed are compressed",
            kubernetes=_OF_THE_NODE,
        ),
    ] = 3
