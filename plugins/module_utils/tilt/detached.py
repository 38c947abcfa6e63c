# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A process that outlives the module, and the end of one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from typing import Mapping, Sequence

from ansible_collections.bunops.platform.plugins.module_utils import runner

LOG_MODE = 0o600
_FOLDER_MODE = 0o700
_INTERVAL = 0.05


def start(argv: Sequence[str], env: Mapping[str, str], folder: str, log: str) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, with nothing to read; what it prints goes to the file `log`, anew.

    Raises runner.ToolMissing, OSError.
    """
    program = runner.find_tool(argv[0], env)
    os.makedirs(os.path.dirname(log), mode=_FOLDER_MODE, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW
    descriptor = os.open(log, flags, LOG_MODE)
    try:
        # It may be there from before, readable for more.
        os.fchmod(descriptor, LOG_MODE)
        # Arguments are a list and no shell is involved.
        return subprocess.Popen(
            [program, *argv[1:]],
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=dict(env),
            start_new_session=True,
        )
    finally:
        os.close(descriptor)


def end(pid: int, grace: float) -> bool:
    """End a process: SIGTERM, and SIGKILL after grace seconds; whether it is gone."""
    with contextlib.suppress(ProcessLookupError):
        for number in (signal.SIGTERM, signal.SIGKILL):
            os.kill(pid, number)
            limit = time.monotonic() + grace
            while time.monotonic() < limit:
                if not is_running(pid):
                    return True
                time.sleep(_INTERVAL)
        return False
    return True


def is_running(pid: int) -> bool:
    """Whether there is such a process, other than a child that has ended and was not asked for yet."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    return True
