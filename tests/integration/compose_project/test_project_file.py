"""The project written down: for people, and for `docker compose` by hand without changing anything."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.tests.integration.compose_project.conftest import container_ids
from ansible_collections.bunops.platform.tests.integration.run_module import Module


def test_docker_compose_by_hand_finds_nothing_to_change(
    module: Module, definition: dict[str, Any], project_name: str, engine: Any, tmp_path: Path
) -> None:
    file = tmp_path / "project" / "compose.json"
    module.ok(definition=definition, project_file=str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    before = container_ids(engine, project_name)

    up = ["docker", "compose", "--file", str(file), "--progress", "quiet", "up", "--detach"]
    subprocess.run(up, check=True, timeout=60, capture_output=True)
    assert container_ids(engine, project_name) == before
    assert not module.ok(definition=definition, project_file=str(file))["changed"]


def test_check_mode_writes_no_file(module: Module, definition: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "compose.json"
    module.ok(check=True, definition=definition, project_file=str(file))
    assert not file.exists()


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_changed(
    module: Module, definition: dict[str, Any], project_name: str, engine: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    refused = module.failing(definition=definition, project_file=str(tmp_path / "file" / "compose.json"))
    assert refused["msg"].startswith(f"The project file {tmp_path}/file/compose.json cannot be written: ")
    assert container_ids(engine, project_name) == {}
