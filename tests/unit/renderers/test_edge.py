# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What an edge does, and what becomes of the project where it runs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.filter.compose import compose as compose_filter
from ansible_collections.bunops.platform.plugins.plugin_utils.model.errors import CatalogError
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.alerts_parts import Monitoring
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.bake import bake
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose import compose
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose_notes import compose_notes
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.edge.entrance import (
    Asked,
    Limit,
    Tokens,
    entrance,
)
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.edge.service import RunningEdge, edge_files
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.monitoring import Watch, monitoring_files
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.secret_plan import secret_plan
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.summary import summary
from ansible_collections.bunops.platform.tests.unit.renderers.cases import (
    BUILD_HOST,
    GOLDEN,
    HOST,
    RUNBOOKS,
    platform_of,
)


def catalog(case: str = "edge") -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((GOLDEN / case / "platform.yml").read_text())
    return found


def routed(*paths: str) -> Platform:
    raw = catalog()
    service = raw["services"]["api"]
    raw["services"] = {f"s{index}": {**service, "route": {"path": path}} for index, path in enumerate(paths)}
    for index, each in enumerate(raw["services"].values()):
        each["port"] = 8000 + index
    return Platform.parse(raw)


def running(platform: Platform, **ports: int) -> dict[str, Any]:
    files = edge_files(platform, ports.get("https_port", 8443), ports.get("http_port", 8480))
    edge = RunningEdge("/srv/edge", files, **ports)
    services = compose(platform, replace(HOST, edge=edge))["services"]
    assert isinstance(services, dict)
    return services


def test_the_longest_path_comes_first_whatever_the_order_in_the_catalog() -> None:
    paths = ["/", "/v1", "/v1/jobs/", "/admin", "/v1/jobs/x"]
    for given in (paths, paths[::-1]):
        assert [route.path for route in entrance(routed(*given)).routes] == [
            "/v1/jobs/x",
            "/v1/jobs",
            "/admin",
            "/v1",
            "/",
        ]


@pytest.mark.parametrize(
    ("requests", "seconds", "expected"), [(20, 1, 1), (1, 1, 1), (7, 60, 9), (60, 60, 1), (2, 3600, 1800)]
)
def test_a_client_is_told_to_come_back_when_it_may(requests: int, seconds: int, expected: int) -> None:
    assert Limit(requests, seconds, None).retry_after == expected


@pytest.mark.parametrize(("host", "lasting"), [("localhost", False), ("127.0.0.1", False), ("shop.example.com", True)])
def test_browsers_are_told_to_stay_with_https_where_nothing_else_has_the_name(host: str, lasting: bool) -> None:
    raw = catalog()
    raw["edge"]["host"] = host
    assert ("Strict-Transport-Security" in entrance(Platform.parse(raw)).headers) is lasting


def test_a_catalog_without_an_edge_or_without_routes_is_refused() -> None:
    with pytest.raises(CatalogError, match=r"platform\.edge: nothing leads in"):
        entrance(platform_of("minimal"))
    raw = catalog()
    for service in raw["services"].values():
        service.pop("route", None)
    with pytest.raises(CatalogError, match=r"platform\.services: nothing leads in"):
        entrance(Platform.parse(raw))


def test_only_the_edge_and_what_has_no_route_are_published() -> None:
    services = running(platform_of("edge"))
    published = {name: [port["published"] for port in each.get("ports", ())] for name, each in services.items()}
    led_to: dict[str, list[str]] = {"api": [], "site": [], "uploads": [], "reports": []}
    assert published == {**led_to, "inner": ["9000"], "edge": ["8443", "8480"]}
    assert {port["host_ip"] for port in services["edge"]["ports"]} == {"127.0.0.1"}
    assert set(services["edge"]["networks"]) == {*led_to, "edge-port"}
    assert all("edge-port" not in services[name]["networks"] for name in (*led_to, "inner"))


def test_sessions_are_good_at_the_address_of_the_edge_alone() -> None:
    raw = catalog()
    raw["edge"]["host"] = "localhost"
    platform = Platform.parse(raw)
    origin = "CLERK_AUTHORIZED_PARTIES"
    assert running(platform)["site"]["environment"][origin] == "https://localhost:8443"
    assert running(platform, https_port=443)["site"]["environment"][origin] == "https://localhost"
    without = compose(platform, HOST)["services"]
    assert isinstance(without, dict)
    assert without["site"]["environment"][origin].startswith("http://localhost:3000,")


def test_what_watches_the_platform_and_its_edge_go_together() -> None:
    platform = platform_of("reference")
    watch = Watch("/srv/monitoring", {})
    edge = RunningEdge("/srv/edge", edge_files(platform))
    services = compose(platform, replace(HOST, watch=watch, edge=edge))["services"]
    assert isinstance(services, dict)
    published = {name for name, service in services.items() if "ports" in service}
    assert published == {"alertmanager", "edge", "prometheus", "redis", "turso"}
    taken = replace(edge, https_port=watch.prometheus_port)
    with pytest.raises(CatalogError, match=r"prometheus\.port: 9090 is published by the edge already"):
        compose(platform, replace(HOST, watch=watch, edge=taken))


def test_who_watches_the_edge_reads_one_page_of_its_administration() -> None:
    platform = platform_of("reference")
    (config,) = edge_files(platform, metrics=True).values()
    found = {each["name"]: each for each in config["static_resources"]["listeners"]}
    assert set(found) == {"http", "https", "metrics"}
    routes = found["metrics"]["filter_chains"][0]["filters"][0]["typed_config"]["route_config"]["virtual_hosts"][0][
        "routes"
    ]
    assert [route["match"] for route in routes if "route" in route] == [
        {"path": "/metrics", "headers": [{"name": ":method", "string_match": {"exact": "GET"}}]}
    ]
    # Nobody else has it, and without Prometheus there is none.
    assert {listener["name"] for listener in edge_files(platform)["envoy.json"]["static_resources"]["listeners"]} == {
        "http",
        "https",
    }


def test_only_prometheus_shares_the_network_by_which_the_edge_is_read() -> None:
    platform = platform_of("reference")
    edge = RunningEdge("/srv/edge", edge_files(platform, metrics=True))
    services = compose(platform, replace(HOST, watch=Watch("/srv/monitoring", {}), edge=edge))["services"]
    assert isinstance(services, dict)
    assert {name for name, each in services.items() if "metrics-edge" in each.get("networks", [])} == {
        "edge",
        "prometheus",
    }
    without = running(platform)["edge"]["networks"]
    assert not [name for name in without if name.startswith("metrics-")]


def test_prometheus_is_told_of_the_edge_where_it_runs() -> None:
    platform = platform_of("reference")
    with_edge, without = (
        monitoring_files(platform, Monitoring(RUNBOOKS, frozenset(sources))) for sources in (("edge",), ())
    )
    jobs = {job["job_name"]: job["static_configs"][0] for job in with_edge["prometheus.yml"]["scrape_configs"]}
    assert jobs["edge"] == {"targets": ["edge:9464"], "labels": {"service": "edge"}}
    assert "edge" not in [job["job_name"] for job in without["prometheus.yml"]["scrape_configs"]]
    rules = {rule.get("alert") for group in with_edge["rules.yml"]["groups"] for rule in group["rules"]}
    others = {rule.get("alert") for group in without["rules.yml"]["groups"] for rule in group["rules"]}
    assert rules - others == {"CertificateExpiresSoon"}


def test_its_image_is_built_where_it_runs_and_nowhere_else() -> None:
    platform = platform_of("edge")
    target = bake(platform, BUILD_HOST, edge=True)["target"]["edge"]
    assert target["dockerfile"] == "/srv/project/docker/envoy.Dockerfile"
    assert target["tags"] == [running(platform)["edge"]["image"]]
    assert "edge" not in bake(platform, BUILD_HOST)["target"]


def test_another_file_starts_envoy_anew() -> None:
    raw = catalog()
    first = running(Platform.parse(raw))["edge"]["labels"]
    raw["services"]["api"]["route"]["timeout"] = "6s"
    assert running(Platform.parse(raw))["edge"]["labels"] != first


@pytest.mark.parametrize("ports", [{"https_port": 9000}, {"http_port": 9000}])
def test_a_port_that_is_published_already_is_refused(ports: dict[str, int]) -> None:
    with pytest.raises(CatalogError, match=r"platform\.services\.inner\.port: 9000 is published by the edge already"):
        running(platform_of("edge"), **ports)


def test_ports_of_services_that_it_leads_to_are_free() -> None:
    assert "edge" in running(platform_of("edge"), https_port=8080, http_port=3000)


def test_the_filter_runs_no_edge_unless_told() -> None:
    given = {"project_dir": "/srv", "secrets_dir": "/srv/secrets"}
    without = compose_filter(catalog(), **given)
    assert "edge" not in without["services"]
    led = compose_filter(catalog(), **given, edge_dir="/srv/edge", edge_files={}, edge_https_port="8444")
    assert [port["published"] for port in led["services"]["edge"]["ports"]] == ["8444", "8480"]


def test_notes_say_what_the_edge_leaves_out() -> None:
    notes = compose_notes(platform_of("edge"), edge=True)
    assert [note.partition(":")[0] for note in notes] == ["edge.tls", "edge.host"]
    assert compose_notes(platform_of("reference"), edge=True)[1].startswith("volume:")


def test_its_certificate_is_for_its_host_and_there_only_with_it() -> None:
    plan = secret_plan(platform_of("edge"), "/srv", edge=True)
    assert plan[-1] == {"name": "edge-tls", "source": {"generate": {"certificate": {"hosts": ["shop.example.com"]}}}}
    assert "edge-tls" not in [each["name"] for each in secret_plan(platform_of("edge"), "/srv")]


def test_a_service_that_signs_in_is_asked_and_another_one_takes_tokens() -> None:
    access = {route.service: route.access for route in entrance(platform_of("edge")).routes}
    told = Tokens("https://clerk.shop.example.com")
    assert access == {"site": Asked(), "reports": told, "api": None, "uploads": None}


@pytest.mark.parametrize(
    "key", ["", "pk_live_", "pk_live_%%", "pk_live_Y2xlcms", "sk_live_Y2xlcmsuc2hvcC5leGFtcGxlLmNvbSQ="]
)
def test_the_issuer_is_known_where_the_catalog_names_it(key: str) -> None:
    raw = catalog()
    raw["services"]["reports"]["env"]["CLERK_PUBLISHABLE_KEY"] = key
    (reports,) = [route for route in entrance(Platform.parse(raw)).routes if route.service == "reports"]
    assert reports.access == Tokens(None)
    providers = http_filters(Platform.parse(raw))["envoy.filters.http.jwt_authn"]["providers"]
    assert "issuer" not in providers["reports"]


def http_filters(platform: Platform, empty_secrets: tuple[str, ...] = ()) -> dict[str, Any]:
    """Those by HTTPS, by their names."""
    manager = https_manager(platform, empty_secrets)
    return {each["name"]: each["typed_config"] for each in manager["http_filters"]}


def https_manager(platform: Platform, empty_secrets: tuple[str, ...] = ()) -> dict[str, Any]:
    listeners = edge_files(platform, empty_secrets=empty_secrets)["envoy.json"]["static_resources"]["listeners"]
    manager: dict[str, Any] = listeners[0]["filter_chains"][0]["filters"][0]["typed_config"]
    return manager


ASK, VERIFY, ORIGINS = (f"envoy.filters.http.{name}" for name in ("ext_authz", "jwt_authn", "rbac"))


def test_every_route_has_the_filters_that_its_service_asks_for() -> None:
    platform = platform_of("edge")
    manager = https_manager(platform)
    routes = manager["route_config"]["virtual_hosts"][0]["routes"]
    of = {each["route"]["cluster"]: each["typed_per_filter_config"] for each in routes}
    assert {name: of[name][ASK].get("disabled", False) for name in of} == {
        "site": False,
        "reports": True,
        "api": True,
        "uploads": True,
    }
    assert {name for name in of if VERIFY in of[name]} == {name for name in of if ORIGINS in of[name]} == {"reports"}
    # A WebSocket passes by the same.
    for filters in (manager["http_filters"], manager["upgrade_configs"][0]["filters"]):
        assert {ASK, VERIFY, ORIGINS} <= {each["name"] for each in filters}


def test_tokens_are_made_for_the_address_of_the_edge() -> None:
    routes = https_manager(platform_of("edge"))["route_config"]["virtual_hosts"][0]["routes"]
    (reports,) = [each for each in routes if each["route"]["cluster"] == "reports"]
    assert '"exact": "https://shop.example.com:8443"' in json.dumps(reports["typed_per_filter_config"][ORIGINS])


def test_the_keys_of_tokens_are_there_where_tokens_are_verified_and_nowhere_else() -> None:
    platform = platform_of("edge")
    assert "CLERK_JWT_KEY.jwks" in running(platform)["edge"]["secrets"]
    derived = {each["name"]: each.get("derived") for each in secret_plan(platform, "/srv", edge=True)}
    assert derived["CLERK_JWT_KEY"] == ["jwks"]
    assert all(not each.get("derived") for each in secret_plan(platform, "/srv"))
    raw = catalog()
    del raw["services"]["reports"]
    without = Platform.parse(raw)
    assert "CLERK_JWT_KEY.jwks" not in running(without)["edge"]["secrets"]
    assert all(not each.get("derived") for each in secret_plan(without, "/srv", edge=True))
    assert VERIFY not in http_filters(without)
    assert "local_reply_config" not in https_manager(without)


def test_without_keys_a_service_under_a_loopback_name_decides_itself_and_elsewhere_there_is_no_edge() -> None:
    raw = catalog()
    raw["edge"]["host"] = "localhost"
    assert VERIFY not in http_filters(Platform.parse(raw), ("CLERK_JWT_KEY",))
    assert ASK in http_filters(Platform.parse(raw), ("CLERK_JWT_KEY",))
    with pytest.raises(CatalogError, match=r"platform\.secrets\.CLERK_JWT_KEY: has no value, .* tokens for reports"):
        http_filters(platform_of("edge"), ("CLERK_JWT_KEY",))


def test_the_summary_shows_the_way_in() -> None:
    services = [{"name": name, "state": "running", "health": "healthy"} for name in ("site", "api", "inner", "edge")]
    lines = [line.split() for line in summary(platform_of("edge"), services, edge_port=8443).splitlines()]
    assert lines[1:] == [
        ["site", "https://shop.example.com:8443/", "healthy"],
        ["api", "https://shop.example.com:8443/v1", "healthy"],
        ["inner", "http://127.0.0.1:9000", "healthy"],
        ["edge", "healthy"],
    ]
