# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a scaler would do at this moment, and why. Pure.

The rule is the HPA's: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
"""

from __future__ import annotations

import math
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.scaler.objects import HPA, down_window, longest_job
from ansible_collections.bunops.platform.plugins.module_utils.scaler.spec import Wanted
from ansible_collections.bunops.platform.plugins.module_utils.scaler.state import Observed, grace_of, replicas_of

Json = Dict[str, Any]

# How far from the aim nothing is changed, unless the cluster says otherwise.
_TOLERANCE = 0.1


class Forecast(NamedTuple):
    """demand: jobs, None if no queue decides; replicas: as they are and as they would be, None if that is not known."""

    depth: Optional[Json]
    demand: Optional[float]
    current: int
    replicas: Optional[int]
    why: str

    def as_dict(self) -> Json:
        """For a module's result."""
        return {
            "depth": self.depth,
            "demand": self.demand,
            "current_replicas": self.current,
            "wanted_replicas": self.replicas,
            "why": self.why,
        }


def forecast(wanted: Wanted, backend: str, observed: Observed) -> Forecast:
    """What the backend would do now; the queue was measured."""
    current = replicas_of(observed.target)
    depth = {"exists": observed.depth.exists, **observed.depth.states} if observed.depth else None
    demand = observed.metric.value if backend == HPA else observed.depth.demand if observed.depth else None
    if demand is None or not wanted.jobs_per_replica:
        return Forecast(depth, None, current, None, "CPU or the request rate decide, which are not measured here")
    demand = int(demand) if float(demand).is_integer() else demand
    replicas, reasons = _replicas(wanted, demand, current)
    if depth and depth.get("paused"):
        reasons.insert(0, "the queue is paused, only jobs that run count")
    if replicas < current:
        reasons.append(_down(wanted, replicas, grace_of(observed.target)))
    if wanted.cpu_percent or wanted.rate:
        reasons.append("CPU or the request rate may call for more")
    return Forecast(depth, demand, current, replicas, "; ".join(reasons))


def _replicas(wanted: Wanted, demand: float, current: int) -> Tuple[int, List[str]]:
    each = wanted.jobs_per_replica or 1
    called = math.ceil(demand / each)
    jobs = "1 job calls" if demand == 1 else f"{demand} jobs call"
    reasons = [f"{jobs} for {_count(called)} at {each} each"]
    if current and called != current and 1 - _TOLERANCE <= demand / (each * current) <= 1 + _TOLERANCE:
        called = current
        reasons.append(f"{_count(current)} are within the tolerance of {_TOLERANCE:.0%}")
    if called > wanted.max_replicas:
        reasons.append(f"max_replicas is {wanted.max_replicas}")
    elif called < wanted.min_replicas:
        reasons.append(f"min_replicas is {wanted.min_replicas}")
    return min(max(called, wanted.min_replicas), wanted.max_replicas), reasons


def _down(wanted: Wanted, replicas: int, grace: int) -> str:
    seconds = longest_job(wanted, grace) if replicas == 0 else down_window(wanted, grace)
    return f"down once it has been so for {seconds} s"


def _count(replicas: int) -> str:
    return "1 replica" if replicas == 1 else f"{replicas} replicas"
