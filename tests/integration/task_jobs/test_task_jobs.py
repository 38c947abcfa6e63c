# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The example worker's tasks as Jobs of a real cluster; its own tests say what must hold."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.tests.integration.task_jobs.conftest import Tasks

PROGRAMS = Path(__file__).parents[3] / "examples" / "platform"
SUITE = "./worker/test/cluster/kubernetes_runner.cluster.ts"


def test_runner_on_a_cluster(tasks: Tasks, client: Client) -> None:
    environment = {
        **os.environ,
        "KUBERNETES_URL": tasks.url,
        "SERVICE_ACCOUNT": str(tasks.account),
        "TASKS_NAMESPACE": tasks.namespace,
        "FULL_NAMESPACE": tasks.full,
    }
    _bun("install", "--frozen-lockfile", environment=environment)
    output = _bun("test", SUITE, environment=environment)
    assert "\n 0 fail\n" in output
    for kind, version in (("Job", "batch/v1"), ("Pod", "v1")):
        assert list(client.list(version, kind, tasks.namespace)) == []


def _bun(*arguments: str, environment: dict[str, str]) -> str:
    """What it prints; it must not fail."""
    result = subprocess.run(
        ["bun", *arguments],
        cwd=PROGRAMS,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    return result.stdout
