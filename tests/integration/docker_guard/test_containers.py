"""What the guard really starts, seen by the engine and from inside."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.tests.integration.docker_guard.engine_client import Engine
from ansible_collections.bunops.platform.tests.integration.docker_guard.under_test import ROOT, Guard

PROFILE = json.loads((ROOT / "docker/seccomp/chrome.json").read_text())

HOST_CONFIG = {
    "AutoRemove": False,
    "Binds": [],
    "CapAdd": [],
    "CapDrop": ["ALL"],
    "Devices": [],
    "DeviceRequests": None,
    "GroupAdd": None,
    "Init": True,
    "IpcMode": "private",
    "LogConfig": {"Type": "json-file", "Config": {"max-size": "16m", "max-file": "1"}},
    "Memory": 67108864,
    "MemorySwap": 67108864,
    "NanoCpus": 500000000,
    "NetworkMode": "none",
    "OomScoreAdj": 0,
    "PidMode": "",
    "PidsLimit": 32,
    "PortBindings": {},
    "Privileged": False,
    "PublishAllPorts": False,
    "ReadonlyRootfs": True,
    "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
    "ShmSize": 8388608,
    "Tmpfs": {"/tmp": "rw,nosuid,nodev,size=1048576,mode=1777"},
    "UTSMode": "",
    "Ulimits": [{"Name": "nofile", "Soft": 4096, "Hard": 4096}],
    "UsernsMode": "",
    "VolumesFrom": None,
}


def test_the_engine_has_the_policy_s_settings(guard: Guard, engine: Engine) -> None:
    found = engine.inspect(guard.create("true").json["Id"])["HostConfig"]
    assert {field: found[field] for field in HOST_CONFIG} == HOST_CONFIG


def test_the_rest_of_the_container_comes_from_the_policy_too(
    guard: Guard, engine: Engine, project: str, task_image: str
) -> None:
    identifier = guard.create("true", owner="host", job="7").json["Id"]
    container = engine.inspect(identifier)
    config = container["Config"]
    assert container["Name"].startswith(f"/{project}-task-")
    assert container["Mounts"] == []
    assert config["Image"] == task_image
    assert config["User"] == "1000:1001"
    assert config["Env"] == ["PATH=/bin", "EGRESS=none"]
    assert config["Cmd"] == ["sh", "-c", "true"]
    assert config["Healthcheck"] == {"Test": ["NONE"]}
    assert config["Labels"] == {
        "bunops.platform.project": project,
        "bunops.platform.service": "worker",
        "bunops.platform.task": "task",
        "bunops.platform.owner": "host",
        "bunops.platform.job": "7",
    }
    privileges, seccomp = container["HostConfig"]["SecurityOpt"]
    assert privileges == "no-new-privileges:true"
    assert json.loads(seccomp.removeprefix("seccomp=")) == PROFILE


def test_a_task_has_no_rights_inside(guard: Guard) -> None:
    code, output, errors = guard.run(
        "echo id $(id -u) $(id -g) $(id -G); grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status;"
        "echo init $(cat /proc/1/comm); echo interfaces $(grep -c : /proc/net/dev); echo files $(ulimit -n);"
        "touch /tmp/x && touch /x"
    )
    facts = dict(line.split(maxsplit=1) for line in output.splitlines())
    assert facts == {
        "id": "1000 1001 1001",
        "CapEff:": "0000000000000000",
        "CapBnd:": "0000000000000000",
        "NoNewPrivs:": "1",
        "Seccomp:": "2",
        "init": "docker-init",
        "interfaces": "1",
        "files": "4096",
    }
    assert (code, errors) == (1, "touch: /x: Read-only file system\n")


def test_a_task_runs_from_creation_to_removal(guard: Guard) -> None:
    identifier = guard.start("echo out; echo err >&2; sleep 0.3; echo end; exit 3", owner="host", job="1")
    logs = guard.call("GET", f"/containers/{identifier}/logs?follow=1&stdout=1&stderr=1")
    assert logs.output() == ("out\nend\n", "err\n")
    assert guard.call("POST", f"/containers/{identifier}/wait").json["StatusCode"] == 3
    (listed,) = guard.call("GET", '/containers/json?all=1&filters={"label":["bunops.platform.owner=host"]}').json
    assert (listed["Id"], listed["Image"], listed["State"]) == (identifier, "task", "exited")
    assert guard.call("GET", '/containers/json?all=1&filters={"label":["bunops.platform.job=2"]}').json == []
    assert guard.call("DELETE", f"/containers/{identifier}?v=1").status == 204
    assert guard.call("POST", f"/containers/{identifier}/wait").status == 404


def test_a_task_is_found_by_its_name_and_by_a_short_id(guard: Guard, engine: Engine) -> None:
    identifier = guard.start("sleep 60")
    name = engine.inspect(identifier)["Name"].removeprefix("/")
    assert guard.call("POST", f"/containers/{identifier[:12]}/kill?signal=KILL").status == 204
    assert guard.call("POST", f"/containers/{name}/wait").json["StatusCode"] == 137


def test_a_silent_task_is_waited_for_longer_than_a_server_s_idle_limit(guard: Guard) -> None:
    assert guard.run("sleep 15; echo done") == (0, "done\n", "")


def test_four_megabytes_of_output_arrive_whole(guard: Guard) -> None:
    code, output, errors = guard.run("head -c 3000000 /dev/zero | base64 -w 0")
    assert (code, output, errors) == (0, "A" * 4_000_000, "")


def test_a_task_is_in_its_own_network_only(
    policy: Callable[..., dict[str, Any]], engine: Engine, project: str, tmp_path: Path
) -> None:
    network = f"{project}_egress"
    engine.call("POST", "/networks/create", {"Name": network, "Internal": True})
    try:
        with Guard(policy(network=network), tmp_path) as guard:
            identifier = guard.start("sleep 60")
            assert list(engine.inspect(identifier)["NetworkSettings"]["Networks"]) == [network]
    finally:
        engine.call("DELETE", f"/networks/{network}")


def test_an_image_that_is_not_there_is_said(policy: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    with Guard(policy(image="bunops-guard-test:none"), tmp_path) as guard:
        answer = guard.create("true")
        assert answer.status == 404
        assert answer.message.startswith("docker guard: the Docker Engine answered: No such image")
