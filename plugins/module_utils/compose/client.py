# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Argument lists and environment for `docker compose` 2.26 or newer; nothing is run here."""

from __future__ import annotations

from typing import Dict, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.engine import cli_environment


class Source(NamedTuple):
    """Where the definition comes from. directory: project directory; stdin: whether it is handed over as text."""

    name: Optional[str]
    directory: str
    stdin: bool
    env_files: Sequence[str] = ()


def config_args(source: Source) -> List[str]:
    """Resolve the definition."""
    return [*_compose(source), "config", "--format", "json"]


def profiled_services_args(source: Source) -> List[str]:
    """Names of all services, those of inactive profiles too, one a line."""
    return [*_compose(source, ["--profile", "*"]), "config", "--services"]


def resolved(source: Source, name: str) -> Source:
    """The source for an already resolved definition, handed over on stdin.

    The environment files stay: secrets that are taken from a variable are still looked up there.
    """
    return source._replace(name=name, stdin=True)


def hash_args(source: Source) -> List[str]:
    """Compose's own configuration hash of every service, one `name hash` a line."""
    return [*_compose(source), "config", "--hash", "*"]


def up_args(source: Source, services: Sequence[str], *, recreate: bool, start: bool = True) -> List[str]:
    """Create and start exactly these services; existing containers are all recreated, or none is."""
    return [
        *_compose(source),
        "up",
        "--no-build",
        "--no-deps",
        "--force-recreate" if recreate else "--no-recreate",
        *(["--detach"] if start else ["--no-start"]),
        *services,
    ]


def pull_args(source: Source, services: Sequence[str]) -> List[str]:
    """Fetch the images of these services."""
    return [*_compose(source), "pull", "--quiet", *services]


def stop_args(name: str, services: Sequence[str]) -> List[str]:
    """Stop containers; needs no definition, the containers' labels are enough."""
    return [*_base(name), "stop", *services]


def remove_args(name: str, services: Sequence[str]) -> List[str]:
    """Stop and remove the containers of some services."""
    return [*_base(name), "rm", "--stop", "--force", *services]


def down_args(name: str, volumes: bool) -> List[str]:
    """Remove the project; needs no definition."""
    return [*_base(name), "down", "--remove-orphans", *(["--volumes"] if volumes else [])]


def environment(docker_host: Optional[str], base: Optional[Mapping[str, str]] = None) -> Dict[str, str]:
    """Environment of all calls: the same engine as the library's, no hints, orphans left to the plan."""
    return {
        **cli_environment(docker_host, base),
        "DOCKER_CLI_HINTS": "false",
        "COMPOSE_IGNORE_ORPHANS": "true",
        "COMPOSE_REMOVE_ORPHANS": "false",
    }


def _base(name: Optional[str]) -> List[str]:
    return ["docker", "compose", "--progress", "quiet", *(["--project-name", name] if name else [])]


def _compose(source: Source, extra: Sequence[str] = ()) -> List[str]:
    return [
        *_base(source.name),
        *extra,
        "--project-directory",
        source.directory,
        *(item for path in source.env_files for item in ("--env-file", path)),
        *(["--file", "-"] if source.stdin else []),
    ]
