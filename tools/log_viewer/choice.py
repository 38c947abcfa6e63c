# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which entries are shown."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from .entry import LEVELS, Entry
from .render import Renderer


@dataclass(frozen=True)
class Choice:
    """Those that fit all of it; what is empty asks for nothing.

    services: names, of tasks too. level: the lowest. job: an id. grep: a text, in any case, in what is shown.
    """

    services: Collection[str] = ()
    level: str = ""
    job: str = ""
    grep: str = ""

    def takes(self, entry: Entry) -> bool:
        return (
            (not self.services or entry.service in self.services)
            and (not self.level or self._is_high_enough(entry))
            and (not self.job or self._is_of_the_job(entry))
            and (not self.grep or self.grep.lower() in Renderer(colour=False).text(entry).lower())
        )

    def _is_high_enough(self, entry: Entry) -> bool:
        """A line of which nobody can tell the level may be a crash: it is shown."""
        return entry.level not in LEVELS or LEVELS.index(entry.level) >= LEVELS.index(self.level)

    def _is_of_the_job(self, entry: Entry) -> bool:
        if "job" in entry.fields:
            return str(entry.fields["job"]) == self.job
        return re.search(rf"(?<!\w){re.escape(self.job)}(?!\w)", entry.line) is not None
