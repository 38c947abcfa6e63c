# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The client of `docker buildx bake`: one process for a set of targets.

CLI: https://docs.docker.com/reference/cli/docker/buildx/bake/
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils import engine, runner
from ansible_collections.bunops.platform.plugins.module_utils.images.definition import Target
from ansible_collections.bunops.platform.plugins.module_utils.images.failure import Failure, explain

# Nothing sensible takes longer than this, in seconds.
TIME_LIMIT = 4 * 3600


class BuildError(Exception):
    """A build failed; failure says where and why, log is the file with everything."""

    def __init__(self, failure: Failure, log: str) -> None:
        super().__init__(failure.sentence())
        self.failure = failure
        self.log = log


class Settings(NamedTuple):
    """How bake is run: the engine's address, a builder's name, whether to push, its directory, and its log file."""

    docker_host: Optional[str]
    builder: Optional[str]
    push: bool
    folder: str
    log: str


def command(targets: Sequence[Target], settings: Settings, metadata: str) -> List[str]:
    """The argument list; the definition comes over standard input."""
    argv = ["docker", "buildx", "bake", "--file", "-", "--progress", "plain", "--metadata-file", metadata]
    if settings.builder:
        argv += ["--builder", settings.builder]
    if settings.push:
        argv.append("--push")
    return argv + [target.name for target in targets]


def run(definition: Mapping[str, Any], targets: Sequence[Target], settings: Settings) -> Dict[str, Any]:
    """Build the targets. Returns bake's metadata by target. Raises BuildError, runner.RunnerError, OSError."""
    Path(settings.log).parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        metadata = Path(scratch) / "metadata.json"
        document = _to_push(definition) if settings.push else definition
        done = _logged(command(targets, settings, str(metadata)), json.dumps(document), settings)
        if done.rc != 0:
            raise BuildError(explain(done.stderr, targets), settings.log)
        return dict(json.loads(metadata.read_text(encoding="utf-8")))


def _to_push(definition: Mapping[str, Any]) -> Dict[str, Any]:
    # An output of its own would win over --push, and nothing would be pushed.
    targets = {
        name: {key: value for key, value in target.items() if key != "output"}
        for name, target in definition["target"].items()
    }
    return {**definition, "target": targets}


def _logged(argv: Sequence[str], stdin: str, settings: Settings) -> runner.Completed:
    environment = _environment(settings.docker_host)
    program = runner.find_tool(argv[0], environment)
    # The log is written while the build runs: a module cannot show progress, `tail -f` can.
    with Path(settings.log).open("w+b") as log, tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as output:
        source.write(stdin.encode("utf-8"))
        source.seek(0)
        # Arguments are a list and no shell is involved.
        process = subprocess.Popen(
            [program, *argv[1:]],
            stdin=source,
            stdout=output,
            stderr=log,
            cwd=settings.folder,
            env=environment,
            start_new_session=True,
        )
        return runner.Child(process, output, log, ()).wait(TIME_LIMIT)


def _environment(docker_host: Optional[str]) -> Dict[str, str]:
    environment = engine.cli_environment(docker_host)
    # The definition is the caller's own: newer bakes would ask whether it may read outside of this directory.
    environment["BUILDX_BAKE_ENTITLEMENTS_FS"] = "0"
    # Provenance holds the time of the build: with it, equal sources would give another digest each time.
    environment.setdefault("BUILDX_NO_DEFAULT_ATTESTATIONS", "1")
    return environment
