# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Measures what the edge adds to a request, and how it holds to a limit. `tests/run bench edge`, on a quiet machine."""

from __future__ import annotations

import http.client
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from ansible_collections.bunops.platform.tests.e2e.edge import behind
from ansible_collections.bunops.platform.tests.e2e.edge.behind import BRIDGES, HTTPS, PLACE, run
from ansible_collections.bunops.platform.tests.e2e.edge.client import Client
from ansible_collections.bunops.platform.tests.e2e.edge.limits import PER_SECOND, faster_than_the_limit
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import PlatformUnderTest
from ansible_collections.bunops.platform.tests.e2e.sign_in import session_cookie

REQUESTS = 1_000
_API, _PAGE = "/v1/jobs", "/"


def _times(connection: http.client.HTTPConnection, path: str, cookie: str = "") -> str:
    """Median and 95th percentile of requests on one connection, in ms; each is of another client."""
    taken: list[float] = []
    for number in range(REQUESTS):
        headers = {"x-forwarded-for": f"198.18.{number // 250}.{number % 250}", "cookie": cookie}
        started = time.perf_counter()
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - started) * 1000)
        assert answer.status == 200, (path, answer.status)
    return f"{statistics.median(taken):.2f}, {statistics.quantiles(taken, n=20)[-1]:.2f}"


def _directly(platform: PlatformUnderTest) -> tuple[str, str]:
    api, dashboard = (http.client.HTTPConnection("127.0.0.1", platform.ports[name]) for name in ("api", "dashboard"))
    return _times(api, _API), _times(dashboard, _PAGE, session_cookie(platform.ports["dashboard"]))


def _by_the_edge(client: Client) -> tuple[str, str]:
    connection = http.client.HTTPSConnection(PLACE.host, HTTPS, context=client.context())
    return _times(connection, _API), _times(connection, _PAGE, behind.session_cookie(client))


def edge() -> None:
    with tempfile.TemporaryDirectory() as folder:
        platform = PlatformUnderTest("bunops-bench-edge", Path(folder))
        platform.catalog["edge"].update(trusted_proxies=BRIDGES)
        platform.copy_project()
        platform.clean()
        try:
            platform.play("local.yml")
            directly = _directly(platform)
            run(platform)
            client = Client(platform.directory / ".bunops/secrets/edge-tls.ca", PLACE)
            by_the_edge = _by_the_edge(client)
            answers, seconds = faster_than_the_limit(client)
        finally:
            platform.clean()
    print("\n## The edge\n")
    print(f"| median, p95 of {REQUESTS:,}, ms | directly | by the edge |\n|---|---|---|")
    for what, *figures in zip((f"`GET {_API}`", "the dashboard's page, signed in"), directly, by_the_edge, strict=True):
        print(f"| {' | '.join([what, *figures])} |")
    counted = Counter(answer.status for answer in answers)
    told = ", ".join(f"{number} times {status}" for status, number in sorted(counted.items()))
    print(f"\n{len(answers)} requests of one client in {seconds:.1f} s, {PER_SECOND} a second allowed: {told}.")


if __name__ == "__main__":
    edge()
