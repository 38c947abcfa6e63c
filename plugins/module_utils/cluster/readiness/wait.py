# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Waiting for a whole set of objects: until all are ready at once, one cannot become so, or the time is up."""

from __future__ import annotations

import time
from typing import Callable, Dict, List, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError, ClusterError, Unreachable
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness import report
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.bounds import GATHER, SETTLE
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.explain import (
    explain,
    settles_for_less,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.judge import judge, settled, unproven
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import (
    Cause,
    Expectation,
    NotReady,
    Object,
    Reader,
    Target,
    Verdict,
    waiting,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.observe import Observer
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.plain import slim
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.watch import Watch

# Seconds between two looks at the cluster.
INTERVAL = 0.5
# Seconds between two looks at pods and events, which cost more.
_EXPLAIN_INTERVAL = 1.0
# Answers of an API server in trouble: it may be well again before the time is up.
_TROUBLE = (408, 410, 429, 500, 502, 503, 504)


def wait_until_ready(
    client: Reader,
    targets: Sequence[Target],
    timeout: float,
    conditions: Sequence[Expectation] = (),
    label_selector: Optional[str] = None,
    changed: Optional[bool] = None,
    progress: Callable[[str], None] = lambda _line: None,
) -> None:
    """Return when all targets are ready at the same look, see judge.py. Raises NotReady.

    timeout: seconds; the client's patience adds to it if the API server is in trouble at the end. conditions: what the
    user wants to see besides. label_selector: one that all targets have, to list them by; without one, all objects of
    their kinds are listed. changed: whether this run has changed anything, be it awaited or not; by default whether it
    has changed a target. progress: gets a line when something moves.
    Trouble of the API server does not end the wait; other errors do: ApiError, UnknownKind, ConfigError.
    """
    watch = Watch(any(target.changed for target in targets) if changed is None else changed)
    _Wait(client, targets, timeout, conditions, label_selector, watch, progress).run()


class _Wait:
    def __init__(
        self,
        client: Reader,
        targets: Sequence[Target],
        timeout: float,
        conditions: Sequence[Expectation],
        label_selector: Optional[str],
        watch: Watch,
        progress: Callable[[str], None],
    ) -> None:
        self._client = client
        self._targets = list(dict.fromkeys(targets))
        self._timeout = timeout
        self._conditions = conditions
        self._progress = progress
        self._observer = Observer(client, label_selector)
        self._watch = watch
        self._unsettled = list(self._targets)
        self._ready_since: Dict[Target, float] = {}
        self._pending: Dict[Target, Verdict] = {target: waiting("it was not looked at") for target in self._targets}
        self._causes: Dict[Target, List[Cause]] = {}
        self._trouble: Optional[ClusterError] = None
        self._explained = float("-inf")
        self._failing_since = float("inf")
        self._said = ""

    def run(self) -> None:
        deadline = time.monotonic() + self._timeout
        while True:
            began = time.monotonic()
            late = began >= deadline
            if self._round(late):
                return
            if late:
                raise self._too_late()
            # A cluster that takes long to answer is not asked more often than it can bear.
            pause = max(INTERVAL, time.monotonic() - began)
            time.sleep(max(0.0, min(pause, deadline - time.monotonic())))

    def _round(self, late: bool) -> bool:
        """Whether all is ready. Raises NotReady if something has failed."""
        try:
            values = self._look()
            if not self._pending:
                return True
            if late or time.monotonic() - self._explained >= _EXPLAIN_INTERVAL:
                self._explain(values, late)
            self._trouble = None
        except (ApiError, Unreachable) as error:
            if isinstance(error, ApiError) and error.status not in _TROUBLE:
                raise
            self._trouble = error
        self._tell()
        return not self._pending

    def _look(self) -> Dict[Target, Object]:
        """Judge all targets anew; the objects of those that are not ready."""
        pending = {target: waiting("it does not exist", "NotFound") for target in self._unsettled}
        values: Dict[Target, Object] = {}
        gone = set()
        for target, value in self._observer.targets(self._unsettled):
            pending[target] = self._stays(target, value, judge(value, self._conditions))
            if not pending[target].ready:
                values[target] = slim(value)
            elif settled(value, self._conditions):
                gone.add(target)
        self._unsettled = [target for target in self._unsettled if target not in gone]
        self._pending = {target: verdict for target, verdict in pending.items() if not verdict.ready}
        return values

    def _stays(self, target: Target, value: Object, verdict: Verdict) -> Verdict:
        """The verdict, but that a process has to run for a while to count as ready; what this run left alone does."""
        if not verdict.ready:
            self._ready_since[target] = float("inf")
            return verdict
        if not unproven(value) or not (target.changed or target in self._ready_since):
            return verdict
        now = time.monotonic()
        since = self._ready_since[target] = min(now, self._ready_since.get(target, now))
        return verdict if now - since >= SETTLE else waiting("it has just started")

    def _explain(self, values: Dict[Target, Object], late: bool) -> None:
        """Raises NotReady if something has failed."""
        self._explained = time.monotonic()
        around = self._observer.around(values, with_all_events=late)
        for target in [target for target in values if settles_for_less(target, values[target], around)]:
            del self._pending[target], values[target]
        self._causes = {target: explain(target, values[target], self._pending[target], around) for target in values}
        missing: Dict[Target, List[Cause]] = {target: [] for target in self._pending if target not in values}
        now = time.monotonic()
        failing = self._watch.failing({**missing, **self._causes}, now)
        self._failing_since = min(self._failing_since, now) if failing else float("inf")
        if failing and (late or now - self._failing_since >= GATHER):
            raise report.not_ready(
                self._client, self._heading("cannot become ready"), failing, self._pending, self._causes
            )

    def _too_late(self) -> NotReady:
        heading = self._heading(f"are not ready after {self._timeout:g} seconds")
        if self._trouble:
            heading = f"The API server is in trouble ({self._trouble}). As last seen: {heading}"
        return report.not_ready(self._client, heading, {}, self._pending, self._causes)

    def _heading(self, what: str) -> str:
        return f"{len(self._pending)} of {len(self._targets)} objects {what}:"

    def _tell(self) -> None:
        waited = [f"{target}: {verdict.text}" for target, verdict in list(self._pending.items())[:3]]
        line = (
            f"{len(self._targets) - len(self._pending)} of {len(self._targets)} objects are ready; {'; '.join(waited)}"
        )
        if self._pending and line != self._said:
            self._said = line
            self._progress(line)
