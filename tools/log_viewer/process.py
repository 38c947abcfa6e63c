# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs the programs that have the logs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from .problem import Problem

_LIMIT_SECONDS = 60


def said(command: Sequence[str], environment: Mapping[str, str]) -> str:
    """What a short command prints. Raises Problem."""
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=_LIMIT_SECONDS, check=False
        )
    except FileNotFoundError:
        raise _missing(command) from None
    except subprocess.TimeoutExpired:
        raise Problem(f"{command[0]} has not answered for {_LIMIT_SECONDS} s") from None
    if done.returncode:
        raise _failure(command, done.stderr)
    return done.stdout.decode(errors="replace")


@dataclass(frozen=True)
class Running:
    """A command that prints a log. errors: the file of its errors."""

    command: Sequence[str]
    process: subprocess.Popen[bytes]
    errors: IO[bytes]

    def lines(self) -> Iterator[str]:
        """What it prints, until it ends."""
        for line in self.process.stdout or ():
            yield line.decode(errors="replace").rstrip("\r\n")

    def end(self) -> None:
        """Wait for its end. Raises Problem if it has failed."""
        if self.process.wait():
            self.errors.seek(0)
            raise _failure(self.command, self.errors.read())


@contextlib.contextmanager
def running(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[Running]:
    """It goes on until it ends or is left. Raises Problem if it is not installed."""
    with tempfile.TemporaryFile() as errors:
        try:
            # In a group of its own: Ctrl-C is for us.
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise _missing(command) from None
        try:
            yield Running(command, process, errors)
        finally:
            if process.poll() is None:
                # With its own children. They only read: there is nothing to wait for.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _failure(command: Sequence[str], errors: bytes) -> Problem:
    """With the line that says why: stern has its usage below, Compose warnings above."""
    lines = [line.strip() for line in errors.decode(errors="replace").splitlines() if line.strip()]
    reasons = (
        [line for line in lines if line.lower().startswith("error")] or lines[-1:] or ["failed, and does not say why"]
    )
    return Problem(f"{command[0]}: {reasons[0]}")


def _missing(command: Sequence[str]) -> Problem:
    return Problem(f"{command[0]} is not installed, or not on the PATH")
