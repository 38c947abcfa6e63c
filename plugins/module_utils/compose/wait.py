# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Waiting: polls the engine beside a working Compose until all is well or something has given up."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, List, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils import runner
from ansible_collections.bunops.platform.plugins.module_utils.compose import report
from ansible_collections.bunops.platform.plugins.module_utils.compose.health import Verdict, Watch
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import ComposeError, Project
from ansible_collections.bunops.platform.plugins.module_utils.compose.observe import inspect_all, project_ids
from ansible_collections.bunops.platform.plugins.module_utils.secrecy import mask_text

if TYPE_CHECKING:
    from docker import DockerClient

# Seconds between two looks at the engine.
INTERVAL = 0.15


class Waiter:
    """Waits for the wanted services of one run. deadline: on time.monotonic()."""

    def __init__(
        self, engine: DockerClient, project: Project, wanted: Sequence[str], watch: Watch, deadline: float, limit: float
    ) -> None:
        self._engine = engine
        self._project = project
        self._wanted = list(wanted)
        self._watch = watch
        self._deadline = deadline
        self._limit = limit

    def until_up(self, child: Optional[runner.Child]) -> None:
        """Return when all wanted services are well and the child has ended.

        child: Compose at work, ended at once when a service has given up; None if nothing had to be done.
        Raises report.GaveUp, or ComposeError with Compose's own words when no container tells the reason.
        """
        try:
            while True:
                # Its end is asked first: what it did is then surely in the containers looked at next.
                applying = child is not None and child.poll() is None
                verdicts = self._look(applying)
                self._raise_problems(verdicts, child, applying)
                if not applying and all(verdict.fine for verdict in verdicts):
                    return
                if time.monotonic() > self._deadline:
                    self._raise_late([item for item in verdicts if not item.fine])
                time.sleep(INTERVAL)
        finally:
            if child is not None and child.poll() is None:
                child.stop()

    def until_done(self, child: runner.Child) -> None:
        """Return when Compose has ended, without looking at health. Raises ComposeError."""
        raise_if_failed(child.wait(max(0.1, self._deadline - time.monotonic())))

    def _look(self, applying: bool) -> List[Verdict]:
        containers = inspect_all(self._engine, project_ids(self._engine, self._project.name))
        return self._watch.judge(self._wanted, containers, time.monotonic(), applying)

    def _raise_problems(self, verdicts: Sequence[Verdict], child: Optional[runner.Child], applying: bool) -> None:
        problems = [verdict for verdict in verdicts if verdict.problem]
        if child is not None and not applying:
            done = child.completed()
            # A container that ended or turned unhealthy explains more than Compose's "dependency failed to start".
            if done.rc != 0 and not any(_tells(verdict) for verdict in problems):
                raise_if_failed(done)
        if problems:
            self._raise(
                [item for item in problems if _tells(item)] or problems, "Services of project {name} have given up:"
            )

    def _raise_late(self, verdicts: Sequence[Verdict]) -> None:
        self._raise(verdicts, f"Services of project {{name}} are not ready after {self._limit:g} seconds:")

    def _raise(self, verdicts: Sequence[Verdict], heading: str) -> None:
        failures = [report.failure(self._engine, verdict, self._project.secrets) for verdict in verdicts]
        raise report.GaveUp(report.message(failures, heading.format(name=self._project.name)), failures)


def raise_if_failed(done: runner.Completed) -> None:
    """Raises ComposeError with the last lines of what Compose wrote to its error output."""
    if done.rc == 0:
        return
    lines = runner.last_lines(mask_text(done.stderr), 2)
    said = " ".join(line.replace("Error response from daemon: ", "") for line in lines)
    raise ComposeError(f"Compose could not finish: {said or f'it ended with exit code {done.rc}'}")


def _tells(verdict: Verdict) -> bool:
    """Whether the container itself shows what went wrong: it ran, or the engine says why it could not."""
    container = verdict.container
    return container is not None and (container.status != "created" or bool(container.error))
