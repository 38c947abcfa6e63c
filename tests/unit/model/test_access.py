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


KEYS = {"secrets": {"CLERK_JWT_KEY": {"file": "clerk.pem"}, "CLERK_SECRET_KEY": {"env": "CLERK_SECRET_KEY"}}}


def clerk(path: str, *more: str) -> dict[str, Any]:
    """What a service has whose route is for those who are signed in."""
    return {"route": {"path": path, "auth": "clerk"}, "secrets": ["CLERK_JWT_KEY", *more]}


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
    patch = {"services": {"web": clerk("/")}, "edge": {"host": host}, **KEYS}
    found = told(patch, tasks_namespace)
    assert found["AUTH"] == mode
    *others, public = found["CLERK_AUTHORIZED_PARTIES"].split(",")
    assert public == last
    assert bool(others) == (mode == "clerk-or-test")
    assert all(origin.startswith(("http://localhost:", "http://127.0.0.1:")) for origin in others)


def test_where_ports_are_published_tokens_may_come_from_the_page_of_a_service_that_signs_in() -> None:
    api = clerk("/v1", "REDIS_PASSWORD", "TURSO_AUTH_TOKEN", "MAIL_KEY")
    services = {"api": api, "web": clerk("/", "CLERK_SECRET_KEY")}
    platform = Platform.parse(patched(good(), {"services": services, "edge": {"host": "localhost"}, **KEYS}))
    origins = {name: service_variables(platform, name)["CLERK_AUTHORIZED_PARTIES"].value for name in services}
    own, page = ("http://localhost:8080,http://127.0.0.1:8080", "http://localhost:3000,http://127.0.0.1:3000")
    assert origins == {"api": f"{own},{page},https://localhost", "web": f"{page},https://localhost"}


def test_a_route_for_everybody_says_so_and_no_route_says_nothing() -> None:
    assert told({"services": {"web": {"route": {"path": "/"}}}}) == {"AUTH": "none"}
    assert told({"services": {"web": {"route": None}}}) == {}
