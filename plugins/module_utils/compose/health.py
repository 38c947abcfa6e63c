# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""When a run has succeeded and when a container has given up. Pure decisions over inspected containers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import AbstractSet, Dict, List, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.compose.model import Container, Project

# A container that the engine restarted this often during a run has given up.
RESTART_LIMIT = 3
# Seconds that a process without a health check has to stay up after its start.
SETTLE = 1.0


@dataclass(frozen=True)
class Verdict:
    """State of one service. problem: why it has given up; pending: what it still waits for; "" if not."""

    service: str
    problem: str = ""
    pending: str = ""
    container: Optional[Container] = None

    @property
    def fine(self) -> bool:
        """Neither failed nor pending."""
        return not self.problem and not self.pending


class Watch:
    """Judges containers against how they were before the run.

    before: containers at the start of the run. leaving: ids of those that Compose is about to replace; what
    happens to them on their way out means nothing.
    """

    def __init__(self, project: Project, before: Sequence[Container], leaving: AbstractSet[str] = frozenset()) -> None:
        self._project = project
        self._before = {item.id: item for item in before}
        self._leaving = leaving
        # (id, start) -> when we first saw that process run, in seconds of the caller's clock.
        self._seen: Dict[Tuple[str, str], float] = {}

    def judge(
        self, wanted: Sequence[str], containers: Sequence[Container], now: float, applying: bool
    ) -> List[Verdict]:
        """One verdict per wanted service. now: monotonic seconds. applying: Compose is still at work."""
        return [
            self._service(
                name, [item for item in containers if item.service == name and not item.oneoff], now, applying
            )
            for name in wanted
        ]

    def _service(self, name: str, containers: Sequence[Container], now: float, applying: bool) -> Verdict:
        if applying and any(item.id in self._leaving for item in containers):
            return Verdict(name, pending="it is not replaced yet")
        verdicts = [self._container(item, now, applying) for item in containers]
        for verdict in verdicts:
            if verdict.problem:
                return verdict
        scale = self._project.services[name].scale
        if len(containers) != scale:
            text = f"{len(containers)} of {scale} containers exist"
            return Verdict(name, pending=text) if applying else Verdict(name, problem=text)
        return next((verdict for verdict in verdicts if verdict.pending), Verdict(name))

    def _container(self, container: Container, now: float, applying: bool) -> Verdict:
        problem, pending = self._judge(container, now, applying)
        return Verdict(container.service, problem, pending, container)

    def _judge(self, container: Container, now: float, applying: bool) -> Tuple[str, str]:
        restarts = self._restarts(container)
        if restarts >= RESTART_LIMIT:
            return (
                f"it restarts in a loop ({restarts} restarts during this run, last exit code {container.exit_code})"
            ), ""
        if container.status in ("exited", "dead", "created") and self._untouched(container):
            ended = container.finished and not self._project.services[container.service].long_running
            return ("", "") if ended and not applying else self._not_started(container, applying)
        if container.status in ("exited", "dead"):
            return self._ended(container, applying)
        if container.status == "restarting":
            return "", f"it was restarted after exit code {container.exit_code}"
        return self._living(container, now)

    def _not_started(self, container: Container, applying: bool) -> Tuple[str, str]:
        if applying:
            return "", "it is not started yet"
        reason = container.error or (
            f"exit code {container.exit_code}" if container.status == "exited" else "it was never started"
        )
        return f"it could not be started: {reason}", ""

    def _ended(self, container: Container, applying: bool) -> Tuple[str, str]:
        lasting = self._project.services[container.service].long_running
        if container.finished and not lasting:
            return "", ""
        if container.finished:
            return "it ended with exit code 0, but has a health check or a port and so is to keep running", ""
        if container.exit_code == 0 and applying:
            return "", "it was stopped"
        return f"it ended with exit code {container.exit_code}", ""

    def _living(self, container: Container, now: float) -> Tuple[str, str]:
        if container.status == "paused":
            return "", "it is paused"
        if container.status != "running":
            return "", f"it is {container.status}"
        if container.health == "unhealthy":
            return "it is unhealthy", ""
        if container.health == "starting":
            return "", "its health check has not passed yet"
        if container.health == "healthy":
            return "", ""
        since = self._seen.setdefault((container.id, container.started_at), now)
        former = self._before.get(container.id)
        old = former is not None and former.started_at == container.started_at
        return ("", "") if old or now - since >= SETTLE else ("", "it has just started")

    def _restarts(self, container: Container) -> int:
        """Restarts by the engine during this run; a start by hand sets its counter to 0."""
        former = self._before.get(container.id)
        if former is None or container.restart_count < former.restart_count:
            return container.restart_count
        return container.restart_count - former.restart_count

    def _untouched(self, container: Container) -> bool:
        """Not started in this run: as it was before, or new and never started."""
        if container.status == "created":
            return True
        former = self._before.get(container.id)
        return former is not None and former.started_at == container.started_at
