# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is read of a cluster after values were taken out."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import quote

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.runner import redact
from ansible_collections.bunops.platform.plugins.module_utils.secrets.rollout.masked import MaskedReader, shown_forms

ODD = "pass'\"$#\\ü\tword/&"


def test_values_are_found_as_programs_write_them() -> None:
    text = "\n".join(
        [
            f"plain {ODD}",
            f"json {json.dumps(ODD)}",
            f"json {json.dumps(ODD, ensure_ascii=False)}",
            f"url {quote(ODD, safe='')}",
            f"base64 {base64.b64encode(ODD.encode()).decode()}",
        ]
    )
    masked = redact(text, shown_forms([ODD.encode()]))
    assert masked.replace('"', "").splitlines() == [
        f"{word} ********" for word in ("plain", "json", "json", "url", "base64")
    ]


def test_lines_of_values_are_found_and_short_values_let_words_be() -> None:
    forms = shown_forms([b"-----BEGIN KEY-----\nabcdefgh\nxy\n", b"yes", b"", b"\n\n \n"])
    assert "abcdefgh" in forms
    assert [form for form in forms if len(form.strip()) < 4] == []


class Spoken:
    """A client that finds one pod and one log."""

    def list(self, *_unused: Any) -> Iterator[dict[str, Any]]:
        status = {"phase": "Running", "conditions": [{"type": "Ready", "status": "True", "message": "not Running"}]}
        yield {"kind": "Pod", "status": {**status, "message": None}}

    def text(self, *_unused: Any) -> str:
        return "a " + "Running" * 1000


def test_messages_and_logs_are_masked_and_what_programs_read_is_not() -> None:
    reader = MaskedReader(cast(Client, Spoken()), shown_forms([b"Running"]))
    (pod,) = reader.list("v1", "Pod")
    assert pod["status"]["phase"] == "Running"
    assert pod["status"]["conditions"][0] == {"type": "Ready", "status": "True", "message": "not ********"}
    assert reader.text("/log") == "a " + "********" * 1000
