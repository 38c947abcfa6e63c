# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which causes end the wait, given how long they have lasted and what else is going on. Pure but for its memory."""

from __future__ import annotations

from typing import Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.bounds import (
    RESTARTS,
    RESTARTS_BESIDE_OTHERS,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Cause, Target

_Key = Tuple[Target, str, str, str]


class Watch:
    """Remembers what was found at the first look, and since when each cause lasts.

    Back-off can hide for minutes that what an earlier run left broken is well now. So if this run has changed
    something, failures of objects that it did not touch count only once they have happened anew.
    """

    def __init__(self, changed: bool) -> None:
        """changed: whether this run has changed anything."""
        self._changed = changed
        self._former: Optional[Dict[_Key, Cause]] = None
        self._since: Dict[Tuple[Target, str], float] = {}

    def failing(self, found: Mapping[Target, Sequence[Cause]], now: float) -> Dict[Target, List[Cause]]:
        """The causes that end the wait. found: those of every object that is not ready. now: monotonic seconds."""
        if self._former is None:
            self._former = {
                _key(target, cause): cause
                for target, causes in found.items()
                for cause in causes
                if self._changed and not target.changed and cause.evidence
            }
        live = {
            target: [cause for cause in causes if cause.grace is not None and self._is_news(target, cause)]
            for target, causes in found.items()
        }
        seen = {(target, cause.code) for target, causes in live.items() for cause in causes}
        self._since = {key: self._since.get(key, now) for key in seen}
        others = any(not causes for causes in live.values())
        lasting = {
            target: [cause for cause in causes if self._is_final(target, cause, others, now)]
            for target, causes in live.items()
        }
        return {target: causes for target, causes in lasting.items() if causes}

    def _is_news(self, target: Target, cause: Cause) -> bool:
        former = (self._former or {}).get(_key(target, cause))
        return former is None or former.evidence != cause.evidence

    def _is_final(self, target: Target, cause: Cause, others: bool, now: float) -> bool:
        if now - self._since[(target, cause.code)] < (cause.grace or 0.0):
            return False
        if cause.restarts is None:
            return True
        if not others:
            return cause.restarts >= RESTARTS
        former = (self._former or {}).get(_key(target, cause))
        before = former.restarts if former and former.restarts else 0
        return cause.restarts - before >= RESTARTS_BESIDE_OTHERS


def _key(target: Target, cause: Cause) -> _Key:
    return (target, cause.code, cause.pod, cause.container)
