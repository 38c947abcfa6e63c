# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""For every kind of edit: check mode says exactly what a run does, and a second run does nothing."""

from __future__ import annotations

import copy
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.compose_project.conftest import container_ids, happened
from ansible_collections.bunops.platform.tests.integration.run_module import Module

Definition = dict[str, Any]
Edit = Callable[[Definition, Any], None]


def retag(definition: Definition, engine: Any) -> None:
    """The image gets new content under the same reference."""
    reference = definition["services"]["web"]["image"]
    repository, _, tag = reference.partition(":")
    container = engine.api.create_container(reference, labels={"com.docker.compose.project": "none"})
    engine.api.commit(container["Id"], repository=repository, tag=tag, changes=['LABEL edited="yes"'])
    engine.api.remove_container(container["Id"])


def web(**changes: Any) -> Edit:
    """Change settings of the service web."""

    def edit(definition: Definition, _engine: Any) -> None:
        for key, value in changes.items():
            current = definition["services"]["web"].get(key)
            both_mappings = isinstance(current, dict) and isinstance(value, dict)
            definition["services"]["web"][key] = {**current, **value} if both_mappings else value

    return edit


def publish(definition: Definition, _engine: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    definition["services"]["web"]["ports"] = [f"127.0.0.1:{port}:80"]


def add_network(definition: Definition, _engine: Any) -> None:
    definition["networks"]["extra"] = {}
    definition["services"]["web"]["networks"].append("extra")


def remove_network(definition: Definition, _engine: Any) -> None:
    definition["services"]["worker"]["networks"] = ["egress"]


def open_network(definition: Definition, _engine: Any) -> None:
    definition["networks"]["back"] = {}


def add_volume(definition: Definition, _engine: Any) -> None:
    definition["volumes"]["more"] = {}
    definition["services"]["web"]["volumes"].append("more:/more")


def rename_volume(definition: Definition, _engine: Any) -> None:
    definition["volumes"]["data"] = {"name": f"{definition['name']}_moved"}


def edit_config(definition: Definition, _engine: Any) -> None:
    definition["configs"]["settings"]["content"] = "colour=red"


def edit_secret(definition: Definition, _engine: Any) -> None:
    Path(definition["secrets"]["password"]["file"]).write_text("second")


def replace_secret_file(definition: Definition, _engine: Any) -> None:
    path = Path(definition["secrets"]["password"]["file"])
    (path.parent / "new").write_text("second")
    (path.parent / "new").rename(path)


def depend(definition: Definition, _engine: Any) -> None:
    definition["services"]["worker"]["depends_on"]["migrate"] = {"condition": "service_completed_successfully"}


def drop_worker(definition: Definition, _engine: Any) -> None:
    del definition["services"]["worker"]


def drop_migration(definition: Definition, _engine: Any) -> None:
    del definition["services"]["migrate"], definition["services"]["web"]["depends_on"]


def edit_migration(definition: Definition, _engine: Any) -> None:
    definition["services"]["migrate"]["command"] = ["echo", "again"]


def scale(count: int) -> Edit:
    def edit(definition: Definition, _engine: Any) -> None:
        definition["services"]["worker"]["scale"] = count

    return edit


def scale_and_edit(definition: Definition, _engine: Any) -> None:
    definition["services"]["worker"].update(scale=3, environment={"A": "1"})


def edit_both(definition: Definition, engine: Any) -> None:
    web(environment={"A": "1"})(definition, engine)
    container(definition, engine, "worker").kill()


def container(definition: Definition, engine: Any, service: str) -> Any:
    return engine.containers.get(f"{definition['name']}-{service}-1")


def stop_web(definition: Definition, engine: Any) -> None:
    container(definition, engine, "web").stop()


def kill_worker(definition: Definition, engine: Any) -> None:
    container(definition, engine, "worker").kill()


def remove_worker(definition: Definition, engine: Any) -> None:
    container(definition, engine, "worker").remove(force=True)


def pause_worker(definition: Definition, engine: Any) -> None:
    container(definition, engine, "worker").pause()


def disconnect_worker(definition: Definition, engine: Any) -> None:
    engine.networks.get(f"{definition['name']}_back").disconnect(container(definition, engine, "worker"))


def remove_egress(definition: Definition, engine: Any) -> None:
    engine.networks.get(f"{definition['name']}_egress").remove()


def nothing(_definition: Definition, _engine: Any) -> None:
    """No edit at all."""


WEB = ("service", "web", "recreated")
WORKER = ("service", "worker", "recreated")
CASES: dict[str, tuple[Edit, set[tuple[str, str, str]]]] = {
    "nothing": (nothing, set()),
    "image retagged": (retag, {WEB, WORKER, ("service", "migrate", "recreated")}),
    "environment": (web(environment={"LOG_LEVEL": "debug"}), {WEB}),
    "secret environment": (web(environment={"DB_PASSWORD": "other-password"}), {WEB}),
    "environment removed": (web(environment={"LOG_LEVEL": None}), {WEB}),
    "command": (web(command=["sleep", "1000"]), {WEB}),
    "label": (web(labels={"team": "blue"}), {WEB}),
    "port": (publish, {WEB}),
    "health check": (web(healthcheck={"retries": 7}), {WEB}),
    "memory limit": (web(mem_limit="64m"), {WEB}),
    "network added": (add_network, {WEB, ("network", "extra", "created")}),
    "network removed": (remove_network, {WORKER}),
    "network changed": (open_network, {WEB, WORKER, ("network", "back", "recreated")}),
    "network lost": (remove_egress, {("network", "egress", "created")}),
    "network detached": (disconnect_worker, {WORKER}),
    "volume added": (add_volume, {WEB, ("volume", "more", "created")}),
    "volume renamed": (rename_volume, {WEB, ("volume", "moved", "created")}),
    "config content": (edit_config, {WEB}),
    "secret content": (edit_secret, {WEB}),
    "secret file replaced": (replace_secret_file, {WEB}),
    "order of start": (depend, set()),
    "one-shot edited": (edit_migration, {("service", "migrate", "recreated")}),
    "service removed": (drop_worker, {("service", "worker", "removed")}),
    "one-shot removed": (drop_migration, {("service", "migrate", "removed")}),
    "scale up": (scale(3), {("service", "worker", "created")}),
    "scale to 0": (scale(0), {("service", "worker", "removed")}),
    "scale up and edit": (scale_and_edit, {WORKER, ("service", "worker", "created")}),
    "edit and start": (edit_both, {WEB, ("service", "worker", "started")}),
    "stopped": (stop_web, {("service", "web", "started")}),
    "killed": (kill_worker, {("service", "worker", "started")}),
    "container lost": (remove_worker, {("service", "worker", "created")}),
    "paused": (pause_worker, {("service", "worker", "started")}),
}


@pytest.mark.parametrize("case", CASES)
def test_the_plan_is_what_happens(case: str, module: Module, definition: Definition, engine: Any) -> None:
    edit, expected = CASES[case]
    name = definition["name"]
    module.ok(definition=definition)
    edited = copy.deepcopy(definition)
    edit(edited, engine)
    before = container_ids(engine, name)

    planned = module.ok(definition=edited, check=True)
    assert container_ids(engine, name) == before, "check mode changes nothing"
    done = module.ok(definition=edited)
    after = container_ids(engine, name)
    again = module.ok(definition=edited)

    # Networks and volumes are named with the project in front.
    wanted = {
        (kind, f"{name}_{item}" if kind in ("network", "volume") else item, what) for kind, item, what in expected
    }
    assert happened(planned) == wanted, planned["msg"]
    assert happened(done) == wanted
    assert planned["changed"] == done["changed"] == bool(expected)
    assert planned["diff"] == done["diff"]
    assert planned["msg"] == done["msg"]
    assert (again["changed"], again["actions"], again["msg"][:7]) == (False, [], "nothing"), again["msg"]
    untouched = {"web", "worker", "migrate"} - {item for kind, item, _ in expected if kind == "service"}
    assert {key: before.get(f"{key}-1") for key in untouched} == {key: after.get(f"{key}-1") for key in untouched}
    assert "hunter2" not in str(done)
    assert "other-password" not in str(done)


def test_scale_down_keeps_the_first(module: Module, definition: Definition, engine: Any) -> None:
    definition["services"]["worker"]["scale"] = 3
    module.ok(definition=definition)
    first = container_ids(engine, definition["name"])["worker-1"]
    definition["services"]["worker"]["scale"] = 1
    planned = module.ok(definition=definition, check=True)
    done = module.ok(definition=definition)
    assert happened(planned) == happened(done) == {("service", "worker", "removed")}
    assert container_ids(engine, definition["name"])["worker-1"] == first


def test_every_action_has_its_cause(module: Module, definition: Definition) -> None:
    module.ok(definition=definition)
    definition["services"]["web"]["environment"]["LOG_LEVEL"] = "debug"
    result = module.ok(definition=definition)
    assert [(item["service"], item["cause"]) for item in result["actions"]] == [
        ("web", "environment.LOG_LEVEL changed")
    ]
    assert result["diff"]["before"] == "services:\n  web:\n    environment:\n      LOG_LEVEL: info\n"
    assert result["diff"]["after"] == "services:\n  web:\n    environment:\n      LOG_LEVEL: debug\n"


def test_a_changed_volume_is_kept_and_told(module: Module, definition: Definition, engine: Any) -> None:
    module.ok(definition=definition)
    created = engine.volumes.get(f"{definition['name']}_data").attrs["CreatedAt"]
    definition["volumes"]["data"] = {"labels": {"team": "blue"}}
    result = module.ok(definition=definition)
    assert not result["changed"]
    assert "labels.team added" in str(result["warnings"])
    assert engine.volumes.get(f"{definition['name']}_data").attrs["CreatedAt"] == created
    definition["services"]["web"]["environment"]["LOG_LEVEL"] = "debug"
    assert happened(module.ok(definition=definition)) == {WEB}
    assert engine.volumes.get(f"{definition['name']}_data").attrs["CreatedAt"] == created
