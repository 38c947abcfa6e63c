# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog as a whole: immutable, complete, and the same however it arrives."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.utils.unsafe_proxy import wrap_var
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ansible_collections.bunops.platform.plugins.plugin_utils.model.errors import CatalogError
from ansible_collections.bunops.platform.plugins.plugin_utils.model.plain import plain
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.model.stores import ExternalStore, LocalStore
from ansible_collections.bunops.platform.tests.unit.model.catalogs import HERE, all_sources, good, patched

EXACT = {dict, list, str, int, float, bool, type(None)}


def test_defaults_are_written_out() -> None:
    written: Any = Platform.parse(good()).normalised()
    worker = written["services"]["worker"]
    assert worker["resources"] == {"cpu": 0.5, "memory": "256Mi", "pids": 128}
    assert worker["logging"] == {"max_size": "10Mi", "max_files": 3}
    assert worker["egress"] == "none"


@pytest.mark.parametrize("catalog", [good, all_sources])
def test_a_normalised_catalog_means_the_same(catalog: Callable[[], dict[str, Any]]) -> None:
    platform = Platform.parse(catalog())
    assert Platform.parse(platform.normalised()) == platform


def test_nothing_can_be_changed() -> None:
    platform = Platform.parse(good())
    with pytest.raises(ValidationError):
        platform.name = "other"  # type: ignore[misc]
    for mapping in (platform.services, platform.services["web"].env, platform.services["api"].env):
        with pytest.raises(TypeError):
            mapping["other"] = None  # type: ignore[index]


def test_stores_know_the_port_of_their_kind() -> None:
    stores = Platform.parse(good()).stores
    assert {name: store.port for name, store in stores.items() if isinstance(store, LocalStore)} == {
        "redis": 6379,
        "turso": 8081,
    }


def test_an_external_store_needs_no_password_to_be_made() -> None:
    patch = {
        "stores": {"redis": {"external": "rediss://redis.internal:6380"}},
        "secrets": {"REDIS_PASSWORD": {"optional": True}},
    }
    assert isinstance(Platform.parse(patched(good(), patch)).stores["redis"], ExternalStore)


def test_a_secret_that_nobody_reads_is_allowed() -> None:
    assert Platform.parse(patched(good(), {"secrets": {"LATER": {"env": "LATER"}}}))


def test_what_ansible_loads_is_read() -> None:
    loaded = DataLoader().load_from_file(str(HERE / "good.yml"))
    assert Platform.parse(loaded) == Platform.parse(good())
    assert Platform.parse(wrap_var(loaded)) == Platform.parse(good())
    assert _types(plain(wrap_var(loaded))) <= EXACT


def _types(value: object) -> set[type]:
    below: set[type] = set()
    if isinstance(value, dict):
        below = set().union(*(_types(item) for pair in value.items() for item in pair))
    elif isinstance(value, list):
        below = set().union(*(_types(item) for item in value))
    return {type(value)} | below


YAML = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(string.ascii_letters, max_size=6) | st.integers() | st.booleans(), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(node: object, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The keys that lead to every value of a catalog."""
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [at, *(place for key, child in children for place in places(child, (*at, key)))]


def replaced(node: Any, at: tuple[Any, ...], value: object) -> Any:
    if not at:
        return value
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[at[0]] = replaced(node[at[0]], at[1:], value)
    return copy


@settings(max_examples=400)
@given(data=st.data())
def test_anything_anywhere_is_read_or_refused_in_lines(data: st.DataObject) -> None:
    raw: Any = data.draw(st.sampled_from((good, all_sources)))()
    for _ in range(data.draw(st.integers(1, 3))):
        raw = replaced(raw, data.draw(st.sampled_from(places(raw))), data.draw(YAML))
    try:
        platform = Platform.parse(raw)
    except CatalogError as error:
        assert error.problems
        assert all(line.startswith("platform") and "\n" not in line for line in error.problems)
    else:
        assert Platform.parse(platform.normalised()) == platform
