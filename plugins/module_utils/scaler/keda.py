# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether KEDA has taken up a ScaledObject as it is now: it makes an HPA of it, and says what it finds wrong."""

from __future__ import annotations

import time
from typing import Any, Dict, Mapping, NamedTuple, Optional

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import Item
from ansible_collections.bunops.platform.plugins.module_utils.scaler.errors import NotTaken
from ansible_collections.bunops.platform.plugins.module_utils.scaler.objects import AUTOSCALER

Json = Dict[str, Any]

_INTERVAL = 0.2


class Taken(NamedTuple):
    """done: nothing to wait for any more. text: what KEDA says, or why nothing scales although it is done."""

    done: bool
    text: str = ""


def await_keda(client: Client, item: Item, deadline: float) -> str:
    """Wait until a ScaledObject is in force, until that moment of time.monotonic(); what to warn of, or "".

    Raises NotTaken, ClusterError.
    """
    while True:
        live = client.request("GET", item.path)
        name = str((live.get("status") or {}).get("hpaName") or "")
        made = client.get(*AUTOSCALER, item.key.namespace, name) if name else None
        found = taken(live, made)
        if found.done:
            return found.text
        if time.monotonic() >= deadline:
            raise NotTaken(f"{item.key}: KEDA has not taken it up in time: {found.text}.")
        time.sleep(_INTERVAL)


def taken(live: Mapping[str, Any], made: Optional[Mapping[str, Any]]) -> Taken:
    """What can be said of a ScaledObject and the HPA that KEDA has made of it. Pure."""
    states = {state.get("type"): state for state in (live.get("status") or {}).get("conditions") or []}
    if (states.get("Paused") or {}).get("status") == "True":
        name = live["metadata"]["name"]
        return Taken(True, f"ScaledObject {name} is paused by an annotation: nothing scales until that is gone.")
    ready = states.get("Ready") or {}
    if ready.get("status") == "True" and made is not None and _is_of(made, live["spec"]):
        return Taken(True)
    if ready.get("status") == "True":
        return Taken(False, "its HPA is still the former one")
    return Taken(False, str(ready.get("message") or "it says nothing, its operator may not run").rstrip("."))


def _is_of(made: Mapping[str, Any], spec: Mapping[str, Any]) -> bool:
    """Whether an HPA is what a ScaledObject says now; there is no generation that would tell."""
    own = made["spec"]
    behavior = ((spec.get("advanced") or {}).get("horizontalPodAutoscalerConfig") or {}).get("behavior")
    reference = spec["scaleTargetRef"]
    return bool(
        own.get("minReplicas") == max(spec["minReplicaCount"], 1)
        and own.get("maxReplicas") == spec["maxReplicaCount"]
        and own.get("behavior") == behavior
        and all(own["scaleTargetRef"].get(name) == value for name, value in reference.items())
        and len(own.get("metrics") or []) == len(spec["triggers"])
    )
