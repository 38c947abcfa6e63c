# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The real Envoy Gateway before the deployed platform: the table of requests that Envoy under Compose answers, too."""

from __future__ import annotations

import json
import uuid

import pytest

from ansible_collections.bunops.platform.tests.e2e.clerk import HANDSHAKE, SIGN_IN_URL
from ansible_collections.bunops.platform.tests.e2e.edge.client import Answer, Client
from ansible_collections.bunops.platform.tests.e2e.edge.limits import check_limit
from ansible_collections.bunops.platform.tests.e2e.edge.table import CASES, check
from ansible_collections.bunops.platform.tests.e2e.edge.visitors import VISITORS, ask, cookie, load
from ansible_collections.bunops.platform.tests.e2e.kubernetes.deployment import MEMBERS, REQUESTS, Deployment
from ansible_collections.bunops.platform.tests.e2e.kubernetes.entrance import client_of


@pytest.fixture(scope="module")
def edge(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return client_of(deployment, tmp_path_factory.mktemp("edge"))


# That a client can speak an old version at all is what has to be tried.
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
@pytest.mark.parametrize("number", range(len(CASES)), ids=[case["name"] for case in CASES])
def test_request(edge: Client, number: int) -> None:
    check(edge, CASES[number], f"198.51.100.{number}", kind="gateway")


def test_too_many_requests_of_one_client_are_refused_and_no_other_clients(edge: Client) -> None:
    check_limit(edge)


@pytest.mark.usefixtures("edge")
def test_all_policies_are_accepted(deployment: Deployment) -> None:
    for kind in ("ClientTrafficPolicy", "BackendTrafficPolicy", "SecurityPolicy"):
        found = list(deployment.items("gateway.envoyproxy.io/v1alpha1", kind))
        assert found, kind
        for item in found:
            (ancestor,) = item["status"]["ancestors"]
            states = {each["type"]: (each["status"], each.get("message")) for each in ancestor["conditions"]}
            assert states["Accepted"][0] == "True", (kind, item["metadata"]["name"], states)


def test_the_dashboard_is_asked_who_may_come_in(edge: Client, deployment: Deployment) -> None:
    clerk = deployment.clerk
    valid, expired = clerk.session(), clerk.session(-30)
    wanted = {
        valid: (200, ""),
        expired: (307, HANDSHAKE),
        clerk.unsigned(): (307, SIGN_IN_URL),
        None: (307, SIGN_IN_URL),
    }
    for session, (status, where) in wanted.items():
        loaded = load(edge, clerk, session)
        assert (loaded.status, (loaded.headers["location"] or "").split("?")[0]) == (status, where), loaded
        data = ask(edge, clerk, session, f"/jobs/{uuid.uuid4()}")
        assert data.status == (404 if status == 200 else 401), data
        assert data.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize("number", range(len(VISITORS)), ids=[visitor.name for visitor in VISITORS])
def test_a_token_is_verified_before_the_program_sees_it(edge: Client, deployment: Deployment, number: int) -> None:
    visitor = VISITORS[number]
    answer = call(edge, visitor.session(deployment.clerk, deployment.other), f"192.0.2.{number}")
    assert answer.headers["content-type"].startswith("application/json")
    if visitor.status == 200:
        # The word of the program, which knows no such job.
        assert (answer.status, json.loads(answer.body)["error"]["code"]) == (404, "not_found"), answer
    else:
        assert_refused_by_the_edge(answer)


def test_the_program_verifies_again(edge: Client, deployment: Deployment) -> None:
    """The edge takes a token without a session of its own, and the program does not."""
    answer = call(edge, deployment.clerk.session(sid=None), "192.0.2.50")
    assert (answer.status, answer.headers["www-authenticate"]) == (401, None), answer


def test_a_token_has_to_end(edge: Client, deployment: Deployment) -> None:
    assert_refused_by_the_edge(call(edge, deployment.clerk.session(exp=None), "192.0.2.51"))


@pytest.mark.parametrize("where", ["cookie", "query"])
def test_tokens_are_taken_in_one_header_only(edge: Client, deployment: Deployment, where: str) -> None:
    token = deployment.clerk.session()
    sent = {"cookie": cookie(deployment.clerk, token)} if where == "cookie" else {}
    assert_refused_by_the_edge(edge.get(f"{MEMBERS}?access_token={token}", "192.0.2.52", **sent))


def test_each_of_as_many_clients_as_it_remembers_has_its_own_limit(edge: Client, deployment: Deployment) -> None:
    """They come by turns, as often as they may and once more."""
    token, clients = deployment.clerk.session(), [f"203.0.113.{number}" for number in range(100, 120)]
    rounds = [[call(edge, token, client).status for client in clients] for _unused in range(REQUESTS + 1)]
    assert rounds == [[404] * len(clients)] * REQUESTS + [[429] * len(clients)]


def call(edge: Client, token: str | None, client: str) -> Answer:
    """What a program does that uses the API of members."""
    return edge.get(MEMBERS, client, **({"authorization": f"Bearer {token}"} if token else {}))


def assert_refused_by_the_edge(answer: Answer) -> None:
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (401, "no_session"), answer
    # The program does not say this.
    assert answer.headers["www-authenticate"] == "Bearer", answer
