"""Runs a module as Ansible does: a process that reads its arguments as JSON and prints its result as JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

LIMIT = 300
MODULES = "ansible_collections.bunops.platform.plugins.modules"


class Module:
    """One module of the collection, by name, with variables on top of this process's environment."""

    def __init__(self, name: str, **environment: str) -> None:
        self._name = name
        self._environment = environment

    def start(self, *, check: bool = False, **options: Any) -> subprocess.Popen[str]:
        """The module's process, already given its arguments."""
        arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": True}
        process = subprocess.Popen(
            [sys.executable, "-m", f"{MODULES}.{self._name}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env={**os.environ, **self._environment},
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}))
        process.stdin.close()
        process.stdin = None
        return process

    def run(self, *, check: bool = False, **options: Any) -> dict[str, Any]:
        """The result of a run, failed or not."""
        return result_of(self.start(check=check, **options))

    def ok(self, **options: Any) -> dict[str, Any]:
        """The result of a run that must not fail."""
        result = self.run(**options)
        assert not result.get("failed"), result["msg"]
        return result

    def failing(self, **options: Any) -> dict[str, Any]:
        """The result of a run that must fail with a sentence."""
        result = self.run(**options)
        assert result.get("failed"), result
        return result


def result_of(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What the module returned, without the echo of its arguments; never a traceback."""
    output, errors = process.communicate(timeout=LIMIT)
    assert output.lstrip().startswith("{"), output + errors
    assert "Traceback" not in output + errors, output + errors
    result: dict[str, Any] = json.loads(output)
    result.pop("invocation", None)
    return result
