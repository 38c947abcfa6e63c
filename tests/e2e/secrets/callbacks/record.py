# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Appends each result of a task to a file, as JSON; what a log shipper would get."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: aggregate
short_description: Append results to a file
description: Appends each result to the file that E(BUNOPS_TEST_RECORD) names.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]  # ansible-core has no types
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "record"

    def _record(self, result: Any) -> None:
        with Path(os.environ["BUNOPS_TEST_RECORD"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(result._result, default=str, ensure_ascii=False) + "\n")

    def v2_runner_on_ok(self, result: Any, **_unused: Any) -> None:
        self._record(result)

    def v2_runner_on_failed(self, result: Any, **_unused: Any) -> None:
        self._record(result)
