# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where a cluster's edge is made, of what, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.plugin_utils.model.errors import CatalogError
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.cluster import SecretObject
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.develop import develop_manifests
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.notes import manifests_notes
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.render import manifests
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.scalers import Autoscaling
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.secret_plan import secret_plan
from ansible_collections.bunops.platform.tests.unit.renderers.cases import GOLDEN, KEY_SET, cluster_of, secrets_of

EDGE_KINDS = {"BackendTrafficPolicy", "Certificate", "ClientTrafficPolicy", "Gateway", "HTTPRoute", "SecurityPolicy"}


def changed(**edge: Any) -> Platform:
    """The golden catalog with an edge of everything, changed. None removes a field."""
    raw = yaml.safe_load((GOLDEN / "edge/platform.yml").read_text())
    raw["edge"] = {key: value for key, value in {**raw["edge"], **edge}.items() if value is not None}
    return Platform.parse(raw)


def objects(platform: Platform, secrets: Mapping[str, SecretObject] | None = None) -> dict[str, dict[str, Any]]:
    """Of the edge, by kind and name. secrets: without any, all are there."""
    cluster = cluster_of(platform)
    found = manifests(platform, cluster if secrets is None else replace(cluster, secrets=secrets))
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in found if each["kind"] in EDGE_KINDS}


def notes(platform: Platform) -> list[str]:
    return [note for note in manifests_notes(platform, Autoscaling()) if note.startswith(("edge:", "route:"))]


def access_notes(platform: Platform, secrets: Mapping[str, SecretObject]) -> list[str]:
    found = manifests_notes(platform, Autoscaling(), secrets=secrets)
    return [note for note in found if note.startswith("route.auth:")]


@pytest.mark.parametrize("host", ["localhost", "shop.localhost", "127.0.0.1"])
def test_a_loopback_name_leads_to_no_cluster(host: str) -> None:
    platform = changed(host=host, tls="local", class_name=None)
    assert objects(platform) == {}
    (note,) = notes(platform)
    assert note.startswith(f"route: {host} leads to no cluster, so nothing is made")


def test_a_catalog_without_routes_has_nothing_to_lead_to() -> None:
    raw = changed().model_dump(mode="json", exclude_none=True, exclude_unset=True)
    for service in raw["services"].values():
        service.pop("route", None)
    platform = Platform.parse(raw)
    assert objects(platform) == {}
    assert notes(platform) == ["edge: no service has a route, so nothing is made for Shop.example.com"]


def test_the_edge_is_not_developed_on() -> None:
    platform = changed()
    found = develop_manifests(platform, cluster_of(platform))
    assert {each["kind"] for each in found} & EDGE_KINDS == set()
    policy = next(each for each in found if each["kind"] == "NetworkPolicy" and each["metadata"]["name"] == "api")
    assert "from" not in policy["spec"]["ingress"][0]


def test_a_certificate_is_asked_for_or_taken() -> None:
    asked, taken = objects(changed()), objects(changed(tls={"secret": "shop-tls"}))
    assert asked["Certificate/edge"]["spec"]["secretName"] == _certificate_of(asked) == "edge-tls"
    assert "Certificate/edge" not in taken
    assert _certificate_of(taken) == "shop-tls"


def _certificate_of(found: dict[str, dict[str, Any]]) -> str:
    (_http, https) = found["Gateway/edge"]["spec"]["listeners"]
    name = https["tls"]["certificateRefs"][0]["name"]
    assert isinstance(name, str)
    return name


def test_without_a_proxy_in_front_nobody_is_believed() -> None:
    spec = objects(changed(trusted_proxies=None))["ClientTrafficPolicy/edge"]["spec"]
    assert "clientIPDetection" not in spec
    removed = [each["value"] for each in spec["headers"]["earlyRequestHeaders"]["removeOnMatch"]]
    assert "x-forwarded-for" in removed


@pytest.mark.parametrize(
    ("edge", "problem"),
    [
        ({"tls": "local"}, "edge.tls: a local authority is for one machine; on a cluster, expected {issuer: NAME}"),
        ({"class_name": None}, "edge.class_name: is missing; expected the name of a GatewayClass of the cluster"),
        ({"host": "192.0.2.1"}, "edge.host: 192.0.2.1 is an address, and a Gateway serves names"),
    ],
)
def test_what_a_cluster_cannot_do_is_refused(edge: dict[str, Any], problem: str) -> None:
    with pytest.raises(CatalogError) as caught:
        objects(changed(**edge))
    assert problem in str(caught.value)


def test_the_proxies_may_be_elsewhere() -> None:
    platform = changed(namespace="edge-proxies")
    found = manifests(platform, cluster_of(platform))
    policy = next(each for each in found if each["kind"] == "NetworkPolicy" and each["metadata"]["name"] == "api")
    (peer,) = policy["spec"]["ingress"][0]["from"]
    assert peer["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": "edge-proxies"}
    assert any("edge-proxies" in note for note in notes(platform))


def test_tokens_are_verified_with_the_keys_that_secret_sync_has_made() -> None:
    platform = changed()
    spec = objects(platform)["SecurityPolicy/reports"]["spec"]
    (provider,) = spec["jwt"]["providers"]
    assert json.loads(provider["localJWKS"]["inline"]) == KEY_SET
    assert provider["issuer"] == "https://clerk.shop.example.com"
    assert spec["authorization"]["defaultAction"] == "Deny"
    (claim,) = spec["authorization"]["rules"][0]["principal"]["jwt"]["claims"]
    assert (claim["name"], claim["values"]) == ("azp", ["https://shop.example.com"])
    assert access_notes(platform, secrets_of(platform)) == []


@pytest.mark.parametrize("secrets", [{}, {"CLERK_JWT_KEY": SecretObject("key", frozenset({"CLERK_JWT_KEY"}))}])
def test_keys_that_nobody_has_seen_are_said(secrets: dict[str, SecretObject]) -> None:
    platform = changed()
    given = {**secrets_of(platform), **secrets} if secrets else {}
    found = objects(platform, given)
    assert "SecurityPolicy/reports" not in found
    assert "SecurityPolicy/site" in found
    assert "responseOverride" not in found["BackendTrafficPolicy/reports"]["spec"]
    (note,) = access_notes(platform, given)
    assert note.startswith("route.auth: Envoy Gateway does not get the key of Clerk's tokens")


def test_a_key_without_a_value_is_refused() -> None:
    platform = changed()
    with pytest.raises(CatalogError, match=r"secrets\.CLERK_JWT_KEY: has no value, .* tokens for reports"):
        objects(platform, secrets_of(platform, key_set={"keys": []}))


@pytest.mark.parametrize(
    ("edge", "cluster_edge", "derived"),
    [
        ({}, True, ["jwks"]),
        ({}, False, []),
        ({"kind": "ingress"}, True, []),
        ({"host": "localhost", "tls": "local"}, True, []),
    ],
    ids=["gateway", "values the run does not see", "ingress", "no way in"],
)
def test_the_keys_of_tokens_are_made_where_the_edge_takes_them(
    edge: dict[str, Any], cluster_edge: bool, derived: list[str]
) -> None:
    plan = {each["name"]: each for each in secret_plan(changed(**edge), "/srv", cluster_edge=cluster_edge)}
    assert plan["CLERK_JWT_KEY"]["derived"] == derived
