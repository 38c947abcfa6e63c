# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How long and how often a failed request is sent again."""

from __future__ import annotations

import threading
import time
from typing import Callable, Mapping, Optional

# Answers that a later attempt may turn into a good one.
RETRIED = (429, 500, 502, 503, 504)
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 3.0


def pause_before(attempt: int, headers: Mapping[str, str]) -> float:
    """Seconds to wait before sending a request again; attempt: how many have failed, from 1.

    A server that says when to come back (Retry-After, in seconds) is believed.
    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    said = headers.get("retry-after", "")
    backoff = min(_FIRST_PAUSE * 2.0 ** (attempt - 1), _LONGEST_PAUSE)
    return max(float(said), _FIRST_PAUSE) if said.isdigit() else backoff


class Patience:
    """One time limit for trouble, shared by all threads of a client.

    It begins with the first failure and ends with the first request that came through after having failed. So a
    server that restarts gets its time, and one that fails for good costs that time once, not once a request.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._since: Optional[float] = None
        self._lock = threading.Lock()

    def allows(self, pause: float) -> bool:
        """Note a failure; whether another attempt after a pause of so many seconds still fits."""
        with self._lock:
            now = self._clock()
            if self._since is None:
                self._since = now
            return now + pause - self._since <= self.seconds

    def recovered(self) -> None:
        """Note that a request came through that had failed before."""
        with self._lock:
            self._since = None
