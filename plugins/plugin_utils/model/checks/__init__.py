# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What has to be right between the parts of a catalog.

Each check gets the draft and yields problems. A judgement that rests on what another place
says, or leaves out, names that place under `needs`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..draft import Draft
from ..errors import Problem
from . import limits, log_store, names, references, secrecy, secrets

ALL_CHECKS: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    *references.CHECKS,
    *names.CHECKS,
    *secrecy.CHECKS,
    *secrets.CHECKS,
    *limits.CHECKS,
    *log_store.CHECKS,
)
