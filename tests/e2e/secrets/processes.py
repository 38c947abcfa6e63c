# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Arguments and environments of all processes, seen again and again while something runs."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

_INTERVAL = 0.005


class Processes:
    """As a context manager it looks until it ends. seen: contents by `arguments` and `environment`."""

    def __init__(self) -> None:
        self.seen: dict[str, set[bytes]] = {"arguments": set(), "environment": set()}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Processes:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(_INTERVAL):
            for process in Path("/proc").iterdir():
                if process.name.isdigit():
                    self._keep("arguments", process / "cmdline")
                    self._keep("environment", process / "environ")

    def _keep(self, what: str, file: Path) -> None:
        try:
            self.seen[what].add(file.read_bytes())
        except OSError:
            # It has ended meanwhile.
            return
