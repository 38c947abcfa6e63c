# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A reader of the cluster that does not let values of secrets through in what programs and controllers say.

Before anything is cut or cleaned of control characters: what is left of a value then would not be found any more.
"""

from __future__ import annotations

import base64
import json
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Set
from urllib.parse import quote

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.runner import redact

# Shorter ones cannot be told from ordinary text.
_SHORTEST, _SHORTEST_LINE = 4, 6


def shown_forms(values: Iterable[bytes]) -> List[str]:
    """How values may show in text: as they are, line by line, in JSON, in URLs, in base64."""
    forms: Set[str] = set()
    for value in values:
        text = value.decode("utf-8", "replace")
        if len(text.strip()) < _SHORTEST:
            continue
        forms.update((text, text.strip(), quote(text, safe=""), base64.b64encode(value).decode()))
        forms.update(json.dumps(text, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False))
        forms.update(line.strip() for line in text.splitlines() if len(line.strip()) >= _SHORTEST_LINE)
    return sorted(forms)


class MaskedReader:
    """What a wait reads, see cluster/readiness/model.py."""

    def __init__(self, client: Client, forms: List[str]) -> None:
        self._client = client
        self._forms = forms

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: Optional[str] = None,
        label_selector: Optional[str] = None,
        field_selector: Optional[str] = None,
    ) -> Iterator[Dict[str, Any]]:
        """Objects with all messages masked."""
        for item in self._client.list(api_version, kind, namespace, label_selector, field_selector):
            yield self._masked(item)

    def text(self, path: str, query: Optional[Mapping[str, Any]] = None) -> str:
        """A log, masked."""
        return redact(self._client.text(path, query), self._forms)

    def _masked(self, value: Any) -> Any:
        """Only messages: other fields are read by programs, and a value may be any word."""
        if isinstance(value, dict):
            return {
                key: redact(inner, self._forms) if key == "message" and isinstance(inner, str) else self._masked(inner)
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self._masked(inner) for inner in value]
        return value
