# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The module in a playbook."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.k8s_set.kube_set import KubeSet

SECRET = "canary-in-a-coal-mine"
COLLECTIONS = Path(__file__).resolve().parents[3] / "collections"


def play(folder: Path, kube_set: KubeSet, objects: list[dict[str, Any]], *options: str) -> str:
    """What ansible-playbook prints, at its most talkative."""
    (folder / "objects.json").write_text(json.dumps(objects))
    given = "{{ lookup('ansible.builtin.file', playbook_dir ~ '/objects.json') | from_json }}"
    task = {"bunops.platform.k8s_set": {**kube_set.options, "objects": given}}
    playbook = folder / "play.json"
    playbook.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    done = subprocess.run(
        ["ansible-playbook", "-vvvv", "--diff", *options, str(playbook)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_NOCOLOR": "1"},
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("options", [["--check"], []])
def test_secrets_show_nowhere_even_when_ansible_says_all_it_knows(
    kube_set: KubeSet, tmp_path: Path, options: list[str]
) -> None:
    encoded = base64.b64encode(SECRET.encode()).decode()
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"A": encoded}}
    secret["stringData"] = {"B": SECRET}
    output = play(tmp_path, kube_set, [secret], *options)
    assert "changed=1" in output
    assert 'A: "***"' in output
    assert "1 objects" in output
    assert SECRET not in output
    assert encoded not in output
