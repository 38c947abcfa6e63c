# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The edge as Ingresses, with the middlewares of Traefik."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.plugin_utils.model.errors import CatalogError
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.edge.entrance import Limit, entrance
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.edge.ingress import burst
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.edge.ingress_notes import ingress_notes
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.render import manifests
from ansible_collections.bunops.platform.tests.unit.renderers.cases import GOLDEN, cluster_of, platform_of

Object = dict[str, Any]
ROUTER = "traefik.ingress.kubernetes.io/router"
TRANSPORT = "traefik.ingress.kubernetes.io/service.serverstransport"


def catalog() -> Object:
    found: Object = yaml.safe_load((GOLDEN / "ingress/platform.yml").read_text())
    return found


def rendered(raw: Object) -> dict[tuple[str, str], Object]:
    platform = Platform.parse(raw)
    return {(item["kind"], item["metadata"]["name"]): item for item in manifests(platform, cluster_of(platform))}


def annotations_of(item: Object) -> Object:
    found: Object = item["metadata"]["annotations"]
    return found


def test_a_prefix_ends_with_a_word_whether_traefik_is_strict_or_not() -> None:
    objects = rendered(catalog())
    paths = {
        name: [
            (path["path"], path["pathType"]) for path in objects["Ingress", name]["spec"]["rules"][0]["http"]["paths"]
        ]
        for name in ("site", "api", "uploads")
    }
    assert paths == {
        "site": [("/", "Prefix")],
        "api": [("/v1", "Exact"), ("/v1/", "Prefix")],
        "uploads": [("/v1/uploads", "Exact"), ("/v1/uploads/", "Prefix")],
    }


def test_longer_paths_go_first() -> None:
    objects = rendered(catalog())
    order = sorted(
        ("site", "api", "uploads"),
        key=lambda name: int(annotations_of(objects["Ingress", name])[f"{ROUTER}.priority"]),
        reverse=True,
    )
    assert order == ["uploads", "api", "site"]


def test_only_services_with_a_route_are_led_to() -> None:
    objects = rendered(catalog())
    assert {name for kind, name in objects if kind == "Ingress"} == {"edge", "site", "api", "uploads"}


def test_everything_that_is_named_is_there() -> None:
    objects = rendered(catalog())
    references = {
        reference
        for item in objects.values()
        for key, value in item["metadata"].get("annotations", {}).items()
        if key in (f"{ROUTER}.middlewares", f"{ROUTER}.tls.options", TRANSPORT)
        for reference in value.split(",")
    }
    own = {"Middleware", "TLSOption", "ServersTransport"}
    assert references == {f"shop-{name}@kubernetescrd" for kind, name in objects if kind in own}


def test_the_headers_come_first_and_the_body_last() -> None:
    objects = rendered(catalog())
    assert annotations_of(objects["Ingress", "api"])[f"{ROUTER}.middlewares"].split(",") == [
        "shop-api-headers@kubernetescrd",
        "shop-api-rate-limit@kubernetescrd",
        "shop-api-body-limit@kubernetescrd",
    ]


def test_answers_that_go_on_are_neither_kept_nor_ended() -> None:
    objects = rendered(catalog())
    assert annotations_of(objects["Ingress", "site"])[f"{ROUTER}.middlewares"].split(",") == [
        "shop-site-headers@kubernetescrd",
        "shop-site-access@kubernetescrd",
    ]
    assert "annotations" not in objects["Service", "site"]["metadata"]
    assert "annotations" not in objects["Service", "inner"]["metadata"]
    assert "customRequestHeaders" not in objects["Middleware", "site-headers"]["spec"]["headers"]
    assert objects["Middleware", "api-headers"]["spec"]["headers"]["customRequestHeaders"] == {"Upgrade": ""}


def test_a_service_that_leads_to_sign_in_is_asked_and_others_are_not() -> None:
    raw = catalog()
    raw["services"]["api"]["route"]["auth"] = "clerk"
    raw["services"]["api"]["secrets"] = ["CLERK_JWT_KEY"]
    objects = rendered(raw)
    asked = objects["Middleware", "site-access"]["spec"]["forwardAuth"]
    assert asked["address"] == "http://site.shop.svc:3000/edge-auth"
    assert {"authorization", "cookie"} < set(asked["authRequestHeaders"])
    # What a client says of itself in such headers is not told: Traefik says it.
    assert [name for name in asked["authRequestHeaders"] if name.startswith("x-forwarded")] == []
    assert asked["trustForwardHeader"] is False
    assert ("Middleware", "api-access") not in objects
    asks, verifies = [note for note in ingress_notes(entrance(Platform.parse(raw))) if note.startswith("route.auth:")]
    assert asks.startswith("route.auth: Traefik asks site about each request")
    assert verifies.startswith("route.auth: Traefik verifies no tokens, and lets every request through to api")


@pytest.mark.parametrize(
    ("requests", "seconds", "expected"),
    [(20, 1, 20), (600, 60, 10), (7, 60, 1), (60, 60, 1), (2, 3600, 1), (90, 60, 1)],
)
def test_a_break_never_gives_more_than_the_limit(requests: int, seconds: int, expected: int) -> None:
    assert burst(Limit(requests, seconds, None)) == expected


@pytest.mark.parametrize(
    ("trusted", "key", "expected"),
    [
        ([], "client_address", {"ipStrategy": {"ipv6Subnet": 64}}),
        (["10.0.0.0/24"], "client_address", {"ipStrategy": {"excludedIPs": ["10.0.0.0/24"]}}),
        (["10.0.0.0/24"], {"header": "X-Api-Key"}, {"requestHeaderName": "X-Api-Key"}),
    ],
)
def test_who_a_client_is(trusted: list[str], key: object, expected: Object) -> None:
    raw = catalog()
    raw["edge"]["trusted_proxies"] = trusted
    raw["services"]["api"]["route"]["rate_limit"]["key"] = key
    assert rendered(raw)["Middleware", "api-rate-limit"]["spec"]["rateLimit"]["sourceCriterion"] == expected


@pytest.mark.parametrize(("tls", "secret"), [({"issuer": "letsencrypt"}, "edge-tls"), ({"secret": "ours"}, "ours")])
def test_all_ingresses_have_the_certificate_that_the_catalog_says(tls: Object, secret: str) -> None:
    raw = catalog()
    raw["edge"]["tls"] = tls
    objects = rendered(raw)
    found = {str(item["spec"]["tls"]) for (kind, _), item in objects.items() if kind == "Ingress"}
    assert found == {str([{"hosts": ["shop.example.com"], "secretName": secret}])}
    certificates = [item["spec"]["secretName"] for (kind, _), item in objects.items() if kind == "Certificate"]
    assert certificates == ([secret] if "issuer" in tls else [])


def test_an_address_is_no_host_of_an_ingress() -> None:
    raw = catalog()
    raw["edge"]["host"] = "192.0.2.1"
    with pytest.raises(CatalogError, match=r"platform\.edge\.host: 192\.0\.2\.1 is an address"):
        rendered(raw)


def test_only_traefik_may_call_what_it_leads_to() -> None:
    objects = rendered(catalog())
    proxies = {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "traefik"}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "traefik"}},
    }
    for name, port in (("site", 3000), ("api", 8080), ("uploads", 8090)):
        (rule,) = objects["NetworkPolicy", name]["spec"]["ingress"]
        assert rule == {"from": [proxies], "ports": [{"port": port, "protocol": "TCP"}]}
    assert ("NetworkPolicy", "inner") not in objects


def test_who_issues_the_certificate_is_led_to_what_answers_it() -> None:
    raw = catalog()
    assert ("NetworkPolicy", "edge-acme") not in rendered(raw)
    raw["edge"]["tls"] = {"issuer": "letsencrypt"}
    spec = rendered(raw)["NetworkPolicy", "edge-acme"]["spec"]
    assert spec["podSelector"] == {"matchLabels": {"acme.cert-manager.io/http01-solver": "true"}}
    (rule,) = spec["ingress"]
    assert rule["ports"] == [{"port": 8089, "protocol": "TCP"}]
    assert rule["from"][0]["namespaceSelector"] == {"matchLabels": {"kubernetes.io/metadata.name": "traefik"}}


def test_without_a_class_the_cluster_takes_its_own() -> None:
    raw = catalog()
    del raw["edge"]["class_name"]
    assert "ingressClassName" not in rendered(raw)["Ingress", "api"]["spec"]


def test_what_traefik_does_in_a_way_of_its_own_is_said_once() -> None:
    notes = ingress_notes(entrance(platform_of("ingress")))
    assert [note.partition(":")[0] for note in notes] == [
        "edge",
        "edge",
        "request_timeout",
        "trusted_proxies",
        "route.auth",
        "rate_limit",
        "rate_limit",
        "rate_limit",
        "body_limit",
        "timeout",
        "route",
    ]
    raw = catalog()
    raw["edge"]["trusted_proxies"] = []
    raw["services"] = {"api": {**raw["services"]["api"], "route": {"path": "/"}}}
    assert [note.partition(":")[0] for note in ingress_notes(entrance(Platform.parse(raw)))] == [
        "edge",
        "edge",
        "request_timeout",
        "timeout",
        "route",
    ]
