# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A failed build, put for people: which target, which instruction, why, and the last lines of its log.

This reads what buildx prints for people and is only ever quoted: that the build failed is known from the exit code.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import List, NamedTuple, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.images.definition import Target

# How many lines of the failing step are quoted.
QUOTED = 20
_STEP = re.compile(r"^ > \[(?P<place>[^\]]*)\] (?P<instruction>.*?):?$", re.MULTILINE)
_FAILED_STEP = re.compile(r"^#(\d+) ERROR: ", re.MULTILINE)
# Newer versions of buildx name the target.
_LAST_ERROR = re.compile(r"^ERROR: (?:target (?P<target>[^:]+): )?(?:failed to solve: )?(?P<error>.+)$", re.MULTILINE)
_FILE_LINE = re.compile(r"^(\S+):\d+$", re.MULTILINE)
_CAUSES: Tuple[Tuple[str, str], ...] = (
    (r"no space left on device", "the disk of the Docker engine is full"),
    (
        r"(\S+): failed to resolve source metadata for [^:]+(?::[^: ]+)?: (.+)$",
        r"the base image \1 cannot be had from its registry: \2",
    ),
    (r"\"(/[^\"]*)\": not found", r"\1 is not in the build context, or its ignore file leaves it out"),
    (r"failed to read dockerfile: open ([^:]+): no such file", r"there is no Dockerfile \1"),
    (r"did not complete successfully: exit code: (\d+)", r"it ended with exit code \1"),
)


class Failure(NamedTuple):
    """target and instruction are empty where the log does not tell them."""

    target: str
    instruction: str
    cause: str
    lines: List[str]

    def sentence(self) -> str:
        """All of it but the lines, as one sentence."""
        subject = f"Target '{self.target}' was not built" if self.target else "The images were not built"
        place = f" at '{self.instruction}'" if self.instruction else ""
        return f"{subject}{place}: {self.cause}."


def explain(log: str, targets: Sequence[Target]) -> Failure:
    """Read the log of a failed `docker buildx bake --progress=plain`."""
    steps = list(_STEP.finditer(log))
    place = steps[-1].group("place") if steps else ""
    instruction = steps[-1].group("instruction") if steps else ""
    errors = list(_LAST_ERROR.finditer(log))
    error = errors[-1].group("error") if errors else "the builder gave no reason"
    named = errors[-1].group("target") if errors else None
    if place == "internal" or place.endswith(" internal"):
        instruction = ""
    return Failure(named or _target(place, log, targets), _shortened(instruction), _cause(error), _step_lines(log))


def _target(place: str, log: str, targets: Sequence[Target]) -> str:
    if len(targets) == 1:
        return targets[0].name
    first = place.split(" ")[0]
    if any(target.name == first for target in targets):
        return first
    # A Dockerfile that cannot be parsed fails before any step; its name stands above the quoted line.
    files = _FILE_LINE.findall(log)
    owners = [target.name for target in targets if files and Path(target.dockerfile or "").name == files[-1]]
    return owners[0] if len(owners) == 1 else ""


def _cause(error: str) -> str:
    for pattern, sentence in _CAUSES:
        match = re.search(pattern, error)
        if match:
            return match.expand(sentence).rstrip(".")
    return error


def _step_lines(log: str) -> List[str]:
    failed = _FAILED_STEP.findall(log)
    if not failed:
        return [line for line in log.splitlines() if line.strip()][-QUOTED:]
    line = re.compile(rf"^#{failed[-1]} \d+\.\d+ (.*)$", re.MULTILINE)
    return line.findall(log)[-QUOTED:]


def _shortened(text: str, width: int = 120) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else text[: width - 1] + "…"
