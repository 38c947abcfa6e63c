# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How long the module takes for 300 secrets in three targets. Prints Markdown.

python -m ansible_collections.bunops.platform.tests.bench.secret_sync KUBECONFIG
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.secrets import spec
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets import registry
from ansible_collections.bunops.platform.plugins.modules import secret_sync as module

COUNT, RUNS = 300, 5
SPACE = "bunops-bench-secrets"


def options(folder: Path) -> dict[str, Any]:
    """300 secrets of 100 bytes from the environment, to a directory, a dotenv file and a namespace."""
    names = [f"BENCH_{number}" for number in range(COUNT)]
    os.environ.update({name: f"{name}-{'x' * 90}" for name in names})
    given = {
        "name": "bench",
        "secrets": [{"name": name, "source": {"env": name}} for name in names],
        "targets": [
            {"directory": {"path": str(folder / "secrets")}},
            {"dotenv": {"path": str(folder / "secrets.env")}},
            {"kubernetes": {"namespace": SPACE}},
        ],
    }
    checked = ArgumentSpecValidator(module.ARGUMENTS).validate(given)
    assert not checked.error_messages, checked.error_messages
    parameters: dict[str, Any] = checked.validated_parameters
    return parameters


def secret_sync(kubeconfig: Path) -> None:
    """Print the time inside the module, sources and connection included, first and unchanged."""
    with Client.connect(Options(kubeconfig=str(kubeconfig))) as client, tempfile.TemporaryDirectory() as temporary:
        path = client.path("v1", "Namespace", None, SPACE)
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}}
        client.request("PATCH", path, body, {"fieldManager": "bench"}, APPLY)
        try:
            taken = [_sync(options(Path(temporary)), kubeconfig) for _run in range(RUNS + 1)]
        finally:
            client.delete("v1", "Namespace", None, SPACE)
    print(f"\n## {COUNT} secrets to a directory, a dotenv file and a namespace, inside the module")
    print("\n| | s |\n|---|---|")
    print(f"| first | {taken[0]:.2f} |\n| unchanged, median of {RUNS} | {statistics.median(taken[1:]):.2f} |")


def _sync(parameters: dict[str, Any], kubeconfig: Path) -> float:
    started = time.perf_counter()
    secrets = spec.secrets_of(parameters["secrets"])
    names = [secret.name for secret in secrets]
    with Client.connect(Options(kubeconfig=str(kubeconfig))) as client:
        around = registry.Surroundings(lambda: client, lambda: b"k" * 32)
        targets = registry.targets_of(parameters["name"], parameters["targets"], names, around)
        assert module.option_problems(parameters, secrets, targets) == []
        module.sync(parameters, targets, secrets, check=False)
    return time.perf_counter() - started


if __name__ == "__main__":
    secret_sync(Path(sys.argv[1]))
