# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A real Traefik asks a program that leads browsers to sign-in who may come in."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ansible_collections.bunops.platform.tests.integration.edge_ingress.conftest import Deployed
from ansible_collections.bunops.platform.tests.integration.edge_ingress.programs import (
    FAILING_SESSION,
    SESSION,
    SIGN_IN,
    TRIES,
    Program,
)
from ansible_collections.bunops.platform.tests.integration.edge_ingress.traefik import Client

PATH = "/account/orders?page=2&size=10"


@pytest.fixture
def account(programs: Mapping[str, Program]) -> Program:
    found = programs["account"]
    found.questions.clear()
    return found


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_with_a_session_the_request_comes_through_as_it_was(client: Client, method: str) -> None:
    body = b"x" * 100 if method == "POST" else b""
    answer = client.ask(PATH, {"cookie": SESSION, "x-of-the-client": "1"}, method=method, body=body)
    assert (answer.status, answer.told["from"], answer.told["path"]) == (200, "account", PATH)
    assert answer.told["body"] == len(body)
    assert (answer.told["headers"]["cookie"], answer.told["headers"]["x-of-the-client"]) == (SESSION, "1")
    assert answer.headers.get_all("set-cookie") is None


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_the_program_is_asked(client: Client, direct: Deployed, account: Program, method: str) -> None:
    pretended = {"x-forwarded-uri": "/open", "x-forwarded-host": "open.example.com", "x-forwarded-proto": "http"}
    asked = {"authorization": "Bearer none", "cookie": SESSION, "accept": "text/html", "sec-fetch-dest": "document"}
    client.ask(PATH, {**pretended, **asked, "x-of-the-client": "1"}, method=method, body=b"abc")
    (question,) = account.questions
    assert question.method == method
    assert asked.items() <= question.headers.items()
    assert question.headers["x-forwarded-uri"] == PATH
    assert question.headers["x-forwarded-host"] == direct.host
    assert question.headers["x-forwarded-proto"] == "https"
    assert question.headers.get("content-length", "0") == "0"
    assert "x-of-the-client" not in question.headers


def test_without_a_session_clients_get_the_answer_of_the_program(client: Client, account: Program) -> None:
    before = account.requests
    answer = client.get(PATH)
    assert (answer.status, answer.headers["location"]) == (307, SIGN_IN)
    assert answer.headers.get_all("set-cookie") == [TRIES]
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert account.requests == before


def test_without_an_answer_nobody_comes_in(client: Client, account: Program) -> None:
    before = account.requests
    assert client.get(PATH, cookie=FAILING_SESSION).status == 500
    assert account.requests == before


def test_others_are_not_asked_about(client: Client, account: Program) -> None:
    assert client.get("/").status == 200
    assert account.questions == []
