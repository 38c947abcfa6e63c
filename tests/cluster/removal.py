# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Ends a cluster and undoes what was done for it on the machine, whatever state it is in."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time

from ansible_collections.bunops.platform.tests.cluster import host, state

LIMIT = 30.0


def sweep() -> None:
    """Remove what clusters have left that were killed, or whose starter was."""
    with state.removing():
        for known in state.every():
            if not known.alive:
                remove(known, None)


def remove(known: state.State, process: subprocess.Popen[bytes] | None) -> None:
    """End the processes, then undo what was done on the machine; each step can be done again."""
    if known.first:
        _end(known.first)
    if process:
        if process.stdin:
            process.stdin.close()
        process.wait(LIMIT)
    host.disconnect(known.network)
    host.remove_cgroup(known.network)
    shutil.rmtree(known.root, ignore_errors=True)
    known.forget()


def _end(first: state.Process) -> None:
    """Kill the cluster's first process: the kernel kills all others before it lets that one go."""
    if first.alive:
        os.kill(first.pid, signal.SIGKILL)
    end = time.monotonic() + LIMIT
    while first.alive:
        if time.monotonic() > end:
            raise TimeoutError(f"Process {first.pid} and those below it have not ended within {LIMIT:g} s.")
        time.sleep(0.02)
