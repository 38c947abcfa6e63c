# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Sessions of Clerk at the real Envoy, which asks the dashboard who may come in and verifies the API's tokens."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.bunops.platform.tests.e2e.clerk import (
    PUBLISHABLE_KEY,
    SECRET_KEY,
    SIGN_IN_URL,
    Clerk,
)
from ansible_collections.bunops.platform.tests.e2e.edge import visitors
from ansible_collections.bunops.platform.tests.e2e.edge.behind import PLACE, Behind, run
from ansible_collections.bunops.platform.tests.e2e.edge.client import Answer, Client
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import (
    PlatformUnderTest,
    command,
    eventually,
    inspect,
)

ORIGIN = PLACE.origin
_PATCH = {
    "api": {"secrets": ["CLERK_JWT_KEY", "API_TOKEN"], "env": {"CLERK_PUBLISHABLE_KEY": PUBLISHABLE_KEY}},
    "dashboard": {
        "secrets": ["API_TOKEN"],
        "env": {"CLERK_PUBLISHABLE_KEY": PUBLISHABLE_KEY, "CLERK_SIGN_IN_URL": SIGN_IN_URL},
    },
}


@dataclass(frozen=True)
class SignedIn(Behind):
    """clerk: whose keys the platform has. other: an instance of somebody else, with the same names."""

    clerk: Clerk
    other: Clerk

    def load(self, session: str | None, path: str = "/", **headers: str) -> Answer:
        return visitors.load(self.client, self.clerk, session, path, **headers)

    def ask(self, session: str | None, path: str) -> Answer:
        return visitors.ask(self.client, self.clerk, session, path)

    def call(self, token: str | None, path: str = "/v1/jobs", **headers: str) -> Answer:
        """What a program does that uses the API."""
        bearer = {"authorization": f"Bearer {token}"} if token else {}
        return self.client.get(path, "198.51.100.3", **bearer, **headers)

    def cookie(self, session: str | None) -> str:
        return visitors.cookie(self.clerk, session)


@pytest.fixture(scope="module")
def behind(platform: PlatformUnderTest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignedIn]:
    """The API asks for sessions, too. Afterwards there is neither an edge nor Clerk."""
    former = copy.deepcopy(platform.catalog)
    for name, more in _PATCH.items():
        service = platform.catalog["services"][name]
        service["secrets"] += more["secrets"]
        service["env"] |= more["env"]
    platform.catalog["services"]["api"]["route"] = {"path": "/v1", "auth": "clerk"}
    platform.catalog["secrets"]["API_TOKEN"] = {"generate": {"length": 32}}
    platform.write_inventory()
    pem = platform.directory / "secrets/clerk.pem"
    pem.parent.mkdir(exist_ok=True)
    clerk, other = (Clerk(ORIGIN, tmp_path_factory.mktemp("clerk")) for _unused in range(2))
    pem.write_text(clerk.jwt_key)
    try:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("CLERK_SECRET_KEY", SECRET_KEY)
            first = run(platform, "-vvv", "--diff")
        authority = platform.directory / ".bunops/secrets/edge-tls.ca"
        yield SignedIn(platform, Client(authority, PLACE), first, clerk, other)
    finally:
        pem.unlink()
        platform.catalog = former
        platform.write_inventory()
        platform.play("local.yml")


@pytest.mark.parametrize("visitor", visitors.VISITORS, ids=lambda visitor: visitor.name)
def test_token(behind: SignedIn, visitor: visitors.Visitor) -> None:
    token = visitor.session(behind.clerk, behind.other)
    page, status = visitor.page, visitor.status
    loaded = behind.load(token)
    assert (loaded.status, (loaded.headers["location"] or "").split("?")[0]) == (307 if page else 200, page), loaded
    # The answer of the API to the dashboard, which has a token of its own.
    data = behind.ask(token, f"/jobs/{uuid.uuid4()}")
    assert data.status == (404 if status == 200 else 401), data
    called = behind.call(token)
    assert called.status == status, called
    for answer in (data, called):
        assert answer.headers["content-type"].startswith("application/json")
        if answer.status == 401:
            assert json.loads(answer.body)["error"]["code"] == "no_session"
            assert answer.headers["x-envoy-upstream-service-time"] is None
    # Only the edge says this, so it was not the program that refused.
    assert called.headers["www-authenticate"] == (None if status == 200 else "Bearer")


def test_a_handshake_is_followed_and_its_cookies_arrive(behind: SignedIn) -> None:
    sent = behind.load(behind.clerk.session(-30), "/?from=mail")
    location = urlsplit(sent.headers["location"])
    assert parse_qs(location.query)["redirect_url"] == [f"{ORIGIN}/?from=mail"]
    back = behind.clerk.after_handshake(f"{location.path}?{location.query}")
    # As Clerk comes back: with the new session in a signed cookie.
    returned = behind.load(behind.clerk.session(-30), f"/?{urlsplit(back).query.rpartition('?')[2]}")
    cookies = [each for each in returned.headers.get_all("set-cookie", []) if each.startswith("__session=")]
    assert cookies, returned
    assert behind.load(cookies[0].partition(";")[0].partition("=")[2]).status == 200


def test_the_program_verifies_again(behind: SignedIn) -> None:
    """The edge takes a token without a session of its own, and the API does not."""
    answer = behind.call(behind.clerk.session(sid=None))
    assert (answer.status, answer.headers["www-authenticate"]) == (401, None), answer


@pytest.mark.parametrize("where", ["cookie", "query", "service token"])
def test_the_api_takes_tokens_in_one_header_only(behind: SignedIn, where: str) -> None:
    token = behind.clerk.session()
    if where == "cookie":
        answer = behind.call(None, cookie=behind.cookie(token))
    elif where == "query":
        answer = behind.call(None, f"/v1/jobs?access_token={token}")
    else:
        answer = behind.call(_service_token(behind))
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer"), answer


def test_nothing_that_a_client_says_of_itself_lets_it_in(behind: SignedIn) -> None:
    claimed = {"x-clerk-auth-status": "signed-in", "x-clerk-auth-token": behind.clerk.session(), "x-user-id": "user_1"}
    claimed |= {"x-forwarded-host": "evil.test", "x-forwarded-proto": "http", "x-envoy-original-path": "/health"}
    assert behind.call(None, **claimed).status == 401
    loaded = behind.load(None, **claimed)
    assert loaded.status == 307
    assert parse_qs(urlsplit(loaded.headers["location"]).query)["redirect_url"] == [f"{ORIGIN}/"]


def test_what_needs_no_session_is_open_and_the_edges_questions_are_not(behind: SignedIn) -> None:
    assert behind.ask(None, "/health").status == 200
    assert behind.ask(None, "/edge-auth/jobs").status == 404
    assert behind.ask(None, "/v1/../health").status == 200
    assert behind.ask(None, "/health/../jobs/1").status == 401


def test_a_body_reaches_the_program_and_not_the_question(behind: SignedIn) -> None:
    cookie = behind.cookie(behind.clerk.session())
    case = {
        "method": "POST",
        "path": "/jobs",
        "body": json.dumps({"url": "not a url"}),
        "headers": {"content-type": "application/json", "sec-fetch-site": "same-origin", "cookie": cookie},
    }
    answer = behind.client.ask(case, "198.51.100.4")
    assert answer.status == 400, answer
    assert "body is not JSON" not in json.loads(answer.body)["error"]["message"]


def test_nobody_comes_in_while_nobody_can_be_asked(behind: SignedIn) -> None:
    container = behind.platform.container("dashboard")
    session = behind.clerk.session()
    command("docker", "stop", "--time", "5", container)
    try:
        for answer in (behind.load(session), behind.load(None), behind.ask(session, "/events")):
            assert answer.status == 503, answer
        assert behind.call(session).status == 200
    finally:
        command("docker", "start", container)
    eventually(lambda: behind.load(session).status == 200 or None, 30)


def test_neither_keys_nor_tokens_are_anywhere_else(behind: SignedIn) -> None:
    token, service_token = behind.clerk.session(), _service_token(behind)
    behind.load(token, f"/?__clerk_handshake={token}")
    behind.call(token)
    behind.call(behind.other.session(), f"/v1/jobs?token={token}")
    hidden = behind.platform.directory / ".bunops"
    containers = [behind.platform.container(name) for name in ("edge", "dashboard", "api")]
    places = {
        "run": behind.first.output,
        "envoy.json": (hidden / "edge/envoy.json").read_text(),
        "project": (hidden / "compose.json").read_text(),
        "logs": "".join(command("sh", "-c", f"docker logs {each} 2>&1") for each in containers),
        "containers": "".join(str(inspect("container", each)) for each in containers),
        "processes": "".join(_command_lines()),
    }
    assert "Jwks" not in places["logs"]
    secrets = (SECRET_KEY, service_token, token, token.rsplit(".", 1)[1])
    assert [(place, secret) for place, text in places.items() for secret in secrets if secret in text] == []


def _service_token(behind: SignedIn) -> str:
    return (behind.platform.directory / ".bunops/secrets/API_TOKEN").read_text()


def _command_lines() -> Iterator[str]:
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield file.read_text(errors="replace")
        except OSError:
            continue
