# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What Envoy's configuration is put together from."""

from __future__ import annotations

from typing import Any

Part = dict[str, Any]


def typed(kind: str, **fields: Any) -> Part:
    return {"@type": f"type.googleapis.com/{kind}", **fields}


def http_filter(name: str, kind: str, **fields: Any) -> Part:
    return {"name": name, "typed_config": typed(f"envoy.extensions.filters.http.{kind}", **fields)}
