# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The programs that judge objects: built or installed once a version, below ~/.cache/bunops."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.tests.cluster.layout import cache
from ansible_collections.bunops.platform.tests.cluster.programs import SOURCE as CLUSTER_MODULE
from ansible_collections.bunops.platform.tests.cluster.programs import alone

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BUILD_LIMIT = 1200


class ToolError(Exception):
    """A program cannot be had; the text says why."""


@dataclass(frozen=True)
class GoProgram:
    """checksum: of the module, as go.sum has it."""

    name: str
    module: str
    version: str
    checksum: str

    @property
    def reference(self) -> str:
        return f"{self.module}@{self.version}"


KUBECONFORM = GoProgram(
    "kubeconform",
    "github.com/yannh/kubeconform",
    "v0.8.0",
    "h1:loDYd3a3spjIFrauqW67CDKF55Oo9R6uvC8AvpVd4ug=",
)
KUBE_SCORE = GoProgram(
    "kube-score",
    "github.com/zegl/kube-score",
    "v1.20.0",
    "h1:J1VqK86SunV4Gg8emPTmwUVxe0rmXnAs5K9ZUbGMKR8=",
)
# Its source is taken for the kinds of objects that it describes; nobody serves what it is built from. The program is a
# package for Python, of the same version.
TRAEFIK = GoProgram(
    "traefik",
    "github.com/traefik/traefik/v3",
    "v3.7.13",
    "h1:T8wy9KuaFzCkmXCqAzDy7t73pBDR1DHrJe3pqXpNXTw=",
)


def go_program(program: GoProgram) -> Path:
    """The built program. Raises ToolError."""
    target = cache() / f"{program.name}-{program.version}" / program.name
    with alone(program.name):
        if not target.exists():
            _source(program)
            _build(program, target)
    return target


def checkov() -> Path:
    """The program checkov. Raises ToolError."""
    return _python_program("checkov", HERE / "requirements.txt")


def traefik() -> Path:
    """The program traefik. Raises ToolError."""
    return _python_program("traefik", HERE / "traefik.txt")


def traefik_kinds() -> list[dict[str, Any]]:
    """Traefik's own CustomResourceDefinitions. Raises ToolError."""
    file = _source(TRAEFIK) / "docs/content/reference/dynamic-configuration/kubernetes-crd-definition-v1.yml"
    return [item for item in yaml.safe_load_all(file.read_text()) if item]


def _python_program(name: str, requirements: Path) -> Path:
    """In an environment of its own: what it needs clashes with what we need."""
    key = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = cache() / f"{name}-{key}"
    complete = folder / ".complete"
    with alone(name):
        if not complete.exists():
            _run([str(ROOT / "tools/venv"), str(folder), str(requirements)], HERE)
            complete.touch()
    return folder / "bin" / name


def _source(program: GoProgram) -> Path:
    """The folder with the module's source."""
    found = _download(program.reference, HERE)
    if found["Sum"] != program.checksum:
        raise ToolError(f"{program.reference} has the checksum {found['Sum']}, expected {program.checksum}")
    return Path(found["Dir"])


def kubernetes_api() -> dict[str, Any]:
    """The API server's own description (OpenAPI 2), of the version that the test cluster runs. Raises ToolError."""
    folder = Path(_download("k8s.io/kubernetes", CLUSTER_MODULE)["Dir"])
    api: dict[str, Any] = json.loads((folder / "api/openapi-spec/swagger.json").read_bytes())
    return api


def _download(module: str, folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads(_run(["go", "mod", "download", "-json", module], folder))
    return found


def _build(program: GoProgram, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as draft:
        package = f"{program.module}/cmd/{program.name}@{program.version}"
        _run(["go", "install", package], HERE, GOBIN=draft, CGO_ENABLED="0")
        (Path(draft) / program.name).rename(target)


def _run(command: list[str], folder: Path, **variables: str) -> str:
    if shutil.which(command[0]) is None:
        raise ToolError(f"{command[0]} is not on PATH; `ansible-playbook tests/cluster/prepare.yml` provides it")
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=BUILD_LIMIT,
        check=False,
    )
    if done.returncode != 0:
        raise ToolError(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
    return done.stdout
