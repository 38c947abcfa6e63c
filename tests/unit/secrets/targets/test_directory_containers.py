# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which containers use secrets of a directory, and when a restarted one is well; the real engine is asked elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.compose.model import Container
from ansible_collections.bunops.platform.plugins.module_utils.secrets.rollout.container_health import SETTLE, judge
from ansible_collections.bunops.platform.plugins.module_utils.secrets.rollout.containers import Mounted
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Version

HOLDING = {
    "A": Version(1, 0, {"A": b"", "A.acl": b""}, "/srv/secrets/A"),
    "B": Version(1, 0, {"B": b""}, "/srv/secrets/B"),
}
RUNNING = Container(
    id="1",
    name="api",
    service="",
    number=1,
    oneoff=False,
    image_id="",
    image="",
    status="running",
    exit_code=0,
    oom_killed=False,
    error="",
    health="",
    restart_count=0,
    restart_policy="no",
    started_at="2026-11-24T02:08:58.5Z",
    finished_at="",
    labels={},
    networks={},
    volumes=(),
    ports=(),
    environment=(),
    health_log=(),
)


@pytest.mark.parametrize(
    ("source", "secrets"),
    [
        ("/srv/secrets/A", {"A"}),
        ("/srv/secrets/A.acl", {"A"}),
        ("/srv/secrets/..v12/B", {"B"}),
        ("/srv/secrets/..data/B", {"B"}),
        ("/srv/secrets", {"A", "B"}),
        ("/srv/secrets/..data", {"A", "B"}),
        ("/srv/secrets/..v1", {"A", "B"}),
        ("/srv/secrets/OTHER", set()),
        ("/srv/secrets2/A", set()),
        ("/srv", set()),
        ("/srv/secrets/..old/A", set()),
    ],
)
def test_a_mount_shows_secrets(source: str, secrets: set[str]) -> None:
    mounted = Mounted("/srv/secrets", HOLDING)
    assert mounted.secrets([{"Type": "bind", "Source": source}]) == secrets
    assert mounted.secrets([{"Type": "volume", "Source": source}]) == set()


def test_a_mount_is_known_by_another_name_of_the_directory(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "alias").symlink_to("real")
    mounted = Mounted(str(tmp_path / "real"), HOLDING)
    assert mounted.secrets([{"Type": "bind", "Source": str(tmp_path / "alias/A")}]) == {"A"}
    aliased = Mounted(str(tmp_path / "alias"), HOLDING)
    assert aliased.secrets([{"Type": "bind", "Source": str(tmp_path / "real/A")}]) == {"A"}


@pytest.mark.parametrize(
    ("changes", "running_for", "verdict"),
    [
        ({}, SETTLE, ("", "")),
        ({}, SETTLE - 0.1, ("", "it has just started")),
        ({"health": "healthy"}, 0.0, ("", "")),
        ({"health": "starting"}, 99.0, ("", "its health check has not passed yet")),
        ({"health": "unhealthy"}, 99.0, ("it is unhealthy", "")),
        ({"status": "restarting", "exit_code": 3}, 0.0, ("", "it is restarting")),
        ({"restart_count": 3, "exit_code": 3}, 99.0, ("it restarts in a loop (last exit code 3)", "")),
        ({"status": "exited", "exit_code": 0}, 0.0, ("it ended with exit code 0", "")),
        ({"status": "exited", "error": "no such mount"}, 0.0, ("no such mount", "")),
    ],
)
def test_a_restarted_container_is_judged(
    changes: dict[str, object], running_for: float, verdict: tuple[str, str]
) -> None:
    assert judge(replace(RUNNING, **changes), running_for) == verdict  # type: ignore[arg-type]
