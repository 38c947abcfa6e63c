"""Runs a module as Ansible does: a process that reads its arguments as JSON and prints its result as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

LIMIT = 300


def start_module(name: str, *, check: bool = False, diff: bool = True, **options: Any) -> subprocess.Popen[str]:
    """The module's process, already given its arguments."""
    arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": diff}
    process = subprocess.Popen(
        [sys.executable, "-m", f"ansible_collections.bunops.platform.plugins.modules.{name}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
        env=dict(os.environ),
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}))
    process.stdin.close()
    process.stdin = None
    return process


def result_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What the module returned, without the echo of its arguments."""
    output, errors = process.communicate(timeout=LIMIT)
    assert output.lstrip().startswith("{"), output + errors
    assert "Traceback" not in output + errors, output + errors
    result: dict[str, Any] = json.loads(output)
    result.pop("invocation", None)
    return result


def run_module(name: str, *, check: bool = False, diff: bool = True, **options: Any) -> dict[str, Any]:
    """The result of a run, failed or not."""
    return result_of(start_module(name, check=check, diff=diff, **options))
