# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Waiting: asks a running Tilt again and again until all is well or something has given up."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.tilt import report
from ansible_collections.bunops.platform.plugins.module_utils.tilt.judge import Trouble, judge
from ansible_collections.bunops.platform.plugins.module_utils.tilt.model import TILTFILE, Session, TiltError
from ansible_collections.bunops.platform.plugins.module_utils.tilt.observe import Observer

# Seconds between two looks; each is a process.
INTERVAL = 0.5


class Waiter:
    """Waits for the Tilt on one port. deadline: on time.monotonic(); limit: the seconds that it stands for."""

    def __init__(self, observer: Observer, deadline: float, limit: float) -> None:
        self._observer = observer
        self._deadline = deadline
        self._limit = limit
        self.last: Optional[Session] = None

    def until_read(self, before: str, log: str, started: Optional[subprocess.Popen[bytes]] = None) -> None:
        """Return when Tilt has read its Tiltfile, after the time `before`.

        started: the process, if it was started just now. log: what it prints. Raises report.GaveUp with the error of
        the Tiltfile.
        """
        while True:
            if started is not None and started.poll() is not None:
                raise TiltError(_ended(started.returncode, log))
            session = self._look()
            # Another one may have been quicker to take the port.
            own = session is not None and (started is None or session.pid == started.pid)
            if session is not None and own and session.loaded not in ("", before):
                break
            self._pause("Tilt has not read its Tiltfile")
        wrong = [item for item in judge(session).failed if item.resource == TILTFILE]
        if wrong:
            self._give_up(wrong, f"Tilt cannot use {session.tiltfile}:")

    def until_ready(self, looks: int = 1) -> None:
        """Return when all that starts by itself is ready, in as many looks one after the other.

        Raises report.GaveUp as soon as something does not get ready any more.
        """
        good = 0
        while True:
            session = self._look()
            if session is None:
                raise TiltError(f"port {self._observer.port}: found no answer of Tilt any more, expected its state.")
            verdict = judge(session)
            if verdict.failed:
                self._give_up(verdict.failed, f"Resources of {session.tiltfile} have failed:")
            good = good + 1 if verdict.ready else 0
            if good >= looks:
                return
            if time.monotonic() > self._deadline:
                self._give_up(
                    verdict.pending, f"Resources of {session.tiltfile} are not ready after {self._limit:g} seconds:"
                )
            time.sleep(INTERVAL)

    def _look(self) -> Optional[Session]:
        self.last = self._observer.session() if self._observer.is_taken() else None
        return self.last

    def _pause(self, complaint: str) -> None:
        if time.monotonic() > self._deadline:
            raise TiltError(f"{complaint} after {self._limit:g} seconds.")
        time.sleep(INTERVAL)

    def _give_up(self, troubles: Sequence[Trouble], heading: str) -> None:
        failures = report.failures(troubles, self._observer.view())
        raise report.GaveUp(report.message(failures, heading), failures)


def _ended(code: int, log: str) -> str:
    try:
        text = Path(log).read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    lines = report.clean(text).splitlines()[-3:]
    return f"Tilt has ended with exit code {code}: {' '.join(lines) or 'without a word'}"
