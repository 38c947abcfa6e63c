# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The real Envoy Gateway before the deployed platform: the table of requests that Envoy under Compose answers, too."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.tests.e2e.edge.client import Client
from ansible_collections.bunops.platform.tests.e2e.edge.limits import check_limit
from ansible_collections.bunops.platform.tests.e2e.edge.table import CASES, check
from ansible_collections.bunops.platform.tests.e2e.kubernetes.deployment import Deployment
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
    for kind in ("ClientTrafficPolicy", "BackendTrafficPolicy"):
        found = list(deployment.items("gateway.envoyproxy.io/v1alpha1", kind))
        assert found, kind
        for item in found:
            (ancestor,) = item["status"]["ancestors"]
            states = {each["type"]: (each["status"], each.get("message")) for each in ancestor["conditions"]}
            assert states["Accepted"][0] == "True", (kind, item["metadata"]["name"], states)
