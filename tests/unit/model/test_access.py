# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What services are told about who may come in."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.plugin_utils.model.injection import service_variables
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.tests.unit.model.catalogs import good, patched


def told(patch: dict[str, Any], tasks_namespace: str | None = None) -> dict[str, str]:
    variables = service_variables(Platform.parse(patched(good(), patch)), "web", tasks_namespace)
    return {name: variables[name].value for name in ("AUTH", "CLERK_AUTHORIZED_PARTIES") if name in variables}


@pytest.mark.parametrize("tasks_namespace", [None, "shop-tasks"], ids=["compose", "kubernetes"])
@pytest.mark.parametrize(
    ("host", "mode", "last"),
    [
        ("shop.example.com", "clerk", "https://shop.example.com"),
        ("localhost.example.com", "clerk", "https://localhost.example.com"),
        ("notlocalhost", "clerk", "https://notlocalhost"),
        ("192.0.2.1", "clerk", "https://192.0.2.1"),
        ("0.0.0.0", "clerk", "https://0.0.0.0"),
        ("localhost", "clerk-or-test", "https://localhost"),
        ("shop.localhost", "clerk-or-test", "https://shop.localhost"),
        ("127.0.0.2", "clerk-or-test", "https://127.0.0.2"),
        ("::1", "clerk-or-test", "https://[::1]"),
    ],
)
def test_only_loopback_names_may_do_without_keys(host: str, mode: str, last: str, tasks_namespace: str | None) -> None:
    patch = {"services": {"web": {"route": {"path": "/", "auth": "clerk"}}}, "edge": {"host": host}}
    found = told(patch, tasks_namespace)
    assert found["AUTH"] == mode
    *others, public = found["CLERK_AUTHORIZED_PARTIES"].split(",")
    assert public == last
    assert bool(others) == (mode == "clerk-or-test")
    assert all(origin.startswith(("http://localhost:", "http://127.0.0.1:")) for origin in others)


def test_a_route_for_everybody_says_so_and_no_route_says_nothing() -> None:
    assert told({"services": {"web": {"route": {"path": "/"}}}}) == {"AUTH": "none"}
    assert told({"services": {"web": {"route": None}}}) == {}
