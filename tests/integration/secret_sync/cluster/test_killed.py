# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs that are killed while they write."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from typing import Any

from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.space import Space, files, sync

KILLS = 20
COUNT = 150
# Takes a kubeconfig, a namespace and secrets on standard input; says when it begins to write.
CHILD = """
import json, sys
from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes import Kubernetes
given = json.load(sys.stdin)
client = Client.connect(Options(kubeconfig=given["kubeconfig"]))
target = Kubernetes("atlas", given["namespace"], client, lambda: b"k" * 32)
wanted = {name: {name: value.encode()} for name, value in given["secrets"].items()}
before = target.observe()
changed = [name for name in wanted if name not in before or target.differs(before[name], wanted[name])]
after = target.next(before, wanted, changed)
print("writes", flush=True)
target.write(before, after)
print("collects", flush=True)
target.collect(1)
print("done", flush=True)
"""


def start(space: Space, kubeconfig: Any, secrets: dict[str, str]) -> subprocess.Popen[str]:
    child = subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin
    child.stdin.write(json.dumps({"kubeconfig": kubeconfig, "namespace": space.name, "secrets": secrets}))
    child.stdin.close()
    child.stdin = None
    return child


def test_killed_at_any_moment_each_secret_is_the_old_or_the_new_one(space: Space) -> None:
    kubeconfig = space.kubeconfig_of()
    dice = random.Random(20)
    names = [f"SECRET_{number}" for number in range(COUNT)]
    old = dict.fromkeys(names, "0")
    began = time.monotonic()
    assert start(space, kubeconfig, old).communicate(timeout=120)[0].endswith("done\n")
    duration = time.monotonic() - began
    cut_off = 0
    for number in range(1, KILLS + 1):
        new = dict.fromkeys(names, f"{number}" * 100)
        with start(space, kubeconfig, new) as child:
            assert child.stdout
            assert child.stdout.readline() == "writes\n"
            time.sleep(dice.uniform(0, duration))
            child.kill()
        held = space.target().observe()
        assert held.keys() == set(names)
        values = {name: each.files[name].decode() for name, each in held.items()}
        assert [name for name, value in values.items() if value not in (old[name], new[name])] == []
        cut_off += len(set(values.values())) == 2
        old = values
    assert cut_off >= 3, "too few of the kills came while it wrote"
    sync(space.target(), files(**new), keep=1)
    assert sorted(space.secrets().values(), key=str) == sorted(files(**new).values(), key=str)
