# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The whole module, killed at random moments while it brings a new generation of values to three targets."""

from __future__ import annotations

import base64
import random
import secrets
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.tests.integration.run_module import Module

KILLS = 20
NAMES = [f"SECRET_{number}" for number in range(20)]
# Those that a workload uses.
USED = NAMES[:3]
Json = dict[str, Any]


class Place:
    """Three targets, a workload without pods that uses some of the secrets, and where the values come from."""

    def __init__(self, folder: Path, kubeconfig: str) -> None:
        self.directory, self.dotenv, self._values = folder / "secrets", folder / "secrets.env", folder / "values.json"
        self.namespace = f"bunops-killed-{secrets.token_hex(4)}"
        self.client = Client.connect(Options(kubeconfig=kubeconfig))
        self.module = Module("secret_sync", XDG_STATE_HOME=str(folder / "state"))
        self.options: Json = {
            "name": "atlas",
            "kubeconfig": kubeconfig,
            "roll": True,
            "targets": [
                {"directory": {"path": str(self.directory)}},
                {"dotenv": {"path": str(self.dotenv)}},
                {"kubernetes": {"namespace": self.namespace}},
            ],
            "secrets": [{"name": name, "source": {"dotenv": {"path": str(self._values)}}} for name in NAMES],
        }
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}, None)

    def apply(self, item: Json, namespace: str | None) -> None:
        path = self.client.path(item["apiVersion"], item["kind"], namespace, item["metadata"]["name"])
        self.client.request("PATCH", path, item, {"fieldManager": "bunops-tests"}, APPLY)

    def give(self, generation: int) -> None:
        """From now on the source has these values."""
        self._values.write_text("".join(f"{name}={value(name, generation)}\n" for name in NAMES))

    def deploy(self, objects: Json) -> None:
        """The workload: no pods, so that only what it names is looked at."""
        volumes = [{"name": f"v{i}", "secret": {"secretName": objects[name]["name"]}} for i, name in enumerate(USED)]
        pod = {"containers": [{"name": "main", "image": "none.example/none"}], "volumes": volumes}
        spec = {
            "replicas": 0,
            "selector": {"matchLabels": {"app": "a"}},
            "template": {"metadata": {"labels": {"app": "a"}}, "spec": pod},
        }
        self.apply(
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "user"}, "spec": spec}, self.namespace
        )

    def generations(self) -> dict[str, set[str]]:
        """Which generations each place holds now, as a reader sees it."""
        live = self.client.get("apps/v1", "Deployment", self.namespace, "user")
        assert live
        names = [volume["secret"]["secretName"] for volume in live["spec"]["template"]["spec"]["volumes"]]
        current = self.directory.joinpath("..data").resolve()
        script = '. "$0"; ' + " ".join(f'printf "%s\\n" "${name}";' for name in NAMES)
        shell = subprocess.run(["sh", "-c", script, self.dotenv], capture_output=True, text=True, check=True)
        return {
            "directory": {generation(current.joinpath(name).read_text()) for name in NAMES},
            "dotenv": {generation(line) for line in shell.stdout.splitlines()},
            "workload": {generation(self._stored(name)) for name in names},
        }

    def await_first_target(self, process: subprocess.Popen[str]) -> None:
        """Return when the run has changed the directory, which is the first one, or has ended."""
        current = self.directory / "..data"
        before = current.readlink()
        while current.readlink() == before and process.poll() is None:
            time.sleep(0.001)

    def _stored(self, name: str) -> str:
        item = self.client.get("v1", "Secret", self.namespace, name)
        assert item, f"the workload names {name}, which is not there"
        ((_key, data),) = item["data"].items()
        return base64.b64decode(data).decode()

    def close(self) -> None:
        self.client.delete("v1", "Namespace", None, self.namespace)
        self.client.close()


def value(name: str, number: int) -> str:
    return f"{name}-{'x' * 2000}-{number}"


def generation(text: str) -> str:
    return text.rpartition("-")[2]


@pytest.fixture
def place(cluster: Any, tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path, str(cluster.kubeconfig))
    try:
        yield made
    finally:
        made.close()


def test_a_killed_run_leaves_old_or_new_and_the_next_one_finishes(place: Place) -> None:
    dice = random.Random(7)
    place.give(0)
    place.deploy(place.module.ok(**place.options)["objects"])
    place.give(1)
    began = time.monotonic()
    assert place.module.ok(**place.options)["rolled"] == [f"Deployment {place.namespace}/user"]
    duration = time.monotonic() - began
    last, halfway = 1, 0
    for number in range(2, 2 + KILLS):
        place.give(number)
        process = place.module.start(**place.options)
        if number % 2:
            # At any moment; the first part is Python's own start.
            time.sleep(dice.uniform(0.2, 1) * duration)
        else:
            # Between two targets, mostly.
            place.await_first_target(process)
            time.sleep(dice.uniform(0, 0.05))
        process.kill()
        process.communicate()
        seen = place.generations()
        whole = [{str(last)}, {str(number)}]
        assert [where for where, there in seen.items() if there not in whole] == [], (number, seen)
        halfway += len(set(map(str, seen.values()))) == 2
        if number % 4 == 0:
            result = place.module.ok(**place.options)
            assert place.generations() == {where: {str(number)} for where in seen}, result
            assert not place.module.ok(**place.options)["changed"]
            last = number
        else:
            # The next one is killed, too: it may find any mixture of targets.
            place.give(last)
            place.module.ok(**place.options)
    assert halfway >= 2, "too few of the kills came between two targets"
