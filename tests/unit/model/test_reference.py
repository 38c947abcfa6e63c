# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The schema and the generated pages say what the model does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.model.schema import json_schema
from ansible_collections.bunops.platform.plugins.plugin_utils.reference import pages
from ansible_collections.bunops.platform.tests.unit.model.catalogs import HERE, all_sources, good, load, patched

ROOT = Path(__file__).parents[3]
REFERENCE = yaml.safe_load((ROOT / "inventories/local/group_vars/all/platform.yml").read_text())
SCHEMA = json.loads((ROOT / "docs/platform.schema.json").read_text())
CATALOGS = [REFERENCE, {"platform": good(), "other_variable": 1}, {"platform": all_sources()}]
PAGES = pages(Platform.parse(REFERENCE["platform"]))


@pytest.mark.parametrize("path", PAGES)
def test_page_is_current(path: str) -> None:
    assert (ROOT / path).read_text() == PAGES[path], "run make docs"


def test_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("catalog", CATALOGS, ids=["reference", "good", "sources"])
def test_schema_accepts(catalog: dict[str, object]) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(catalog)


@pytest.mark.parametrize("catalog", CATALOGS, ids=["reference", "good", "sources"])
def test_schema_accepts_what_the_model_writes(catalog: dict[str, Any]) -> None:
    written = Platform.parse(catalog["platform"]).normalised()
    jsonschema.Draft202012Validator(SCHEMA).validate({"platform": written})


@pytest.mark.parametrize("case", ["port_too_high", "unknown_key_in_nested", "env_boolean", "health_both", "name_long"])
def test_schema_refuses(case: str) -> None:
    broken = patched(good(), load(HERE / f"broken/{case}.yml")["catalog"])
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid({"platform": broken})


def test_every_field_is_described() -> None:
    definitions = {"Platform": json_schema(Platform), **json_schema(Platform)["$defs"]}
    fields = {
        f"{title}.{name}": field
        for title, definition in definitions.items()
        for name, field in definition["properties"].items()
    }
    for fact in ("description", "x-compose", "x-kubernetes"):
        assert [name for name, field in fields.items() if not field.get(fact)] == [], fact
