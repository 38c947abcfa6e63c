# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Failed builds put for people. The logs in recorded/ are those of buildx 0.13.1, or of the version in their name."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.images import definition
from ansible_collections.bunops.platform.plugins.module_utils.images.failure import QUOTED, Failure, explain

RECORDED = Path(__file__).parent / "recorded"


def failure(log: str, *names: str) -> Failure:
    document = {"target": {name: {"dockerfile": f"{name}.Dockerfile"} for name in names}}
    return explain((RECORDED / f"{log}.log").read_text(), definition.read(document, [], "/"))


@pytest.mark.parametrize(
    ("log", "names", "expected"),
    [
        (
            "run",
            ["run"],
            "Target 'run' was not built at 'RUN echo start && for i in $(seq 30); do echo \"line $i\"; done &&"
            " echo oops >&2 && exit 3': it ended with exit code 3.",
        ),
        (
            "copy",
            ["copy"],
            "Target 'copy' was not built at 'COPY nope.txt /': /nope.txt is not in the build context, or its"
            " ignore file leaves it out.",
        ),
        (
            "reg",
            ["reg"],
            "Target 'reg' was not built: the base image registry.invalid/x/y:1 cannot be had from its"
            ' registry: failed to do request: Head "https://registry.invalid/v2/x/y/manifests/1": dial tcp: lookup'
            " registry.invalid: no such host.",
        ),
        (
            "syntax",
            ["syntax"],
            "Target 'syntax' was not built: dockerfile parse error on line 2: unknown instruction: RUNN"
            " (did you mean RUN?).",
        ),
        ("none", ["none"], "Target 'none' was not built: there is no Dockerfile none.Dockerfile."),
        (
            "many",
            ["copy", "run", "syntax"],
            "Target 'syntax' was not built: dockerfile parse error on line 2: unknown"
            " instruction: RUNN (did you mean RUN?).",
        ),
        (
            "many_0.38",
            ["copy", "run", "syntax"],
            "Target 'syntax' was not built: dockerfile parse error on line 2: unknown"
            " instruction: RUNN (did you mean RUN?).",
        ),
        (
            "copy_of_many",
            ["copy", "run"],
            "Target 'copy' was not built at 'COPY nope.txt /': /nope.txt is not in the build"
            " context, or its ignore file leaves it out.",
        ),
    ],
)
def test_one_sentence_says_what_failed(log: str, names: list[str], expected: str) -> None:
    assert failure(log, *names).sentence() == expected


def test_the_last_lines_of_the_failed_step_are_quoted() -> None:
    lines = failure("run", "run").lines
    assert len(lines) == QUOTED
    assert lines[-2:] == ["line 30", "oops"]


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("failed to solve: write /var/x: no space left on device", "the disk of the Docker engine is full"),
        ("something new", "something new"),
    ],
)
def test_other_causes(error: str, cause: str) -> None:
    assert explain(f"#1 x\nERROR: {error}\n", []).cause == cause


def test_a_builder_that_says_nothing() -> None:
    assert explain("", []) == Failure("", "", "the builder gave no reason", [])
