# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which of the two scales: KEDA or a plain HPA, and why. Pure."""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.bunops.platform.plugins.module_utils.scaler.objects import HPA, KEDA
from ansible_collections.bunops.platform.plugins.module_utils.scaler.spec import Wanted
from ansible_collections.bunops.platform.plugins.module_utils.scaler.state import Observed, Serving

_NO_KEDA = "the API server serves no kind ScaledObject in keda.sh/v1alpha1"
_NO_ADAPTER = "nobody serves external.metrics.k8s.io"


class Choice(NamedTuple):
    """backend: "keda", "hpa", or "" with a problem. why: in words."""

    backend: str
    why: str = ""
    problem: str = ""


def choose(wanted: Wanted, observed: Observed) -> Choice:
    """The backend that is wanted, or that there is."""
    if wanted.backend == KEDA:
        if observed.keda:
            return Choice(KEDA, "wanted so")
        return Choice("", problem=f"backend: keda, but {_NO_KEDA}; expected KEDA in the cluster")
    if wanted.backend == HPA:
        return _hpa(wanted, observed.external, "wanted so", f"backend: hpa, but {_NO_ADAPTER}")
    if observed.keda:
        return Choice(KEDA, "KEDA is in the cluster")
    neither = f"backend: auto, but {_NO_KEDA}, and {_NO_ADAPTER}"
    return _hpa(wanted, observed.external, "KEDA is not in the cluster", neither)


def _hpa(wanted: Wanted, external: Serving, why: str, nobody: str) -> Choice:
    if not (wanted.queue or wanted.metric or wanted.rate):
        return Choice(HPA, f"{why}; CPU needs no external metrics")
    if not external.by and external.known:
        return Choice("", problem=f"{nobody}; expected KEDA, or an adapter that serves metrics to HPAs")
    if external.reason:
        problem = f"backend: {external.by} serves external.metrics.k8s.io and is not available: {external.reason}"
        return Choice("", problem=problem)
    return Choice(HPA, f"{why}; external.metrics.k8s.io is served by {external.by or 'somebody we may not ask for'}")
