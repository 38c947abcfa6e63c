# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What engine, buildx and Compose there are, and whether the collection can work with them."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils import engine, runner

# The oldest versions that know everything that the renderers write: start_interval of health checks (engine 25),
# optional env files (Compose 2.24), named contexts and metadata files of bake (buildx 0.13).
OLDEST: Dict[str, Tuple[int, int]] = {"engine": (25, 0), "buildx": (0, 13), "compose": (2, 24)}
ANSWER_LIMIT = 30


class Found(NamedTuple):
    """One look at the machine. Versions are as the programs say them, empty where nothing answers."""

    cli: bool
    engine_version: str
    engine_problem: str
    engine_cause: str
    plugins: Dict[str, str]
    rootless: bool
    data_root: str


class Problem(NamedTuple):
    """What stands in the way of using the engine, for programs (part, cause) and for people (sentence)."""

    part: str
    cause: str
    sentence: str


def observe(host: str) -> Found:
    """Ask the command line and the engine; nothing found is a finding, not an error."""
    try:
        done = runner.run(
            ["docker", "info", "--format", "{{json .}}"],
            env=engine.cli_environment(host),
            timeout=ANSWER_LIMIT,
        )
    except runner.ToolMissing:
        return Found(False, "", "The program 'docker' is not installed.", "missing", {}, False, "")
    except runner.ToolTimeout:
        sentence = "The Docker engine at %s did not answer within %d s." % (host, ANSWER_LIMIT)
        return Found(True, "", sentence, "unreachable", {}, False, "")
    return read_info(_parse(done.stdout), host)


def read_info(info: Dict[str, Any], host: str) -> Found:
    """Read the document that ``docker info --format '{{json .}}'`` prints."""
    plugins = {
        plugin["Name"]: plugin.get("Version", "")
        for plugin in (info.get("ClientInfo") or {}).get("Plugins") or []
        if not plugin.get("Err")
    }
    version = info.get("ServerVersion") or ""
    sentence, cause = ("", "") if version else _why_no_answer(host)
    return Found(
        cli=True,
        engine_version=version,
        engine_problem=sentence,
        engine_cause=cause,
        plugins=plugins,
        rootless="name=rootless" in (info.get("SecurityOptions") or []),
        data_root=info.get("DockerRootDir") or "",
    )


def problems(found: Found, host: str) -> List[Problem]:
    """Return what keeps the collection from working here, worst first."""
    if not found.cli:
        return [Problem("cli", "missing", found.engine_problem)]
    seen: List[Problem] = []
    if found.engine_problem:
        seen.append(Problem("engine", found.engine_cause, found.engine_problem))
    elif _older(found.engine_version, OLDEST["engine"]):
        seen.append(_old("engine", "The Docker engine at %s" % host, found.engine_version))
    for part in ("buildx", "compose"):
        title = "Docker's %s plugin" % part
        if part not in found.plugins:
            seen.append(Problem(part, "missing", "%s is not installed." % title))
        elif _older(found.plugins[part], OLDEST[part]):
            seen.append(_old(part, title, found.plugins[part]))
    return seen


def _old(part: str, title: str, version: str) -> Problem:
    oldest = ".".join(str(number) for number in OLDEST[part])
    return Problem(part, "old", "%s is version %s; expected %s or newer." % (title, version, oldest))


def _older(version: str, oldest: Tuple[int, int]) -> bool:
    numbers = re.findall(r"\d+", version)[:2]
    # A build without a number (a development version) is taken to be new.
    return len(numbers) == 2 and (int(numbers[0]), int(numbers[1])) < oldest


def _why_no_answer(host: str) -> Tuple[str, str]:
    try:
        engine.probe(host, ANSWER_LIMIT)
    except engine.EngineError as error:
        return str(error), _cause(error.__cause__)
    return "The Docker engine at %s gives no version." % host, "unreachable"


def _cause(error: Optional[BaseException]) -> str:
    if isinstance(error, (FileNotFoundError, ConnectionRefusedError)):
        return "stopped"
    return "forbidden" if isinstance(error, PermissionError) else "unreachable"


def _parse(text: str) -> Dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
