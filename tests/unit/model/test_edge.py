# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The edge and the routes through it: safe where nothing is said."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.tests.unit.model.catalogs import good, patched


def normalised(patch: dict[str, Any]) -> Any:
    return Platform.parse(patched(good(), patch)).normalised()


def test_nobody_is_trusted_and_everything_has_a_limit() -> None:
    written = normalised({"edge": {"host": "shop.example"}})
    assert written["edge"] == {
        "host": "shop.example",
        "tls": "local",
        "kind": "gateway",
        "trusted_proxies": [],
        "request_timeout": "30s",
    }
    assert written["services"]["api"]["route"] == {
        "path": "/v1",
        "auth": "none",
        "body_limit": "1Mi",
        "timeout": "30s",
        "streams": False,
    }


@pytest.mark.parametrize("tls", ["local", {"issuer": "letsencrypt"}, {"secret": "shop-tls"}])
def test_a_certificate_comes_from_one_place(tls: object) -> None:
    assert normalised({"edge": {"host": "shop.example", "tls": tls}})["edge"]["tls"] == tls


@pytest.mark.parametrize("key", ["client_address", {"header": "X-Api-Key"}])
def test_clients_are_told_apart_by_address_or_header(key: object) -> None:
    route = {"rate_limit": {"requests": 20, "key": key}}
    written = normalised({"services": {"api": {"route": route}}})
    assert written["services"]["api"]["route"]["rate_limit"]["key"] == key


def test_everything_written_means_the_same_when_read_again() -> None:
    edge = {
        "host": "shop.example",
        "tls": {"secret": "shop-tls"},
        "kind": "ingress",
        "class_name": "traefik",
        "trusted_proxies": ["10.0.0.0/24", "2001:db8::/32"],
        "request_timeout": "1m",
    }
    assert normalised({"edge": edge})["edge"] == edge
