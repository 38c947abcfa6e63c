# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where base images come from: a registry or packages. Decided once, remembered, and always with its reason."""

from __future__ import annotations

import concurrent.futures
import time
from pathlib import Path
from typing import Callable, Dict, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.images import state
from ansible_collections.bunops.platform.plugins.module_utils.images.engine_api import EngineApi

REGISTRY, PACKAGES = "registry", "packages"
# Seconds that the registries have to answer; all are asked at once.
PROBE_LIMIT = 5.0
# How long the outcome of asking them is taken for granted, in seconds.
REMEMBERED = 24 * 3600

# Reference of an image to why its registry cannot give it; empty if it can.
Probe = Callable[[Sequence[str]], Dict[str, str]]


class Origin(NamedTuple):
    """source: `registry` or `packages`. reason: why, as a sentence. asked: whether registries were asked for it."""

    source: str
    reason: str
    asked: bool = False


class Facts(NamedTuple):
    """What the decision is made from. pulled: references that the engine has under their own name. assembled:
    references whose assembled stand-in it has. remembered: an earlier answer of the registries, if still valid."""

    pulled: Sequence[str]
    assembled: Sequence[str]
    remembered: Optional[Origin]


def decide(wanted: str, names: Sequence[str], facts: Facts, probe: Probe) -> Origin:
    """Choose between registry and packages. wanted: `auto`, or the user's choice. Asks only if nothing is known."""
    if wanted != "auto":
        return Origin(wanted, "As asked for.")
    if names and set(names) <= set(facts.assembled):
        return Origin(PACKAGES, "All base images were assembled from packages before.")
    if set(names) <= set(facts.pulled):
        return Origin(REGISTRY, "The engine has all base images.")
    if facts.remembered:
        return facts.remembered
    problems = {name: problem for name, problem in probe(names).items() if problem}
    if not problems:
        return Origin(REGISTRY, "The registries of the base images answer.", asked=True)
    name, problem = sorted(problems.items())[0]
    return Origin(PACKAGES, f"The registry of {name} cannot be used: {problem}", asked=True)


def ask(names: Sequence[str], docker_host: Optional[str]) -> Dict[str, str]:
    """Ask the engine whether its registries have the images, all at once. Never takes longer than PROBE_LIMIT."""
    pool = concurrent.futures.ThreadPoolExecutor(max_workers=max(1, len(names)))
    waiting = {name: pool.submit(_ask, name, docker_host) for name in names}
    concurrent.futures.wait(waiting.values(), timeout=PROBE_LIMIT)
    # A question that is still open ends by its own limit soon after.
    pool.shutdown(wait=False)
    late = f"no answer within {PROBE_LIMIT:g} s"
    return {name: future.result() if future.done() else late for name, future in waiting.items()}


def _ask(name: str, docker_host: Optional[str]) -> str:
    with EngineApi(docker_host, timeout=PROBE_LIMIT) as api:
        return api.registry_problem(name)


def recall(folder: str, engine_id: str, names: Sequence[str], now: float) -> Optional[Origin]:
    """The remembered answer of the registries about these images, if it is young enough."""
    try:
        document = state.load_json(_path(folder, engine_id))
        known = document[_key(names)]
        if 0 <= now - float(known["at"]) < REMEMBERED:
            return Origin(str(known["source"]), f"{known['reason']} (asked before)")
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def remember(folder: str, engine_id: str, names: Sequence[str], origin: Origin) -> None:
    """Keep an answer of the registries. Raises OSError."""
    entry: Mapping[str, object] = {"source": origin.source, "reason": origin.reason, "at": time.time()}
    state.store_json(_path(folder, engine_id), {_key(names): entry})


def _path(folder: str, engine_id: str) -> str:
    return str(Path(folder, "bases", f"{engine_id.replace('/', '-')}.json"))


def _key(names: Sequence[str]) -> str:
    return " ".join(sorted(names))
