# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Why services have given up, for people: cause, last health output and last log lines, bounded and masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, List, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.compose.health import Verdict
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import Container
from ansible_collections.bunops.platform.plugins.module_utils.runner import last_lines
from ansible_collections.bunops.platform.plugins.module_utils.secrecy import mask_text, secret_values

if TYPE_CHECKING:
    from docker import DockerClient

LOG_LINES = 10
# Failing services described in full; more are only named.
_DESCRIBED = 8

Failure = Dict[str, Any]


class GaveUp(Exception):
    """Services do not run as they should. failures: see failure()."""

    def __init__(self, message: str, failures: Sequence[Failure]) -> None:
        super().__init__(message)
        self.failures = list(failures)


def failure(engine: DockerClient, verdict: Verdict, secrets: Sequence[str] = ()) -> Failure:
    """All that helps to understand why a service has given up. secrets: more values that must not show."""
    container = verdict.container
    found: Failure = {
        "service": verdict.service,
        "cause": verdict.problem or verdict.pending,
        "container": "",
        "exit_code": None,
        "oom_killed": False,
        "health": "",
        "log": [],
    }
    if container is None:
        return found
    masked = [*secrets, *secret_values(container.environment)]
    found.update(
        container=container.name,
        exit_code=None if container.status in ("running", "created") else container.exit_code,
        oom_killed=container.oom_killed,
        health=_last_health(container, masked),
        log=last_lines(mask_text(_log(engine, container), masked), LOG_LINES),
    )
    return found


def message(failures: Sequence[Failure], heading: str) -> str:
    """One text for all failures."""
    lines = [heading]
    for item in failures[:_DESCRIBED]:
        lines.append(_headline(item))
        if item["health"]:
            lines.append("  last health check: " + item["health"].replace("\n", "\n    "))
        if item["log"]:
            lines.append("  last log lines:")
            lines.extend(f"    {line}" for line in item["log"])
    more = [item["service"] for item in failures[_DESCRIBED:]]
    if more:
        lines.append(f"And {', '.join(more)}.")
    return "\n".join(lines)


def _headline(item: Failure) -> str:
    facts: List[str] = []
    if item["exit_code"] is not None and f"exit code {item['exit_code']}" not in item["cause"]:
        facts.append(f"exit code {item['exit_code']}")
    if item["oom_killed"]:
        facts.append("killed because its memory limit was reached")
    named = f"{item['service']} ({item['container']})" if item["container"] else item["service"]
    return f"{named}: {item['cause']}" + (f" ({', '.join(facts)})" if facts else "")


def _last_health(container: Container, secrets: Sequence[str]) -> str:
    if container.health in ("", "none", "healthy") or not container.health_log:
        return ""
    last = container.health_log[-1]
    output = last_lines(mask_text(str(last.get("Output") or ""), secrets), LOG_LINES)
    return f"exit code {last.get('ExitCode')}: " + "\n".join(line.strip() for line in output)


def _log(engine: DockerClient, container: Container) -> str:
    from docker.errors import APIError

    try:
        data: bytes = engine.api.logs(container.id, stdout=True, stderr=True, tail=LOG_LINES, stream=False)
    except APIError:
        # Removed meanwhile, or a logging driver that cannot be read.
        return ""
    return data[-20000:].decode("utf-8", "replace")
