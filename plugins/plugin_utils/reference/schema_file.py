# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The JSON Schema of the variable file, for editors."""

from __future__ import annotations

import json

from ..model.platform import Platform
from ..model.schema import json_schema


def schema_file() -> str:
    """JSON Schema of a file whose property `platform` is the catalog; others may stand by."""
    definition = json_schema(Platform)
    definitions = definition["$defs"]
    platform = {key: value for key, value in definition.items() if key != "$defs"}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Variables of bunops.platform",
        "type": "object",
        "properties": {"platform": {"$ref": "#/$defs/Platform"}},
        "$defs": {**definitions, "Platform": platform},
    }
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
