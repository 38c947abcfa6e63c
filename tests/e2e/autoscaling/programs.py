# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""BullMQ on this machine: the worker as one file, and what adds jobs to a site's queue."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.tests.e2e.autoscaling.site import QUEUE, Site
from ansible_collections.bunops.platform.tests.integration.docker_guard.under_test import bun
from ansible_collections.bunops.platform.tests.integration.queue_meter.images import JOBS

HERE = Path(__file__).parent


def install(folder: Path) -> None:
    """Make a folder with BullMQ, what adds jobs, and the worker as one file, worker.js."""
    shutil.copytree(JOBS, folder, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copy(HERE / "worker.js", folder / "source.js")
    _run(folder, "install", "--frozen-lockfile")
    _run(folder, "build", "--target=bun", "--minify", "--outfile=worker.js", "source.js")


def do(folder: Path, site: Site, *steps: list[Any]) -> None:
    """Do steps on the site's queue; tests/integration/queue_meter/jobs/jobs.js tells which there are."""
    _run(folder, "jobs.js", "bullmq", site.redis_url(), QUEUE, json.dumps(steps))


def _run(folder: Path, *arguments: str) -> None:
    # The benchmark's output is a table; what goes wrong stands in the other one.
    subprocess.run([bun(), *arguments], cwd=folder, check=True, timeout=300, stdout=subprocess.DEVNULL)
