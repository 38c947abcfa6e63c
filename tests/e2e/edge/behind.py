# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The platform behind its edge, and a client in front of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ansible_collections.bunops.platform.tests.e2e.edge.client import Client, Place
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import PlatformUnderTest, Play

HTTPS, HTTP = 28443, 28480
PLACE = Place("localhost", "127.0.0.1", HTTPS, HTTP)
# Those of Docker's networks, so that one machine can be many clients.
BRIDGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
_ARGUMENTS = {"edge": True, "compose_stack_edge_https_port": HTTPS, "compose_stack_edge_http_port": HTTP}


@dataclass(frozen=True)
class Behind:
    """first: the run that started the edge."""

    platform: PlatformUnderTest
    client: Client
    first: Play


def run(platform: PlatformUnderTest, *arguments: str) -> Play:
    """The playbook, with the edge."""
    return platform.play("local.yml", "-e", json.dumps(_ARGUMENTS), *arguments)


def session_cookie(client: Client) -> str:
    """The cookie of a test session, by signing in."""
    sign_in = {"method": "POST", "path": "/sign-in", "headers": {"origin": PLACE.origin}}
    answer = client.ask(sign_in, "203.0.113.20")
    assert answer.status == 303, answer
    return answer.headers["set-cookie"].partition(";")[0]
