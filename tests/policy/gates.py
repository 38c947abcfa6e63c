# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What each program finds in a file of objects, in the same words for all of them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LIMIT = 300
# kube-score's grade of what is all right, and what it looks at only when it is told to.
_GOOD = 10
_OPTIONAL = (
    "container-ephemeral-storage-request-equals-limit",
    "container-memory-requests-equal-limits",
    "container-ports-check",
    "container-seccomp-profile",
)


@dataclass(frozen=True, order=True)
class Finding:
    """place: `<kind>/<name>` of the object; text: for people."""

    check: str
    place: str
    text: str


class GateError(Exception):
    """A program did not do its work, whatever the objects are."""


def kubeconform(program: Path, schemas: Path, file: Path) -> list[Finding]:
    """Everything that is not as the schemas say; a kind without a schema, too."""
    location = f"{schemas}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    report = _report([str(program), "-strict", "-output", "json", "-schema-location", location, str(file)])
    return [Finding(found["status"], f"{found['kind']}/{found['name']}", found["msg"]) for found in report["resources"]]


def kube_score(program: Path, file: Path) -> list[Finding]:
    """Warnings as well as what it calls critical."""
    optional = [word for check in _OPTIONAL for word in ("--enable-optional-test", check)]
    objects = _report([str(program), "score", *optional, "--output-format", "json", str(file)])
    return [
        Finding(check["check"]["id"], _place(item), "; ".join(_comments(check)))
        for item in objects
        for check in item["checks"]
        if not check["skipped"] and check["grade"] < _GOOD
    ]


def checkov(program: Path, folder: Path) -> list[tuple[str, Finding]]:
    """With the path of each file below the folder. It is told to fetch nothing, and does not ask home."""
    command = [str(program), "-d", str(folder), "--framework", "kubernetes", "-o", "json"]
    report = _report([*command, "--compact", "--quiet", "--skip-download"])
    if report["summary"]["parsing_errors"]:
        raise GateError(f"checkov cannot read {report['results']['parsing_errors']}")
    return [
        (
            found["file_path"].lstrip("/"),
            Finding(found["check_id"], _kind_and_name(found["resource"]), found["check_name"]),
        )
        for found in report["results"]["failed_checks"]
    ]


def _comments(check: dict[str, Any]) -> Iterator[str]:
    for comment in check["comments"] or []:
        yield comment["summary"]


def _place(item: dict[str, Any]) -> str:
    return f"{item['type_meta']['kind']}/{item['object_meta']['name']}"


def _kind_and_name(resource: str) -> str:
    """From `Deployment.atlas.api`."""
    kind, _, rest = resource.partition(".")
    return f"{kind}/{rest.rpartition('.')[2]}"


def _report(command: list[str]) -> Any:
    """What a program prints as JSON; it ends with 1 when it finds something."""
    done = subprocess.run(
        command,
        env={**os.environ, "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=False,
    )
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise GateError(f"`{command[0]}` ended with {done.returncode}: {done.stdout}{done.stderr}") from None
