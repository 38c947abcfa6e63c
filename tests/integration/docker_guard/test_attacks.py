"""A taken-over service against the platform's other containers, through the guard, on the real engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.bunops.platform.tests.integration.docker_guard.engine_client import Engine
from ansible_collections.bunops.platform.tests.integration.docker_guard.under_test import Guard

IDENTIFIERS = ["id", "short id", "name"]
CALLS = [
    ("GET", "/logs?stdout=1"),
    ("POST", "/wait"),
    ("POST", "/kill"),
    ("POST", "/stop?t=0"),
    ("POST", "/start"),
    ("DELETE", "?force=1"),
    ("GET", "/json"),
    ("GET", "/export"),
    ("POST", "/exec"),
    ("POST", "/attach?stream=1"),
]


@pytest.fixture
def api(engine: Engine, project: str, task_image: str) -> Iterator[str]:
    """The id of another service of the platform, with Compose's labels and half of the guard's."""
    labels = {"com.docker.compose.project": project, "bunops.platform.project": project}
    config = {"Image": task_image, "Cmd": ["/bin/sleep", "300"], "Labels": labels}
    identifier = engine.start(config, name=f"{project}-api-1")
    yield identifier
    engine.remove(identifier)


@pytest.mark.parametrize("known_by", IDENTIFIERS)
def test_another_service_is_out_of_reach(guard: Guard, engine: Engine, api: str, project: str, known_by: str) -> None:
    name = {"id": api, "short id": api[:12], "name": f"{project}-api-1"}[known_by]
    answers = [guard.call(method, f"/containers/{name}{rest}") for method, rest in CALLS]
    assert {answer.status for answer in answers} <= {403, 404}
    assert all(answer.message.startswith("docker guard: ") for answer in answers)
    assert guard.call("GET", "/containers/json?all=1").json == []
    assert engine.is_running(api)


@pytest.mark.parametrize(
    "body",
    [
        {"Image": "alpine"},
        {"Image": "task", "HostConfig": {"Privileged": True}},
        {"Image": "task", "HostConfig": {"Binds": ["/:/host"]}},
        {"Image": "task", "hostConfig": {"Mounts": [{"Type": "bind", "Source": "/", "Target": "/host"}]}},
        {"Image": "task", "HostConfig": {"NetworkMode": "host"}},
        {"Image": "task", "User": "0"},
        {"Image": "task", "Entrypoint": ["/bin/sh"]},
        {"Image": "task", "Labels": {"bunops.platform.service": "api"}},
        {"Image": "task", "__proto__": {"HostConfig": {"Privileged": True}}},
    ],
    ids=str,
)
def test_no_other_container_is_created(guard: Guard, engine: Engine, project: str, body: object) -> None:
    answer = guard.call("POST", "/containers/create", body)
    assert (answer.status, answer.message[:14]) == (403, "docker guard: ")
    assert engine.containers(project) == []


def test_every_refusal_is_logged_with_its_reason(guard: Guard) -> None:
    guard.call("POST", "/containers/create", {"Image": "alpine"})
    line = guard.log()[-1]
    assert (line["level"], line["msg"], line["client"], line["status"]) == ("warn", "refused", "worker", 403)
    assert line["reason"] == 'docker guard: Image "alpine" is not a task of service worker; allowed: task'
