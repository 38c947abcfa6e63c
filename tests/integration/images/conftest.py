# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The image modules as Ansible runs them, and a project of two tiny images to try them on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.run_module import Module


def with_state(name: str, state: Path, **environment: str) -> Module:
    """A module with a state directory of its own."""
    return Module(name, XDG_STATE_HOME=str(state), XDG_CACHE_HOME=str(state / "cache"), **environment)


def causes(result: dict[str, Any]) -> dict[str, str]:
    """Target to the cause of its build, for those that are built."""
    return {step["target"]: step["cause"] for step in result["plan"] if step["action"] == "build"}


@pytest.fixture
def image_set(tmp_path: Path) -> Module:
    """The module image_set."""
    return with_state("image_set", tmp_path / "state")


@pytest.fixture
def base_images(tmp_path: Path) -> Module:
    """The module base_images."""
    return with_state("base_images", tmp_path / "state")


class Project:
    """A directory with the images `one` and `two` on a common base, and the options that build them."""

    def __init__(self, root: Path, name: str, base: str) -> None:
        self.root = root
        self.name = name
        self.base = base
        for target in ("one", "two"):
            self.write(f"{target}/Dockerfile", 'FROM base:1\nCOPY . /srv\nCMD ["cat", "/srv/text"]\n')
            self.write(f"{target}/.dockerignore", "Dockerfile\n.dockerignore\nnotes\n")
            self.write(f"{target}/text", f"{target}\n")
        self.definition: dict[str, Any] = {
            "target": {
                target: {
                    "context": target,
                    "tags": [self.tag(target)],
                    "contexts": {"base:1": f"docker-image://{base}"},
                    "output": ["type=docker"],
                }
                for target in ("one", "two")
            }
        }

    def tag(self, target: str) -> str:
        """The tag of a target's image."""
        return f"{self.name}/{target}:1"

    def write(self, path: str, text: str) -> None:
        """Write a file of the project."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    @property
    def options(self) -> dict[str, Any]:
        """Options of image_set."""
        return {"definition": self.definition, "project_src": str(self.root)}


@pytest.fixture
def project(tmp_path: Path, project_name: str, busybox_image: str, engine: Any) -> Project:
    """A project whose images and base are removed afterwards."""
    base = f"{project_name}/base:1"
    engine.images.get(busybox_image).tag(base)
    return Project(tmp_path / "project", project_name, base)
