# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""States other than present, projects by other hands, Compose's own files, and what an unchanged run costs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.compose_project.conftest import container_ids, happened
from ansible_collections.bunops.platform.tests.integration.run_module import Module


def compose(*arguments: str, definition: dict[str, Any] | None = None, folder: Path | None = None) -> None:
    """Compose as a person uses it."""
    source = ["--file", "-"] if definition is not None else []
    done = subprocess.run(
        ["docker", "compose", *source, *arguments],
        text=True,
        capture_output=True,
        check=False,
        cwd=folder,
        timeout=60,
        input=None if definition is None else json.dumps(definition),
    )
    assert done.returncode == 0, done.stderr


def test_stopped_and_started_again(module: Module, definition: dict[str, Any], engine: Any) -> None:
    name = definition["name"]
    module.ok(definition=definition)
    before = container_ids(engine, name)
    planned = module.ok(name=name, state="stopped", check=True)
    done = module.ok(name=name, state="stopped")
    assert happened(planned) == happened(done) == {("service", "web", "stopped"), ("service", "worker", "stopped")}
    assert planned["diff"] == done["diff"]
    assert {item["state"] for item in done["services"]} == {"exited"}
    again = module.ok(definition=definition, state="stopped")
    assert (again["changed"], again["msg"]) == (False, "nothing: no container runs")
    planned = module.ok(definition=definition, check=True)
    done = module.ok(definition=definition)
    assert happened(planned) == happened(done)
    assert container_ids(engine, name) == before


def test_absent_keeps_the_data_unless_told(module: Module, definition: dict[str, Any], engine: Any) -> None:
    name = definition["name"]
    module.ok(definition=definition)
    services = {("service", item, "removed") for item in ("web", "worker", "migrate")}
    networks = {("network", f"{name}_{item}", "removed") for item in ("back", "egress")}
    planned = module.ok(name=name, state="absent", check=True)
    done = module.ok(name=name, state="absent")
    assert happened(planned) == happened(done) == services | networks
    assert engine.volumes.get(f"{name}_data")
    planned = module.ok(name=name, state="absent", volumes=True, check=True)
    done = module.ok(name=name, state="absent", volumes=True)
    assert happened(planned) == happened(done) == {("volume", f"{name}_data", "removed")}
    assert not module.ok(name=name, state="absent", volumes=True)["changed"]


def test_some_services_only(module: Module, definition: dict[str, Any], engine: Any) -> None:
    name = definition["name"]
    module.ok(definition=definition, services=["web"])
    assert set(container_ids(engine, name)) == {"web-1", "migrate-1"}
    assert module.ok(definition=definition)["changed"]
    done = module.ok(definition=definition, services=["worker"], state="absent")
    assert happened(done) == {("service", "worker", "removed")}
    done = module.ok(name=name, services=["web"], state="stopped")
    assert happened(done) == {("service", "web", "stopped")}


def test_throw_away_tasks_end_with_the_project(module: Module, definition: dict[str, Any], engine: Any) -> None:
    name = definition["name"]
    module.ok(definition=definition)
    task = engine.containers.run(
        definition["services"]["web"]["image"],
        detach=True,
        name=f"{name}-job",
        network=f"{name}_egress",
        labels={"bunops.platform.project": name},
    )
    assert not module.ok(definition=definition)["changed"]
    planned = module.ok(name=name, state="absent", check=True)
    done = module.ok(name=name, state="absent")
    assert ("task", task.name, "removed") in happened(planned)
    assert happened(planned) == happened(done)


def test_a_project_started_by_hand_is_taken_over(module: Module, definition: dict[str, Any], engine: Any) -> None:
    name = definition["name"]
    definition["services"]["side"] = {
        **definition["services"]["migrate"],
        "network_mode": "service:web",
        "restart": "unless-stopped",
        "command": ["sleep", "1000"],
    }
    compose("up", "-d", "--wait", "worker", "side", definition=definition)
    compose("up", "-d", "--no-recreate", "task", definition=definition)
    before = container_ids(engine, name)
    taken_over = module.ok(definition=definition)
    assert not taken_over["changed"], taken_over["msg"]
    assert container_ids(engine, name) == before
    definition["services"]["worker"]["environment"] = {"A": "1"}
    planned = module.ok(definition=definition, check=True)
    done = module.ok(definition=definition)
    assert happened(planned) == happened(done) == {("service", "worker", "recreated")}
    assert container_ids(engine, name)["web-1"] == before["web-1"]
    # And back: a person works on with the same definition.
    compose("up", "-d", definition=definition)
    assert not module.ok(definition=definition)["changed"]


def test_files_by_composes_own_rules(
    module: Module, project_name: str, busybox_image: str, tmp_path: Path, engine: Any
) -> None:
    (tmp_path / "compose.yaml").write_text(
        f"services:\n  web:\n    image: {busybox_image}\n    pull_policy: never\n"
        "    environment: {COLOUR: $COLOUR, PRICE: $$5}\n    env_file: web.env\n"
        "  debug:\n    image: nonesuch\n    profiles: [debug]\n"
    )
    (tmp_path / "compose.override.yaml").write_text("services:\n  web:\n    labels: {team: blue}\n")
    (tmp_path / "web.env").write_text("SIZE=large\n")
    (tmp_path / ".env").write_text(f"COMPOSE_PROJECT_NAME={project_name}\nCOLOUR=green\n")
    assert module.ok(project_src=str(tmp_path))["changed"]
    attributes = engine.containers.get(f"{project_name}-web-1").attrs["Config"]
    assert {"COLOUR=green", "PRICE=$5", "SIZE=large"} <= set(attributes["Env"])
    assert attributes["Labels"]["team"] == "blue"
    assert not module.ok(project_src=str(tmp_path))["changed"]
    (tmp_path / "web.env").write_text("SIZE=small\n")
    assert module.ok(project_src=str(tmp_path))["actions"][0]["cause"] == "environment.SIZE changed"
    (tmp_path / ".env.local").write_text("COLOUR=red\n")
    files = [str(tmp_path / name) for name in (".env", ".env.local", ".env.none")]
    assert module.ok(project_src=str(tmp_path), env_files=files)["actions"][0]["cause"] == "environment.COLOUR changed"
    assert module.ok(project_src=str(tmp_path), state="absent")["changed"]


def test_hidden_profiles_are_no_orphans(module: Module, definition: dict[str, Any], engine: Any) -> None:
    definition["services"]["debug"] = {**definition["services"]["worker"], "depends_on": {}, "profiles": ["debug"]}
    compose("--profile", "debug", "up", "-d", "debug", definition=definition)
    module.ok(definition=definition)
    assert "debug-1" in container_ids(engine, definition["name"])
    del definition["services"]["debug"]
    kept = module.ok(definition=definition, remove_orphans=False)
    assert not kept["changed"]
    assert happened(module.ok(definition=definition)) == {("service", "debug", "removed")}


def test_secrets_from_variables(module: Module, definition: dict[str, Any], tmp_path: Path) -> None:
    definition["secrets"]["password"] = {"environment": "DATABASE_PASSWORD"}
    env_file = tmp_path / "env"
    env_file.write_text("DATABASE_PASSWORD=first\n")
    module.ok(definition=definition, env_files=[str(env_file)])
    assert not module.ok(definition=definition, env_files=[str(env_file)])["changed"]
    env_file.write_text("DATABASE_PASSWORD=second\n")
    result = module.ok(definition=definition, env_files=[str(env_file)])
    assert result["actions"][0]["cause"] == "secrets.password.content changed"


def test_a_dependent_is_restarted(module: Module, definition: dict[str, Any], engine: Any) -> None:
    definition["services"]["worker"]["depends_on"]["web"]["restart"] = True
    module.ok(definition=definition)
    before = container_ids(engine, definition["name"])
    definition["services"]["web"]["environment"]["LOG_LEVEL"] = "debug"
    planned = module.ok(definition=definition, check=True)
    done = module.ok(definition=definition)
    assert happened(planned) == happened(done) == {("service", "web", "recreated"), ("service", "worker", "started")}
    assert container_ids(engine, definition["name"])["worker-1"] == before["worker-1"]


def test_a_run_that_was_cut_off_is_healed(module: Module, definition: dict[str, Any], engine: Any) -> None:
    name = definition["name"]
    module.ok(definition=definition)
    # As Compose leaves it when it dies between making the new container and removing the old one.
    old = engine.containers.get(f"{name}-worker-1")
    labels = {key: value for key, value in old.labels.items() if not key.startswith("bunops.")}
    engine.api.create_container(
        old.attrs["Config"]["Image"], labels=labels, name=f"{name}-cut-off", command=["sleep", "1000"]
    )
    done = module.ok(definition=definition)
    assert ("service", "worker", "removed") in happened(done)
    assert len([key for key in container_ids(engine, name) if "worker" in key or "cut-off" in key]) == 1
    assert not module.ok(definition=definition)["changed"]


@pytest.fixture
def counted(tmp_path: Path) -> tuple[Module, Path]:
    """The module with a docker command in front of the real one that writes down its arguments."""
    real = shutil.which("docker")
    log = tmp_path / "calls"
    program = tmp_path / "bin/docker"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {real} "$@"\n')
    program.chmod(0o755)
    return Module("compose_project", PATH=f"{program.parent}:{os.environ['PATH']}"), log


def test_an_unchanged_project_takes_one_look(
    counted: tuple[Module, Path], module: Module, definition: dict[str, Any], engine: Any
) -> None:
    for number in range(4):
        definition["services"][f"more{number}"] = definition["services"]["worker"]
    module.ok(definition=definition)
    counting, log = counted
    since = int(time.time())
    started = time.monotonic()
    assert not counting.ok(definition=definition)["changed"]
    # Generous: the whole process on a busy machine; docs/benchmarks.md has real figures.
    assert time.monotonic() - started < 3
    calls = log.read_text().splitlines()
    assert len(calls) == 1
    assert "config --format json" in calls[0]
    events = engine.events(
        since=since,
        until=int(time.time()) + 1,
        decode=True,
        filters={"label": f"com.docker.compose.project={definition['name']}", "event": ["create", "start", "die"]},
    )
    assert list(events) == []
