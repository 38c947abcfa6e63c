# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where the lines come from: Compose, or a cluster by way of stern (https://github.com/stern/stern)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from . import process
from .entry import Entry, entry
from .problem import Problem

# What `make local` and `make dev` write: the same project.
PROJECT_FILES = (Path(".bunops/compose.json"), Path(".bunops/compose.dev.json"))
_TIME = r"(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))"
_COMPOSE_LINE = re.compile(rf"(?P<container>\S+) +\| {_TIME} ?(?P<text>.*)", re.DOTALL)
# `api-1 exited with code 137`, among the lines that are followed.
_COMPOSE_WORD = re.compile(r"(?P<container>\S+-\d+) (?P<text>\S.*)", re.DOTALL)
_CONTAINER_NUMBER = re.compile(r"-\d+$")
# Some versions of Compose erase a line that is not there, also where nobody has a terminal.
_ERASING = re.compile(r"(?:\r|\x1b\[\d*K)*")
_STERN_MESSAGE = re.compile(rf"{_TIME} ?(?P<text>.*)", re.DOTALL)
# All of it: stern itself begins two days ago.
_STERN_SINCE = "8760h"
# Of containers that are followed at a time. Stern gives up beyond 50 of its own accord.
_STERN_REQUESTS = 500


@dataclass(frozen=True)
class Source:
    """name: whose log it is. command: prints it. entry: reads one line of that."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    entry: Callable[[str], Entry]


def project_name() -> str:
    """The name of the platform of the current folder, which is that of its Compose project."""
    file = next((file for file in PROJECT_FILES if file.exists()), PROJECT_FILES[0])
    try:
        name = json.loads(file.read_text(encoding="utf-8"))["name"]
    except FileNotFoundError:
        raise Problem(f"{file} is not there; `make local` writes it") from None
    except OSError as error:
        raise Problem(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise Problem(f"{file} is no Compose project with a name; `make local` writes it anew") from None
    return str(name)


def compose(name: str, *, follow: bool, since: str) -> Source:
    """The log of a Compose project, which has to have containers."""
    # The same engine as the collection's modules talk to, whatever context is chosen for the command line.
    environment = {**os.environ, "DOCKER_HOST": os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"}
    environment.pop("DOCKER_CONTEXT", None)
    command = ["docker", "compose", "--project-name", name]
    if not process.said([*command, "ps", "--all", "--quiet"], environment).strip():
        raise Problem(f"the project {name} has no containers; `make local` starts them")
    command += ["logs", "--no-color", "--timestamps"]
    command += ["--follow"] if follow else []
    command += [f"--since={since}"] if since else []
    return Source(name, command, environment, compose_entry)


def compose_entry(line: str) -> Entry:
    """`api-1  | 2026-11-27T22:14:03.512345678Z {"level":"info",...}`"""
    line = _ERASING.sub("", line, count=1)
    if found := _COMPOSE_LINE.fullmatch(line):
        # Of a long line the engine has parts of 16 KiB, and says the time in each.
        text = found["text"].replace(f"{found['time']} ", "")
        return entry(_service(found["container"]), datetime.fromisoformat(found["time"]), text)
    if found := _COMPOSE_WORD.fullmatch(line):
        return entry(_service(found["container"]), _now(), found["text"])
    return entry("compose", _now(), line)


def _service(container: str) -> str:
    return _CONTAINER_NUMBER.sub("", container)


def kubernetes(context: str, namespace: str, *, follow: bool, since: str) -> Source:
    """The log of all pods of a namespace."""
    command = [
        "stern",
        # Nothing but what stands here: the user's own may hide lines.
        f"--config={os.devnull}",
        f"--context={context}",
        f"--namespace={namespace}",
        "--output=json",
        "--timestamps=default",
        "--timezone=UTC",
        "--color=never",
        "--only-log-lines",
        f"--since={since or _STERN_SINCE}",
        f"--max-log-requests={_STERN_REQUESTS}" if follow else "--no-follow",
        ".",
    ]
    return Source(f"{namespace} in {context}", command, os.environ, stern_entry)


def stern_entry(line: str) -> Entry:
    """`{"message":"2026-11-27T22:14:03.512345678Z ...","podName":...}`; later versions say the time by itself."""
    try:
        said = json.loads(line)
        message, time = said["message"], said.get("timestamp")
        container = said["containerName"]
        if not time and (found := _STERN_MESSAGE.fullmatch(message)):
            time, message = found["time"], found["text"]
        return entry(container, datetime.fromisoformat(time), message)
    except (ValueError, KeyError, TypeError):
        return entry("stern", _now(), line)


def _now() -> datetime:
    return datetime.now(UTC)
