# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A real Traefik does with the Ingresses and middlewares what the catalog says."""

from __future__ import annotations

import ssl
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client as ApiClient
from ansible_collections.bunops.platform.tests.integration.edge_ingress.conftest import KINDS, Deployed
from ansible_collections.bunops.platform.tests.integration.edge_ingress.programs import TICK, Program
from ansible_collections.bunops.platform.tests.integration.edge_ingress.traefik import (
    READ_SECONDS,
    Answer,
    Client,
    Traefik,
)
from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually

UPGRADE = "GET {path} HTTP/1.1\r\nhost: HOST\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
REQUESTS, TOO_LARGE = 5, 10 * 1024 + 1


@pytest.fixture
def rested(client: Client) -> Client:
    """Who connects is the client, so all of these tests are the same one: it may ask again after a moment."""
    time.sleep(1.2)
    return client


def test_a_second_run_changes_nothing(direct: Deployed) -> None:
    """So the API server, which checks every field, has kept all of them as they are."""
    result = direct.apply()
    assert result["changed"] is False
    assert {item["kind"] for item in result["objects"]} == {*KINDS}


def test_traefik_complains_of_nothing(traefik: Traefik) -> None:
    assert traefik.complaints == []


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/", "site"),
        ("/v1", "api"),
        ("/v1/", "api"),
        ("/v1?limit=1", "api"),
        ("/v1/jobs", "api"),
        ("/v10", "site"),
        ("/V1/jobs", "site"),
        ("/v1/uploads", "uploads"),
        ("/v1/uploads/x", "uploads"),
        ("/v1/uploadsx", "api"),
        ("/v1/../x", "site"),
        ("/v1/%2e%2e/x", "site"),
        ("/x/../v1/jobs", "api"),
        ("//v1/jobs", "api"),
    ],
)
def test_a_path_leads_to(behind_proxy: Client, path: str, service: str) -> None:
    # Each is a client of its own, so that none uses up what another one may.
    client = f"client {path}"
    answer = behind_proxy.get(path, x_api_key=client, x_forwarded_for=client)
    assert (answer.status, answer.told["from"]) == (200, service)


def test_another_host_leads_nowhere(client: Client) -> None:
    assert client.get("/v1/jobs", host="other.example.com").status == 404


def test_http_leads_to_https(client: Client, direct: Deployed) -> None:
    for method, status in (("GET", 301), ("POST", 308)):
        answer = client.ask("/v1/jobs?limit=2", plain=True, method=method)
        assert (answer.status, answer.headers["location"]) == (status, f"https://{direct.host}/v1/jobs?limit=2")
    assert client.ask("/", plain=True, headers={"host": "other.example.com"}).status == 404


# That a client can speak an old version at all is what has to be tried.
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_old_versions_of_tls_are_refused(client: Client) -> None:
    with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
        client.connect("1.1")
    for version in ("1.2", "1.3"):
        with client.connect(version) as connection:
            assert connection.version() == f"TLSv{version}"


def test_headers_of_the_edge(client: Client) -> None:
    headers = client.get("/").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers.get_all("x-frame-options") == ["SAMEORIGIN"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["server"] is None or "traefik" not in headers["server"].lower()


def test_a_client_that_asks_too_often_is_sent_away_for_a_while(rested: Client) -> None:
    started = time.monotonic()
    answers = _many(rested, "/v1/jobs", 40)
    statuses = Counter(answer.status for answer in answers)
    assert statuses.keys() == {200, 429}
    assert REQUESTS <= statuses[200] <= _due(started)
    refused = next(answer for answer in answers if answer.status == 429)
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert rested.get("/").status == 200
    time.sleep(1.2)
    assert rested.get("/v1/jobs").status == 200


def test_clients_are_told_apart_by_a_header(client: Client) -> None:
    first = Counter(answer.status for answer in _many(client, "/v1/uploads", 20, x_api_key="first"))
    assert first[429] > 0
    assert client.get("/v1/uploads", x_api_key="second").status == 200


def test_a_break_gives_no_more_than_the_limit(client: Client) -> None:
    """120 a minute are 2 a second: who waits until Traefik has forgotten him may not ask 120 times again."""
    passed = 0
    started = time.monotonic()
    for _turn in range(3):
        passed += Counter(answer.status for answer in _many(client, "/v1/uploads", 20, x_api_key="breaks"))[200]
        time.sleep(2.1)
    assert passed <= 2 * (time.monotonic() - started) + 4


def test_a_client_behind_a_trusted_proxy_is_who_the_proxy_says(behind_proxy: Client) -> None:
    # What a client has put before it, and the proxies behind it, do not make it another one.
    told = [f"198.51.100.{number}, 203.0.113.5, 127.0.0.1" for number in range(20)]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda text: behind_proxy.get("/v1/jobs", x_forwarded_for=text), told))
    assert Counter(answer.status for answer in answers)[429] > 0
    assert behind_proxy.get("/v1/jobs", x_forwarded_for="203.0.113.6").status == 200


def test_without_trusted_proxies_the_client_is_who_connects(rested: Client) -> None:
    started = time.monotonic()
    answers = [
        *_many(rested, "/v1/jobs", 20, x_forwarded_for="203.0.113.5"),
        *_many(rested, "/v1/jobs", 20, x_forwarded_for="203.0.113.6"),
    ]
    assert Counter(answer.status for answer in answers)[200] <= _due(started)


def test_a_body_over_the_limit_reaches_nobody(client: Client, programs: Mapping[str, Program]) -> None:
    before = programs["uploads"].requests
    answer = client.ask("/v1/uploads", method="POST", body=b"x" * TOO_LARGE, headers={"x-api-key": "bodies"})
    assert (answer.status, programs["uploads"].requests) == (413, before)
    answer = client.ask("/v1/uploads", method="POST", body=b"x" * (TOO_LARGE - 1), headers={"x-api-key": "bodies"})
    assert (answer.status, answer.told["body"]) == (200, TOO_LARGE - 1)


def test_a_service_that_takes_too_long(rested: Client) -> None:
    answer = rested.get("/v1/jobs?wait=6")
    assert answer.status == 504
    assert 1.5 < answer.seconds < 5
    assert rested.get("/?wait=3").status == 200


def test_answers_go_on_where_the_route_streams(client: Client) -> None:
    started = time.monotonic()
    with client.connect() as connection:
        connection.sendall(f"GET /?ticks=6 HTTP/1.1\r\nhost: {client.host}\r\n\r\n".encode())
        found = b""
        while b"data: 0" not in found:
            found += connection.recv(4096)
    assert time.monotonic() - started < 4 * TICK


def test_websockets_only_where_the_route_streams(rested: Client) -> None:
    assert rested.raw(UPGRADE.format(path="/")).startswith(b"HTTP/1.1 101 ")
    assert rested.raw(UPGRADE.format(path="/v1/jobs")).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("path", ["/v1%2Fjobs", "/v1/..%2fx", "/v1/..%5cx", "/v1/jobs%00"])
def test_escapes_that_programs_read_in_different_ways(client: Client, path: str) -> None:
    assert client.get(path).status == 400


def test_a_header_that_some_programs_read_as_another(client: Client) -> None:
    text = "GET /v1/jobs HTTP/1.1\r\nhost: HOST\r\nx_forwarded_for: 192.0.2.1\r\n\r\n"
    assert client.raw(text).startswith(b"HTTP/1.1 400 ")


def test_a_client_that_does_not_end_its_request(client: Client) -> None:
    started = time.monotonic()
    answer = client.raw("POST /v1/uploads HTTP/1.1\r\nhost: HOST\r\nx-api-key: slow\r\ncontent-length: 10\r\n\r\nabc")
    assert READ_SECONDS - 1 < time.monotonic() - started < READ_SECONDS + 4
    assert b" 200 " not in answer


def test_requests_to_a_service_without_pods_go_nowhere_else(client: Client, api: ApiClient, direct: Deployed) -> None:
    endpoints = ("discovery.k8s.io/v1", "EndpointSlice", direct.name, "uploads")
    former = api.get(*endpoints)
    assert former
    api.delete(*endpoints)
    try:
        eventually(lambda: client.get("/v1/uploads", x_api_key="nobody").status == 503, "unavailable without pods")
    finally:
        metadata = {key: former["metadata"][key] for key in ("name", "labels")}
        api.request("POST", api.path(*endpoints[:3]), {**former, "metadata": metadata})
    eventually(lambda: client.get("/v1/uploads", x_api_key="back").status == 200, "its pods are back")


def _due(started: float) -> float:
    """The requests that may be let through since then: those at once, and more with every moment."""
    return REQUESTS * (1 + time.monotonic() - started) + 1


def _many(client: Client, path: str, times: int, **headers: str) -> list[Answer]:
    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(lambda _: client.get(path, **headers), range(times)))
