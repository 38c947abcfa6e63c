# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""When a running Tilt counts as ready, and when as failed."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.tilt.judge import judge
from ansible_collections.bunops.platform.plugins.module_utils.tilt.model import TILTFILE, Resource, Session, Target

READ = Target(TILTFILE, "update", "fine")


def told(*targets: Target, health: str = "") -> list[str]:
    """The verdict as lines."""
    api = Resource("api", "compose", health)
    verdict = judge(Session(7, "/a/Tiltfile", (), "up", "t", targets, (api,)))
    lines = [f"failed {item.resource} {item.part}: {item.cause}" for item in verdict.failed]
    lines += [f"pending {item.resource} {item.part}: {item.cause}" for item in verdict.pending]
    assert verdict.ready == (not lines)
    return lines


@pytest.mark.parametrize(
    ("targets", "lines"),
    [
        ([READ], ["pending (Tiltfile) update: has given no resources yet"]),
        ([Target(TILTFILE, "update", "failed", "no name")], ["failed (Tiltfile) update: no name"]),
        ([READ, Target("api", "update", "fine"), Target("api", "runtime", "fine")], []),
        ([READ, Target("api", "update", "fine"), Target("button", "update", "idle")], []),
        ([READ, Target("api", "update", "active")], ["pending api update: is at work"]),
        ([READ, Target("api", "runtime", "active")], ["pending api runtime: is not ready"]),
        ([READ, Target("api", "update", "waiting", "waiting-for-dep")], ["pending api update: waiting for dep"]),
        (
            [READ, Target("api", "runtime", "waiting"), Target("api", "update", "active")],
            ["pending api update: is at work"],
        ),
        ([READ, Target("api", "runtime", "retrying", "crash")], ["pending api runtime: is retried: crash"]),
        (
            [READ, Target("api", "update", "failed", "exit status 3"), Target("web", "update", "waiting", "unknown")],
            ["failed api update: exit status 3", "pending web update: waiting"],
        ),
    ],
)
def test_verdict(targets: list[Target], lines: list[str]) -> None:
    assert told(*targets) == lines


def test_health() -> None:
    """Tilt takes a running container for ready; its health check has a say here."""
    fine = (READ, Target("api", "update", "fine"), Target("api", "runtime", "fine"))
    assert told(*fine, health="healthy") == []
    assert told(*fine, health="starting") == ["pending api runtime: its health check has not passed yet"]
    assert told(*fine, health="unhealthy") == ["failed api runtime: its container is unhealthy"]
    replaced = (READ, Target("api", "update", "waiting", "waiting-for-dep"), Target("api", "runtime", "fine"))
    assert told(*replaced, health="unhealthy") == ["pending api update: waiting for dep"]
