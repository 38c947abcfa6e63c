# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A number that changes between the look at it and the hold is never taken by force."""

from __future__ import annotations

from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.cluster.apply import Settings
from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client, Limits
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.scaler.apply import execute
from ansible_collections.bunops.platform.plugins.module_utils.scaler.plan import Hold, Plan, hold_of
from ansible_collections.bunops.platform.tests.unit.cluster.stub_server import Reply, StubServer, server  # noqa: F401
from ansible_collections.bunops.platform.tests.unit.scaler.support import QUEUE, wanted, workload

PATH = "/apis/apps/v1/namespaces/atlas/deployments/worker"
PATCH = f"PATCH {PATH}?fieldManager=bunops-scaler"
TAKEN = Reply(409, {"kind": "Status", "reason": "Conflict", "message": "conflict with keda"})
OURS = ["bunops-platform Apply"]
DEPLOYMENTS = {
    "metadata": {"name": "apps"},
    "versions": [
        {
            "version": "v1",
            "resources": [
                {
                    "resource": "deployments",
                    "responseKind": {"kind": "Deployment"},
                    "scope": "Namespaced",
                    "verbs": ["patch"],
                }
            ],
        }
    ],
}
KINDS = [Reply(body={"kind": "APIGroupDiscoveryList", "items": items}) for items in ([], [DEPLOYMENTS])]


def held(server: StubServer, *replies: Reply) -> Hold | None:  # noqa: F811
    want: Any = wanted(**QUEUE)
    server.replies = [*KINDS, *replies]
    settings = Settings(threads=1, force=True, dry_run=False, keep=False, deadline=0)
    with Client.connect(Options(host=server.url), Limits(patience=0)) as client:
        plan = Plan(hold=hold_of(want, workload(replicas=3, owners=OURS)))
        done = execute(client, want, "keda", plan, settings)
    assert server.requests[:2] == ["GET /api", "GET /apis"]
    return done.held


def test_it_is_held(server: StubServer) -> None:  # noqa: F811
    found = held(server, Reply(body={}))
    assert found is not None and found.replicas == 3
    assert server.requests[2:] == [PATCH]


def test_an_autoscaler_was_faster(server: StubServer) -> None:  # noqa: F811
    assert held(server, TAKEN, Reply(body=workload(replicas=5, owners=["keda Update"]))) is None
    assert server.requests[2:] == [PATCH, f"GET {PATH}"]


def test_somebody_has_applied_another_number(server: StubServer) -> None:  # noqa: F811
    found = held(server, TAKEN, Reply(body=workload(replicas=4, owners=OURS)), Reply(body={}))
    assert found is not None and found.replicas == 4
    assert server.requests[2:] == [PATCH, f"GET {PATH}", PATCH]
