# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which clusters there are on this machine: one file each, so that what a killed one left can be found and removed."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.bunops.platform.tests.cluster.layout import Layout, Network, cache

# The second number of a cluster's addresses; so many clusters may run at once.
BLOCKS = range(192, 208)


@dataclass(frozen=True)
class Process:
    """A process that cannot be mistaken for a later one of the same number."""

    pid: int
    started: int
    """Clock ticks after the machine's start."""

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """The running process of that number; None if there is none or it has ended and only waits to be reaped."""
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return None
        # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 3 (state) and 22 (starttime).
        return None if fields[0] in "ZX" else cls(pid, int(fields[19]))

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return Process.of(self.pid) == self


@dataclass(frozen=True)
class State:
    """One cluster: its root, its addresses, who starts it, and the first of its processes once there is one."""

    root: Path
    block: int
    starter: Process
    first: Process | None = None
    ready: bool = False
    """Whether the start has succeeded; until then it is its starter's."""

    @property
    def layout(self) -> Layout:
        return Layout(self.root)

    @property
    def network(self) -> Network:
        return Network(self.block)

    @property
    def alive(self) -> bool:
        """Whether it runs or is being started."""
        return self.first.alive if self.first and self.ready else self.starter.alive

    @property
    def file(self) -> Path:
        return _folder() / f"{self.block}.json"

    def claim(self) -> bool:
        """Take the block of addresses, unless somebody has it."""
        _folder().mkdir(parents=True, exist_ok=True)
        text = self._text()
        draft = self.file.with_suffix(f".{self.starter.pid}")
        draft.write_text(text)
        try:
            # Whoever links first has it, and nobody ever reads half a file.
            os.link(draft, self.file)
        except FileExistsError:
            return False
        finally:
            draft.unlink()
        return True

    def save(self) -> None:
        """Write down what has changed."""
        draft = self.file.with_suffix(f".{os.getpid()}")
        draft.write_text(self._text())
        draft.replace(self.file)

    def forget(self) -> None:
        """Give the block back."""
        self.file.unlink(missing_ok=True)

    def _text(self) -> str:
        return json.dumps(dataclasses.asdict(self), default=str)


def every() -> Iterator[State]:
    """All clusters that were started and not removed."""
    for file in sorted(_folder().glob("*.json")):
        with contextlib.suppress(FileNotFoundError):
            yield _parse(file.read_text())


@contextlib.contextmanager
def removing() -> Iterator[None]:
    """Let one process at a time remove clusters: whoever comes second finds them gone, not somebody's new ones."""
    _folder().mkdir(parents=True, exist_ok=True)
    with (_folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def of_root(root: Path) -> State | None:
    """The cluster of that root."""
    return next((state for state in every() if state.root == root.resolve()), None)


def _parse(text: str) -> State:
    values = json.loads(text)
    first = values["first"]
    return State(
        root=Path(values["root"]),
        block=values["block"],
        starter=Process(**values["starter"]),
        first=Process(**first) if first else None,
        ready=values["ready"],
    )


def _folder() -> Path:
    return cache() / "clusters"
