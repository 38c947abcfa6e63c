# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The real Envoy before the real programs: the table of requests, and what one request cannot show."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time

import pytest

from ansible_collections.bunops.platform.tests.e2e.edge.behind import HTTP, HTTPS, PLACE, Behind, run, session_cookie
from ansible_collections.bunops.platform.tests.e2e.edge.limits import check_limit
from ansible_collections.bunops.platform.tests.e2e.edge.table import CASES, check
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import command, eventually, inspect

ORIGIN = PLACE.origin


# That a client can speak an old version at all is what has to be tried.
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
@pytest.mark.parametrize("number", range(len(CASES)), ids=[case["name"] for case in CASES])
def test_request(edge: Behind, number: int) -> None:
    # Each is a client of its own, so that none uses up what another one may.
    check(edge.client, CASES[number], f"198.51.100.{number}")


def test_the_run_says_where_the_platform_is(edge: Behind) -> None:
    assert f"{ORIGIN}/v1" in edge.first.output
    assert "route: the edge does not run" not in edge.first.output


def test_a_second_run_changes_nothing(edge: Behind) -> None:
    assert run(edge.platform).changed == 0


def test_too_many_requests_of_one_client_are_refused_and_no_other_clients(edge: Behind) -> None:
    check_limit(edge.client)


def test_a_stream_comes_at_once_and_outlives_all_timeouts(edge: Behind) -> None:
    cookie = session_cookie(edge.client)
    request = f"GET /events HTTP/1.1\r\nhost: localhost:{HTTPS}\r\ncookie: {cookie}\r\n\r\n"
    with edge.client.connect() as connection:
        connection.sendall(request.encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        started = time.monotonic()
        assert answer.readline()
        assert time.monotonic() - started < 5
        # Longer than a request may take.
        while time.monotonic() - started < 6:
            assert answer.readline()


def test_who_has_begun_gets_an_answer_when_the_edge_is_stopped(edge: Behind) -> None:
    container = edge.platform.container("edge")
    body = json.dumps({"url": "not a url"}).encode()
    head = f"POST /v1/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n\r\n"
    stopping = threading.Thread(target=command, args=("docker", "stop", container))
    try:
        with edge.client.connect() as connection:
            connection.sendall(head.encode() + body[:5])
            time.sleep(0.5)
            stopping.start()
            time.sleep(1)
            connection.sendall(body[5:])
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            assert answer.status == 400
            assert answer.headers["connection"] == "close"
        stopping.join(30)
        assert inspect("container", container)["State"]["ExitCode"] == 0
    finally:
        command("docker", "start", container)
    eventually(lambda: _healthy(container), 30)


def _healthy(container: str) -> bool | None:
    return inspect("container", container)["State"]["Health"]["Status"] == "healthy" or None


def test_there_is_no_way_around(edge: Behind) -> None:
    for name in ("api", "dashboard"):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", edge.platform.ports[name]), timeout=5)
    container = inspect("container", edge.platform.container("edge"))
    ports = {
        port: [host["HostIp"] for host in hosts]
        for port, hosts in container["NetworkSettings"]["Ports"].items()
        if hosts
    }
    assert ports == {f"{HTTPS}/tcp": ["127.0.0.1"], f"{HTTP}/tcp": ["127.0.0.1"]}
    assert container["Config"]["User"] == "1000:1000"
    assert container["HostConfig"]["ReadonlyRootfs"] and container["HostConfig"]["CapDrop"] == ["ALL"]


def test_the_log_has_a_line_a_request_without_what_was_asked_of_it(edge: Behind) -> None:
    edge.client.get("/v1/jobs?token=canary-in-a-query", "203.0.113.30")

    def line() -> dict[str, object] | None:
        lines = command("docker", "logs", edge.platform.container("edge")).splitlines()
        found = [each for each in map(json.loads, lines) if each.get("client") == "203.0.113.30"]
        return dict(found[0]) if found else None

    found = eventually(line, 15)
    expected = {"method": "GET", "path": "/v1/jobs", "status": 200, "service": "api", "host": f"localhost:{HTTPS}"}
    assert {key: found[key] for key in expected} == expected
    assert "canary-in-a-query" not in json.dumps(found)


def test_its_key_is_in_its_file_alone(edge: Behind) -> None:
    hidden = edge.platform.directory / ".bunops"
    key = (hidden / "secrets/edge-tls").read_text()
    middle = key.splitlines()[1]
    assert len(middle) == 64
    told = [edge.first.output, command("docker", "logs", edge.platform.container("edge"))]
    told.append(command("docker", "inspect", edge.platform.container("edge"), f"{edge.platform.name}/edge:local"))
    told += [(hidden / name).read_text() for name in ("compose.json", "edge/envoy.json", "bake.json")]
    assert all(middle not in text for text in told)
    assert (hidden / "secrets").stat().st_mode & 0o077 == 0
