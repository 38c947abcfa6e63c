# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Words of others (registries, schedulers, programs) made fit for a message: short, no control characters. Pure."""

from __future__ import annotations

import re
from typing import List

from ansible_collections.bunops.platform.plugins.module_utils.secrecy import mask_text

LOG_LINES = 10
_LOG_WIDTH = 300
_WIDTH = 500
# Colours and cursor movements (ECMA-48), then every other control character but the tabulator.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def one_line(text: str, width: int = _WIDTH) -> str:
    """The text as one line, cut at so many characters, without what looks like a secret."""
    line = mask_text(_plain(" ".join(text.split())))
    return line if len(line) <= width else line[: width - 1] + "…"


def last_lines(log: str, count: int = LOG_LINES) -> List[str]:
    """The last lines of a log that say something, each cut, without what looks like a secret."""
    # A line that is overwritten with carriage returns (a progress bar) shows what it showed last.
    plain = [_plain(line.rstrip("\r").rpartition("\r")[2]).rstrip() for line in mask_text(log).split("\n")]
    return [line[:_LOG_WIDTH] for line in plain if line.strip()][-count:]


def _plain(text: str) -> str:
    return _CONTROLS.sub("", _ESCAPES.sub("", text))
