# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The client against a server that answers as told: retries, credentials, pages, discovery."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client, Limits
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import (
    ApiError,
    ClusterError,
    UnknownKind,
    Unreachable,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.kubeconfig import Access, User
from ansible_collections.bunops.platform.plugins.module_utils.cluster.link import Tls
from ansible_collections.bunops.platform.tests.unit.cluster.stub_server import Reply, StubServer

OK = Reply(200, {"kind": "Thing"})
STATUS = {"kind": "Status", "reason": "NotFound", "message": 'things "a" not found', "details": {"name": "a"}}


def client_for(server: StubServer, *, user: User | None = None, patience: float = 30, answer: float = 10) -> Client:
    access = Access(server.url, Tls(), user or User(token="canary"))
    return Client(access, Limits(connections=4, patience=patience, answer=answer))


def test_a_request(server: StubServer) -> None:
    server.replies = [OK]
    answer = client_for(server).request("PATCH", "/api/v1/x", {"a": "ä"}, {"force": "true", "dryRun": None}, "text/x")
    assert answer == {"kind": "Thing"}
    assert server.requests == ["PATCH /api/v1/x?force=true"]
    assert "Content-Type: text/x" in server.headers[0]
    assert "Authorization: Bearer canary" in server.headers[0]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(429, {}, ("Retry-After: 0",)),
        Reply(500, {}),
        Reply(502, b"<html>"),
        Reply(503, {}),
        Reply(504, {}),
        Reply(fault="reset"),
        Reply(fault="close"),
        Reply(200, {"kind": "Thing"}, fault="cut"),
        Reply(200, b'{"kind": '),
        Reply(200, b""),
    ],
)
def test_trouble_that_passes(server: StubServer, reply: Reply) -> None:
    server.replies = [OK, reply, reply, OK]
    client = client_for(server)
    client.request("GET", "/first")
    assert client.request("GET", "/second") == {"kind": "Thing"}
    assert server.requests[-1] == "GET /second"


def test_the_server_says_when_to_come_back(server: StubServer) -> None:
    server.replies = [Reply(429, {}, ("Retry-After: 1",)), OK]
    began = time.monotonic()
    client_for(server).request("GET", "/x")
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize(
    ("reply", "error", "message"),
    [
        (Reply(503, {"kind": "Status", "reason": "ServiceUnavailable", "message": "down"}), ApiError, "down"),
        (Reply(502, b"<html>Bad\n Gateway</html>"), ApiError, "<html>Bad Gateway</html>"),
        (Reply(fault="reset"), Unreachable, "gives no answer"),
        (Reply(200, {"kind": "Thing"}, fault="cut"), Unreachable, "its answers end in the middle"),
        (Reply(200, b"[]", fault="slow"), Unreachable, "it takes too long"),
    ],
)
def test_trouble_that_lasts(server: StubServer, reply: Reply, error: type[ClusterError], message: str) -> None:
    server.replies = [reply] * 100
    with pytest.raises(error, match=message):
        client_for(server, patience=0.5, answer=0.4).request("GET", "/x")
    assert 1 < len(server.requests) < 20


def test_slow_bytes_do_not_hold_a_run(server: StubServer) -> None:
    server.replies = [Reply(200, {"kind": "x" * 1000}, fault="slow")]
    began = time.monotonic()
    with pytest.raises(Unreachable):
        client_for(server, patience=0, answer=0.5).request("GET", "/x")
    assert time.monotonic() - began < 3


def test_nobody_there() -> None:
    stub = StubServer()
    stub.stop()
    with pytest.raises(Unreachable, match="connection refused"):
        client_for(stub, patience=0.3).request("GET", "/x")


def test_a_refusal(server: StubServer) -> None:
    server.replies = [Reply(404, STATUS)]
    with pytest.raises(ApiError, match='things "a" not found') as caught:
        client_for(server).request("DELETE", "/x", query={"a": "b"})
    error = caught.value
    assert (error.status, error.reason, error.details, error.request) == (404, "NotFound", {"name": "a"}, "DELETE /x")


def test_what_the_request_is_to_blame_for_is_not_sent_again(server: StubServer) -> None:
    server.replies = [Reply(500, {"kind": "Status", "message": "failed to create typed patch object (…)"}), OK]
    with pytest.raises(ApiError):
        client_for(server).request("PATCH", "/x", {})
    assert len(server.requests) == 1


def test_connections_are_kept_and_left_ones_are_no_failure(server: StubServer) -> None:
    server.replies = [OK, OK._replace(close=True), OK]
    client = client_for(server, patience=0)
    for _ in range(3):
        client.request("GET", "/x")
    assert server.connections == 2


def test_never_more_connections_than_allowed(server: StubServer) -> None:
    server.replies = [OK] * 40
    client = client_for(server)
    threads = [threading.Thread(target=client.request, args=("GET", "/x")) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.requests) == 40
    assert server.connections <= 4


def test_expired_tokens_are_renewed(server: StubServer, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old")
    server.replies = [OK, Reply(401, {}), OK]
    client = client_for(server, user=User(token_file=str(token)))
    client.request("GET", "/x")
    token.write_text("new")
    client.request("GET", "/x")
    assert [line for headers in server.headers for line in headers.splitlines() if "Bearer" in line] == [
        "Authorization: Bearer old",
        "Authorization: Bearer old",
        "Authorization: Bearer new",
    ]


def test_a_token_that_is_refused_for_good(server: StubServer) -> None:
    server.replies = [Reply(401, {"kind": "Status", "reason": "Unauthorized", "message": "Unauthorized"})]
    with pytest.raises(ApiError, match="Unauthorized") as caught:
        client_for(server).request("GET", "/x")
    assert "canary" not in str(caught.value)


def discovery(version: str = "v1", freshness: str = "Current") -> list[Reply]:
    resource = {"resource": "things", "responseKind": {"kind": "Thing"}, "scope": "Namespaced", "verbs": ["list"]}
    versions = [{"version": version, "resources": [resource], "freshness": freshness}]
    core = {"kind": "APIGroupDiscoveryList", "items": []}
    group = {"metadata": {"name": "example.com"}, "versions": versions}
    return [Reply(200, core), Reply(200, {**core, "items": [group]})]


def test_discovery_is_asked_once(server: StubServer) -> None:
    server.replies = discovery()
    client = client_for(server)
    assert client.path("example.com/v1", "Thing", "a b", "c/d") == "/apis/example.com/v1/namespaces/a%20b/things/c%2Fd"
    assert client.path("example.com/v1", "Thing") == "/apis/example.com/v1/things"
    assert server.requests == ["GET /api", "GET /apis"]
    server.replies = discovery("v2")
    assert client.discovery(fresh=True).resource("example.com/v2", "Thing").plural == "things"


def test_kinds_that_are_not_served(server: StubServer) -> None:
    server.replies = discovery(freshness="Stale")
    with pytest.raises(UnknownKind, match=r"no kind Other in v1 \(and could not list the kinds of example.com/v1\)"):
        client_for(server).path("v1", "Other")


def test_servers_without_aggregated_discovery(server: StubServer) -> None:
    server.replies = [Reply(200, {"kind": "APIVersions"}), Reply(200, {"kind": "APIGroupList"})]
    with pytest.raises(ClusterError, match=r"Kubernetes 1\.27 or newer is needed"):
        client_for(server).discovery()


def page(*names: str, token: str | None = None) -> Reply:
    items: list[Any] = [{"metadata": {"name": name}} for name in names]
    return Reply(200, {"kind": "ThingList", "metadata": {"continue": token}, "items": items})


def test_lists_come_page_by_page(server: StubServer) -> None:
    server.replies = [*discovery(), page("a", "b", token="next"), page("c")]
    things = client_for(server).list("example.com/v1", "Thing", "ns", "x=y")
    assert [thing["metadata"]["name"] for thing in things] == ["a", "b", "c"]
    assert server.requests[2:] == [
        "GET /apis/example.com/v1/namespaces/ns/things?limit=500&labelSelector=x%3Dy",
        "GET /apis/example.com/v1/namespaces/ns/things?limit=500&labelSelector=x%3Dy&continue=next",
    ]


def test_items_say_what_they_are(server: StubServer) -> None:
    server.replies = [*discovery(), page("a")]
    (thing,) = client_for(server).list("example.com/v1", "Thing", names_only=True)
    assert (thing["apiVersion"], thing["kind"]) == ("example.com/v1", "Thing")
    assert "as=PartialObjectMetadataList" in server.headers[2]


def test_a_list_goes_on_when_its_pages_have_expired(server: StubServer) -> None:
    expired = {"kind": "Status", "reason": "Expired", "message": "too old", "metadata": {"continue": "later"}}
    server.replies = [*discovery(), page("a", token="next"), Reply(410, expired), page("b")]
    things = client_for(server).list("example.com/v1", "Thing")
    assert [thing["metadata"]["name"] for thing in things] == ["a", "b"]
    assert server.requests[-1].endswith("continue=later")


def test_text(server: StubServer) -> None:
    server.replies = [Reply(200, b"a log\nline\xff\n"), Reply(404, STATUS)]
    client = client_for(server)
    assert client.text("/log", {"tailLines": 5}) == "a log\nline\ufffd\n"
    with pytest.raises(ApiError):
        client.text("/log")


def test_a_missing_object_is_none_and_fine_to_delete(server: StubServer) -> None:
    server.replies = [*discovery(), Reply(404, STATUS), Reply(404, STATUS), Reply(403, STATUS), Reply(403, STATUS)]
    client = client_for(server)
    assert client.get("example.com/v1", "Thing", "ns", "a") is None
    client.delete("example.com/v1", "Thing", "ns", "a")
    with pytest.raises(ApiError):
        client.get("example.com/v1", "Thing", "ns", "a")
    with pytest.raises(ApiError):
        client.delete("example.com/v1", "Thing", "ns", "a")


def test_a_proxy(server: StubServer) -> None:
    server.replies = [Reply(200, b""), OK]
    access = Access("http://api.example:6443", Tls(), User(), proxy=server.url.replace("//", "//me:p%40ss@"))
    assert Client(access).request("GET", "/x") == {"kind": "Thing"}
    assert server.requests == ["CONNECT api.example:6443", "GET /x"]
    assert "Proxy-Authorization: Basic bWU6cEBzcw==" in server.headers[0]


def test_a_proxy_that_refuses(server: StubServer) -> None:
    server.replies = [Reply(407, b"")]
    access = Access("http://api.example:6443", Tls(), User(), proxy=server.url)
    with pytest.raises(Unreachable, match=r"the proxy 127\.0\.0\.1 refused with 407"):
        Client(access, Limits(patience=0)).request("GET", "/x")
