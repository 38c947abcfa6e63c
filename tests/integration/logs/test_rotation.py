# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the engine makes of the limits: old lines go, the others are all read, closed files are compressed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.backup import scratch
from ansible_collections.bunops.platform.plugins.plugin_utils.model.limits import Logging
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose_containers import log_rotation
from ansible_collections.bunops.platform.tests.integration.logs.program import LIMIT, PROGRAM

LINES = 6000
# Of a line with what json-file writes around it, at least.
WRITTEN_BYTES = 150
SIZE = 128 * 1024
FILES = 3
SCRIPT = f"""
line=0
while [ $$line -lt {LINES} ]; do
  echo '{{"level":"info","msg":"line '$$line' of many, with a text that takes some room"}}'
  line=$$((line + 1))
done
exec sleep 3600
"""


def test_a_log_is_bounded_and_read_across_its_files(
    engine: Any, project_name: str, busybox_image: str, tmp_path: Path
) -> None:
    logging = log_rotation(Logging.model_validate({"max_size": f"{SIZE // 1024}Ki", "max_files": FILES}))
    service = {
        "image": busybox_image,
        "pull_policy": "never",
        "network_mode": "none",
        "command": ["sh", "-c", SCRIPT],
        "logging": logging,
    }
    (tmp_path / ".bunops").mkdir()
    file = tmp_path / ".bunops/compose.json"
    file.write_text(json.dumps({"name": project_name, "services": {"api": service}}))
    subprocess.run(
        ["docker", "compose", "--file", str(file), "up", "--detach"], check=True, capture_output=True, timeout=LIMIT
    )
    end = time.monotonic() + LIMIT
    while not (shown := numbers(tmp_path)) or shown[-1] != LINES - 1:
        assert time.monotonic() < end, shown[-1:]
        time.sleep(0.2)
    # No gap between the files. The first lines are gone, and more is there than one file has room for.
    assert shown == list(range(shown[0], LINES))
    assert shown[0] > 0
    assert len(shown) > SIZE // WRITTEN_BYTES
    # The engine compresses a file some time after it has closed it.
    while not any(name.endswith(".gz") for name in log_files(engine, project_name)):
        assert time.monotonic() < end, log_files(engine, project_name)
        time.sleep(0.2)
    files = log_files(engine, project_name)
    assert len(files) <= FILES
    assert sum(files.values()) < SIZE * FILES


def numbers(folder: Path) -> list[int]:
    environment = {**os.environ, "TZ": "UTC", "FOLLOW": "false"}
    program = subprocess.run(
        [sys.executable, PROGRAM], cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT
    )
    return [int(line.split(" line ")[1].split()[0]) for line in program.stdout.splitlines()]


def log_files(engine: Any, project: str) -> dict[str, int]:
    (container,) = engine.containers.list(filters={"label": f"com.docker.compose.project={project}"})
    log = Path(engine.api.inspect_container(container.id)["LogPath"])
    return {path.name: path.stat().st_size for path in log.parent.glob(f"{log.name}*")}


def test_scratch_instances_of_backups_are_bounded_too(engine: Any, project_name: str, busybox_image: str) -> None:
    with (
        scratch.swept(engine, project_name),
        scratch.volume_of(engine, busybox_image, project_name, timeout=10) as made,
        scratch.running(made, ["sleep", "3600"], "/data") as running,
    ):
        logging = engine.api.inspect_container(running.container)["HostConfig"]["LogConfig"]
        engine.api.kill(running.container)
    assert logging == {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "1"}}
