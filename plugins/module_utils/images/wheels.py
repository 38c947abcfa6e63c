# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Wheels from the Python package index, each verified against its hash, through the ordinary client."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

from ansible_collections.bunops.platform.plugins.module_utils import runner
from ansible_collections.bunops.platform.plugins.module_utils.images import kept

FILE = "requirements.txt"
# Seconds for the downloads of one step.
_TIME_LIMIT = 1200


class WheelError(Exception):
    """Packages cannot be installed; the text is one sentence, lines what the tool said last."""

    def __init__(self, sentence: str, said: str = "") -> None:
        super().__init__(sentence)
        self.lines = runner.last_lines(said, 10)


def install(requirements: str, cache: str) -> str:
    """Install what the text of a requirements file with hashes names, for this machine.

    Returns the directory that holds it; it is kept in the cache under the digest of the text.
    Raises WheelError, runner.RunnerError, OSError.
    """
    digest = hashlib.sha256(requirements.encode()).hexdigest()[:16]
    place = Path(cache, f"wheels-{digest}")
    if not place.is_dir():
        with kept.complete(place) as scratch, tempfile.TemporaryDirectory() as tools:
            Path(tools, FILE).write_text(requirements, encoding="utf-8")
            # The pip of this Python may be missing, or not allowed to install anything.
            _python(sys.executable, "venv", f"{tools}/venv")
            _python(
                f"{tools}/venv/bin/python",
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--only-binary=:all:",
                "--require-hashes",
                f"--requirement={tools}/{FILE}",
                f"--target={scratch}",
            )
    return str(place)


def _python(python: str, module: str, *arguments: str) -> None:
    done = runner.run([python, "-m", module, *arguments], timeout=_TIME_LIMIT)
    if done.rc != 0:
        raise WheelError("Packages from the Python package index could not be installed.", done.stderr or done.stdout)
