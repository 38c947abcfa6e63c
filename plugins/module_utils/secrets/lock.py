# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One run at a time for a set of secrets on one machine."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import IO, Iterator

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError

_PATIENCE = 60.0
_PAUSE = 0.1


@contextmanager
def one_at_a_time(folder: str, set_name: str) -> Iterator[None]:
    """Hold the lock of a set; another run is waited for, a minute at most. Raises SecretError, OSError."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with open(os.path.join(folder, "secrets-%s.lock" % set_name), "w", encoding="utf-8") as file:
        _wait_for(file, set_name)
        # The kernel lets go of it with the file, however the run ends.
        yield


def _wait_for(file: IO[str], set_name: str) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise SecretError(
                    "name: another run has been syncing the set %s for more than %d s; expected one at a time"
                    % (set_name, _PATIENCE)
                ) from None
        time.sleep(_PAUSE)
