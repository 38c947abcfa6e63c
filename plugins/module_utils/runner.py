# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Child processes of the modules: one place for time limits, redaction and ending whole process groups.

Nothing here interprets what a tool prints; callers use exit codes and JSON output.
"""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Iterable, Mapping, NamedTuple, Optional, Sequence

# How long a process group may take to end after SIGTERM before it gets SIGKILL, in seconds.
STOP_GRACE = 5.0
MASK = "********"


class RunnerError(Exception):
    """A child process could not do its work; the text is one sentence for people."""


class ToolMissing(RunnerError):
    """The program is not on the PATH or cannot be executed."""


class ToolTimeout(RunnerError):
    """The program was ended because it took longer than its time limit."""


class Completed(NamedTuple):
    """What an ended process left: exit code (negative: signal number) and its output as text."""

    rc: int
    stdout: str
    stderr: str


def redact(text: str, secrets: Iterable[str]) -> str:
    """Replace every given secret in the text; longer ones first, so that none survives in part."""
    for secret in sorted({value for value in secrets if value}, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def last_lines(text: str, count: int, width: int = 500) -> list[str]:
    """The last non-empty lines of a text, each cut to width characters."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return [line[:width] for line in lines[-count:]]


def find_tool(name: str, env: Optional[Mapping[str, str]] = None) -> str:
    """Absolute path of a program on the PATH. Raises ToolMissing."""
    path = (env if env is not None else os.environ).get("PATH")
    found = shutil.which(name, path=path)
    if found is None:
        raise ToolMissing(f"The program '{name}' is not installed or not on the PATH.")
    return found


def wait_for_end(process: subprocess.Popen[bytes], timeout: Optional[float]) -> None:
    """Like Popen.wait(), which looks only every 50 ms when it has a time limit. Raises subprocess.TimeoutExpired."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        # Python before 3.9, another system than Linux, or a process that has been waited for.
        process.wait(timeout)
        return
    try:
        ended, _unused, _unused = select.select([descriptor], [], [], timeout)
    finally:
        os.close(descriptor)
    if not ended:
        raise subprocess.TimeoutExpired(process.args, timeout or 0)
    process.wait()


class Child:
    """A running process with its own process group; its output goes to unnamed files.

    Files instead of pipes: a child that prints a lot never blocks on a parent that is busy polling.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], stdout: IO[bytes], stderr: IO[bytes], secrets: Sequence[str]
    ) -> None:
        self._process = process
        self._stdout = stdout
        self._stderr = stderr
        self._secrets = tuple(secrets)

    def poll(self) -> Optional[int]:
        """Exit code, or None while it runs."""
        return self._process.poll()

    def wait(self, timeout: Optional[float]) -> Completed:
        """Wait for the end. Raises ToolTimeout (after ending the whole group) past timeout seconds."""
        try:
            wait_for_end(self._process, timeout)
        except subprocess.TimeoutExpired:
            self.stop()
            raise ToolTimeout(f"'{self._name}' did not end within {timeout:g} seconds and was stopped.") from None
        except BaseException:
            self.stop()
            raise
        return self.completed()

    def stop(self, grace: float = STOP_GRACE) -> None:
        """End the process and everything that it started: SIGTERM first, SIGKILL after grace seconds."""
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(grace)
        # Also after a clean end: grandchildren of the group may still run.
        self._signal(signal.SIGKILL)
        self._process.wait()

    def completed(self) -> Completed:
        """Exit code and redacted output of a process that has ended."""
        rc = self._process.wait()
        return Completed(rc, self._read(self._stdout), self._read(self._stderr))

    @property
    def _name(self) -> str:
        argv = self._process.args
        return Path(str(argv[0] if isinstance(argv, (list, tuple)) else argv)).name

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _read(self, stream: IO[bytes]) -> str:
        stream.seek(0)
        return redact(stream.read().decode("utf-8", "replace"), self._secrets)


def start(
    argv: Sequence[str],
    *,
    stdin: Optional[str] = None,
    env: Optional[Mapping[str, str]] = None,
    cwd: Optional[str] = None,
    secrets: Sequence[str] = (),
) -> Child:
    """Start a program in the background. Raises ToolMissing.

    stdin: text for its standard input (default: none). env: the whole environment (default: ours).
    secrets: strings that must not appear in the output handed back.
    """
    program = find_tool(argv[0], env)
    if cwd is not None and not Path(cwd).is_dir():
        raise RunnerError(f"The directory '{cwd}' does not exist.")
    # They live as long as the child that writes to them.
    stdout, stderr = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115
    try:
        with _input(stdin) as source:
            # Arguments are a list and no shell is involved.
            process = subprocess.Popen(
                [program, *argv[1:]],
                stdin=source,
                stdout=stdout,
                stderr=stderr,
                cwd=cwd,
                env=None if env is None else dict(env),
                start_new_session=True,
            )
    except OSError as error:
        raise ToolMissing(f"'{program}' cannot be executed: {error.strerror}.") from error
    return Child(process, stdout, stderr, secrets)


def run(
    argv: Sequence[str],
    *,
    stdin: Optional[str] = None,
    env: Optional[Mapping[str, str]] = None,
    timeout: float,
    cwd: Optional[str] = None,
    secrets: Sequence[str] = (),
) -> Completed:
    """Run a program to its end. Raises ToolMissing or ToolTimeout; a non-zero exit code is no error here."""
    return start(argv, stdin=stdin, env=env, cwd=cwd, secrets=secrets).wait(timeout)


def _input(text: Optional[str]) -> IO[bytes]:
    if text is None:
        return Path(os.devnull).open("rb")
    stream = tempfile.TemporaryFile()  # noqa: SIM115  closed by the caller's `with`
    stream.write(text.encode("utf-8"))
    stream.seek(0)
    return stream
