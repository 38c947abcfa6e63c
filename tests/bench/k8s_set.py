# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How long it takes to apply a set to a cluster, first and again, beside others that do so. Prints Markdown.

python -m ansible_collections.bunops.platform.tests.bench.k8s_set KUBECONFIG [KUBECTL]
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.cluster.parallel import for_each
from ansible_collections.bunops.platform.plugins.module_utils.cluster.run import Options as SetOptions
from ansible_collections.bunops.platform.plugins.module_utils.cluster.run import Outcome, run
from ansible_collections.bunops.platform.tests.cluster.layout import cache
from ansible_collections.bunops.platform.tests.integration.run_module import Module

Json = dict[str, Any]

ROUNDS = 3
CONNECTIONS = 8
SPACE = "bunops-bench-set"
COLLECTIONS = Path(__file__).resolve().parents[2] / "collections"
# What runs kubernetes.core: the package `ansible` carries the collection.
PEER = ("ansible-core==2.19.14", "ansible==12.3.0", "kubernetes==37.0.2")


class Peer(NamedTuple):
    """Someone who applies objects. apply: does it and tells what it says of changes."""

    name: str
    apply: Callable[[], str]


def objects(count: int) -> list[Json]:
    """A namespace, and ConfigMaps, Secrets, Services and Deployments without pods in equal shares."""
    found: list[Json] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}}]
    for number in range((count - 1) // 4):
        labels = {"app": f"app-{number}"}
        metadata = {"name": f"app-{number}", "namespace": SPACE, "labels": labels}
        container = {
            "name": "main",
            "image": "registry.example/app:1",
            "env": [{"name": "A", "value": "b"}],
            "ports": [{"containerPort": 8080}],
            "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
        }
        template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
        service = {"selector": labels, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}
        deployment = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
        data = {f"K{key}": "v" * 20 for key in range(10)}
        found += [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data},
            {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": {"P": "eA=="}},
            {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": deployment},
        ]
    return found


def peers(client: Client, kubeconfig: Path, kubectl: Path | None, folder: Path, wanted: list[Json]) -> list[Peer]:
    """Everybody who takes part; nothing but the requests first."""
    listed = folder / "objects.json"
    listed.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": wanted}))
    task = {"name": "bench", "namespace": SPACE, "kubeconfig": str(kubeconfig)}
    task["objects"] = f"{{{{ (lookup('ansible.builtin.file', '{listed}') | from_json)['items'] }}}}"
    others = {"src": str(listed), "apply": True, "kubeconfig": str(kubeconfig)}
    others["server_side_apply"] = {"field_manager": "peer"}
    waiting = _playbook(folder, "waiting", {"bunops.platform.k8s_set": task})
    ours = _playbook(folder, "ours", {"bunops.platform.k8s_set": {**task, "wait": False}})
    theirs = _playbook(folder, "theirs", {"kubernetes.core.k8s": others})
    found = [
        Peer("server-side apply over 8 connections, nothing else", lambda: _bare(client, wanted)),
        Peer("inside `k8s_set`, `wait: false`", lambda: _inside(client, wanted)),
        Peer("`ansible-playbook` with `k8s_set`, `wait: false`", lambda: _play(ours, None)),
        Peer("`ansible-playbook` with `k8s_set`", lambda: _play(waiting, None)),
        Peer("`ansible-playbook` with `kubernetes.core.k8s`", lambda: _play(theirs, _peer_programs())),
    ]
    if kubectl:
        command = [str(kubectl), "--kubeconfig", str(kubeconfig), "apply", "--server-side", "--filename", str(listed)]
        found.append(Peer("`kubectl apply --server-side`", lambda: _call(command, os.environ) and ""))
    return found


def k8s_set(kubeconfig: Path, kubectl: Path | None) -> None:
    """Print how long everybody takes for 401 objects, and what 5,000 cost the module."""
    with Client.connect(Options(kubeconfig=str(kubeconfig))) as client, tempfile.TemporaryDirectory() as temporary:
        compare(peers(client, kubeconfig, kubectl, Path(temporary), objects(401)), client)
        many(client, kubeconfig)


def compare(taking_part: list[Peer], client: Client) -> None:
    """Two runs of each on an absent namespace, several times in turn."""
    taken: dict[str, list[tuple[float, float]]] = {peer.name: [] for peer in taking_part}
    said: dict[str, str] = {}
    for _round in range(ROUNDS):
        for peer in taking_part:
            _remove(client)
            pair = []
            for _run in range(2):
                started = time.perf_counter()
                said[peer.name] = peer.apply()
                pair.append(time.perf_counter() - started)
            taken[peer.name].append((pair[0], pair[1]))
    _remove(client)
    print(f"\n## 401 objects\n\n| median of {ROUNDS} | first, s | again, s | says of the second |\n|---|---|---|---|")
    for name, pairs in taken.items():
        first, again = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"| {name} | {first:.2f} | {again:.2f} | {said[name]} |")


def many(client: Client, kubeconfig: Path) -> None:
    """Time and memory of the module's process for 5,000 objects."""
    wanted = objects(5001)
    _remove(client)
    print("\n## 5,000 objects, the module's process\n\n| | s | MB | says |\n|---|---|---|---|")
    for title in ("first", "again"):
        started = time.perf_counter()
        options: Json = {"name": "bench", "namespace": SPACE, "kubeconfig": str(kubeconfig), "wait": False}
        process = Module("k8s_set").start(objects=wanted, **options)
        assert process.stdout is not None
        result = json.loads(process.stdout.read())
        _pid, _status, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        memory = usage.ru_maxrss / 1024
        print(f"| {title} | {time.perf_counter() - started:.1f} | {memory:.0f} | {result['msg']} |")
    _remove(client)


def _bare(client: Client, wanted: list[Json]) -> str:
    def apply(body: Json) -> None:
        metadata = body["metadata"]
        path = client.path(body["apiVersion"], body["kind"], metadata.get("namespace"), metadata["name"])
        client.request("PATCH", path, body, {"fieldManager": "bare", "force": "true"}, APPLY)

    apply(wanted[0])
    for_each(wanted[1:], apply, CONNECTIONS)
    return ""


def _inside(client: Client, wanted: list[Json]) -> str:
    outcome = Outcome()
    run(client, SetOptions("bench", SPACE, wanted, wait=False, connections=CONNECTIONS), outcome)
    return f"changed={int(outcome.changed)}"


def _playbook(folder: Path, name: str, task: Json) -> Path:
    path = folder / f"{name}.json"
    path.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    return path


def _play(playbook: Path, programs: Path | None) -> str:
    """Run a playbook; programs: a folder with another ansible-playbook."""
    search = f"{programs}:{os.environ['PATH']}" if programs else os.environ["PATH"]
    environment = {**os.environ, "PATH": search, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)}
    output = _call(["ansible-playbook", str(playbook)], environment)
    return next(word for word in output.split() if word.startswith("changed="))


def _call(command: list[str], environment: Any) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _peer_programs() -> Path:
    """The programs of a virtual environment with kubernetes.core, made once."""
    folder = cache() / f"peer-{'-'.join(PEER).replace('==', '-')}"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        _call(["uv", "venv", "--quiet", str(folder)], os.environ)
        python = ["--python", str(folder / "bin/python")]
        _call(["uv", "pip", "install", "--quiet", *python, *PEER], os.environ)
        (folder / "ready").touch()
    return folder / "bin"


def _remove(client: Client) -> None:
    client.delete("v1", "Namespace", None, SPACE)
    end = time.monotonic() + 300
    while client.get("v1", "Namespace", None, SPACE):
        assert time.monotonic() < end
        time.sleep(0.2)


if __name__ == "__main__":
    k8s_set(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
