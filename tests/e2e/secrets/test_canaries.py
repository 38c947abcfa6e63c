# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Thirty secrets from every source to every target, in runs that succeed, fail, crash and roll back.

Afterwards their values are in the targets, and nowhere else.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.e2e.platform_under_test import command
from ansible_collections.bunops.platform.tests.e2e.secrets.canaries import found
from ansible_collections.bunops.platform.tests.e2e.secrets.journey import KINDS, Journey
from ansible_collections.bunops.platform.tests.integration.k8s_wait.conftest import pushed

OBJECTS = (
    ("v1", "ConfigMap"),
    ("v1", "Event"),
    ("v1", "Pod"),
    ("v1", "ServiceAccount"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("coordination.k8s.io/v1", "Lease"),
)


@pytest.fixture(scope="module")
def journey(
    cluster: Any, engine: Any, busybox_image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Journey]:
    """All runs are over when a test gets it."""
    image = pushed(engine, busybox_image, cluster.registry)
    with Journey(tmp_path_factory.mktemp("canaries"), str(cluster.kubeconfig), busybox_image, image) as made:
        made.travel()
        yield made


def test_every_source_came_to_every_target(journey: Journey) -> None:
    assert len(journey.canaries) == 30 and {each.kind for each in journey.canaries} == set(KINDS)
    wanted = {each.name: each.value for each in journey.canaries}
    assert {name: (journey.directory / name).read_bytes().decode() for name in wanted} == wanted
    assert found([("dotenv", journey.dotenv.read_bytes())], journey.canaries)
    stored = [base64.b64decode(data) for item in journey.objects("v1", "Secret") for data in item["data"].values()]
    assert {value.encode() for value in wanted.values()} <= set(stored)


def test_the_runs_ended_as_they_should(journey: Journey) -> None:
    assert {name: play.rc for name, play in journey.plays.items()} == {
        "check": 0,
        "first": 0,
        "again": 0,
        "refused": 2,
        "crashed": 2,
        "rolled back in Docker": 2,
        "rolled back in Kubernetes": 2,
    }
    assert journey.plays["again"].changed == 0
    assert "is shorter than 100000 bytes" in journey.plays["refused"].output
    assert "crashed on purpose" in journey.plays["crashed"].output
    for target in ("Docker", "Kubernetes"):
        assert "The former versions of the secrets are back." in journey.plays[f"rolled back in {target}"].output


def test_no_value_is_printed_logged_cached_or_left_in_a_file(journey: Journey) -> None:
    printed = [(f"output of {name}", play.output.encode()) for name, play in journey.plays.items()]
    written = [(str(file.relative_to(journey.left)), file.read_bytes()) for file in files(journey.left)]
    names = {Path(place).parts[0] for place, _data in written}
    assert {"ansible.log", "facts", "record.json", "state"} <= names, names
    assert found([*printed, *written], journey.canaries) == []


def test_no_process_had_a_value_in_its_arguments_or_environment(journey: Journey) -> None:
    seen = journey.processes.seen
    assert any(b"AnsiballZ_secret_sync" in each for each in seen["arguments"])
    assert found([("arguments", b"\n".join(seen["arguments"]))], journey.canaries) == []
    # Those that come from the environment are there because the run was given them so.
    hidden = [each for each in journey.canaries if each.kind != "env"]
    assert found([("environment", b"\n".join(seen["environment"]))], hidden) == []


def test_no_value_is_in_docker(journey: Journey) -> None:
    told = [(what, command("docker", *what.split(), journey.container).encode()) for what in ("inspect", "diff")]
    told.append(("image inspect", command("docker", "image", "inspect", journey.image).encode()))
    told.append(("history", command("docker", "history", "--no-trunc", journey.image).encode()))
    assert found(told, journey.canaries) == []


def test_no_value_is_in_the_cluster_but_in_data_of_secrets(journey: Journey, cluster: Any) -> None:
    places = [(kind, json.dumps(list(journey.objects(version, kind))).encode()) for version, kind in OBJECTS]
    described = [
        {key: value for key, value in item.items() if key != "data"} for item in journey.objects("v1", "Secret")
    ]
    places.append(("Secrets without their data", json.dumps(described).encode()))
    assert cluster.audit_log, "the cluster of this test has to write an audit log"
    places.append(("audit log", cluster.audit_log.read_bytes()))
    assert journey.namespace.encode() in dict(places)["audit log"]
    assert found(places, journey.canaries) == []


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
