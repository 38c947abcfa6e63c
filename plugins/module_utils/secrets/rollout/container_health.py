# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Waiting for containers that were restarted, and words for those that do not come up."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.compose import report
from ansible_collections.bunops.platform.plugins.module_utils.compose.health import RESTART_LIMIT, Verdict
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import Container
from ansible_collections.bunops.platform.plugins.module_utils.compose.observe import inspect_all
from ansible_collections.bunops.platform.plugins.module_utils.runner import redact

if TYPE_CHECKING:
    from docker import DockerClient

# Seconds that a container without a health check has to stay up.
SETTLE = 3.0
_INTERVAL = 0.2
_LATE = ", and wait_timeout is over"


def judge(container: Container, running_for: float) -> Tuple[str, str]:
    """Why a restarted container has given up, and what it still waits for; "" if not.

    running_for: seconds since its process was first seen.
    """
    if container.restart_count >= RESTART_LIMIT:
        return "it restarts in a loop (last exit code %d)" % container.exit_code, ""
    if container.status in ("exited", "dead", "created"):
        return container.error or "it ended with exit code %d" % container.exit_code, ""
    if container.status != "running":
        return "", "it is %s" % container.status
    if container.health == "unhealthy":
        return "it is unhealthy", ""
    if container.health == "starting":
        return "", "its health check has not passed yet"
    settled = container.health == "healthy" or running_for >= SETTLE
    return "", "" if settled else "it has just started"


class Patience:
    """Waits for containers after a restart. deadline: on time.monotonic(). forms: texts that must not show."""

    def __init__(
        self, client: DockerClient, containers: Mapping[str, Container], deadline: float, forms: Sequence[str]
    ) -> None:
        self._client = client
        self._containers = containers
        self._deadline = deadline
        self._forms = forms
        # (id, start) -> when that process was first seen to run.
        self._seen: Dict[Tuple[str, str], float] = {}

    def problem(self, refusals: Mapping[str, str]) -> str:
        """Wait until all are well: ""; or what is wrong with those that are not. Raises EngineError.

        refusals: why some could not be restarted at all, by id.
        """
        while True:
            verdicts = self._look(refusals)
            failed = [verdict for verdict in verdicts if verdict.problem]
            waiting = [verdict for verdict in verdicts if verdict.pending]
            if failed:
                return self._words(failed)
            if not waiting:
                return ""
            if time.monotonic() > self._deadline:
                return self._words([replace(verdict, pending=verdict.pending + _LATE) for verdict in waiting])
            time.sleep(_INTERVAL)

    def _look(self, refusals: Mapping[str, str]) -> List[Verdict]:
        there = {each.id: each for each in inspect_all(self._client, self._containers)}
        return [self._verdict(each, there.get(each.id), refusals.get(each.id)) for each in self._containers.values()]

    def _verdict(self, known: Container, container: Optional[Container], refusal: Optional[str]) -> Verdict:
        if container is None:
            return Verdict(known.name, problem="it was removed meanwhile")
        if refusal:
            return Verdict(known.name, refusal, "", container)
        now = time.monotonic()
        since = self._seen.setdefault((container.id, container.started_at), now)
        problem, pending = judge(container, now - since)
        return Verdict(known.name, problem, pending, container)

    def _words(self, verdicts: Sequence[Verdict]) -> str:
        failures = [report.failure(self._client, verdict, self._forms) for verdict in verdicts]
        named = [{**failure, "service": "container %s" % failure["service"], "container": ""} for failure in failures]
        text = report.message(named, "")
        return redact(text.strip("\n"), self._forms)
