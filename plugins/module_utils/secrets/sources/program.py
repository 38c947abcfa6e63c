# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Programs whose output is a secret: it stays in memory, where that of the module's other programs is in files."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from typing import Mapping, NamedTuple, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError


class Ended(NamedTuple):
    """What a program left: its exit code, negative for a signal's number, and its output."""

    code: int
    stdout: bytes
    stderr: str


def run(argv: Sequence[str], environment: Mapping[str, str], seconds: float, stdin: bytes = b"") -> Ended:
    """Run a program to its end. Raises SecretError: it cannot be started, or takes too long."""
    program = shutil.which(argv[0], path=environment.get("PATH"))
    if program is None:
        raise SecretError(f"cannot be read: the program {argv[0]} is not there; expected it on the PATH")
    try:
        # Arguments are a list and no shell is involved.
        process = subprocess.Popen(
            [program, *argv[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            start_new_session=True,
        )
    except OSError as error:
        raise SecretError(f"cannot be read: {program} cannot be executed: {error.strerror}") from None
    try:
        stdout, stderr = process.communicate(stdin, seconds)
    except subprocess.TimeoutExpired:
        _stop(process)
        message = f"cannot be read: {argv[0]} runs longer than {seconds:g} s; expected it to end by then"
        raise SecretError(message) from None
    except BaseException:
        _stop(process)
        raise
    return Ended(process.returncode, stdout, stderr.decode("utf-8", "replace"))


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End it and everything that it started."""
    with process, contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
