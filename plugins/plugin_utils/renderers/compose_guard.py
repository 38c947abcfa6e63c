# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The Docker guard, what it lets services start, and how a service reaches Docker."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..model.health import HealthTiming
from ..model.limits import Resources
from ..model.platform import Platform
from .compose_containers import Definition, connected, container, timed
from .compose_networks import task_network
from .names import GUARD, SCRATCH, USER, has_guard, image_of
from .tasks import scratch, shared_memory, task_environment

_SOCKETS = "/run/docker-guard"
_ENGINE_SOCKET = "/var/run/docker.sock"
_RESOURCES = Resources.model_validate({"cpu": 0.5, "memory": "128Mi", "pids": 64})
# Shared by the guard and one service; in memory, and open to nobody but their user.
_SOCKET_VOLUME = {
    "driver": "local",
    "driver_opts": {
        "type": "tmpfs",
        "device": "tmpfs",
        "o": "uid=1000,gid=1000,mode=0700,size=64k",
    },
}


@dataclass(frozen=True)
class EngineSocket:
    """The engine's socket on the host, and the group that may use it."""

    path: str
    gid: int

    @property
    def mount(self) -> Definition:
        return {"type": "bind", "source": self.path, "target": _ENGINE_SOCKET}

    @property
    def group(self) -> list[str]:
        return [str(self.gid)]


def guard_container(platform: Platform, engine: EngineSocket) -> Definition:
    """The only container that has the engine's socket; it has no network."""
    sockets = [f"{_volume(name)}:{_SOCKETS}/{name}" for name in sorted(_starters(platform))]
    return {
        **container(platform, GUARD, None, _RESOURCES),
        **connected([]),
        "environment": {"GUARD_POLICY": json.dumps(guard_policy(platform), sort_keys=True)},
        "group_add": engine.group,
        "healthcheck": timed(["CMD", "bun", "/app/guard.js", "health"], HealthTiming()),
        "volumes": [engine.mount, *sockets],
    }


def guard_volumes(platform: Platform) -> dict[str, Definition]:
    """One for the guard and each service that starts tasks."""
    starters = _starters(platform) if has_guard(platform) else []
    return {_volume(name): dict(_SOCKET_VOLUME) for name in starters}


def docker_access(platform: Platform, service: str, engine: EngineSocket) -> Definition:
    """What a service needs on top to start its tasks; nothing if it starts none."""
    if not platform.services[service].starts:
        return {}
    if platform.docker == "socket":
        return {"group_add": engine.group, "volumes": [engine.mount]}
    return {"volumes": [f"{_volume(service)}:{_SOCKETS}:ro"]}


def guard_policy(platform: Platform) -> Definition:
    """What the guard lets each service start, and exactly how: docker/guard reads it."""
    return {
        "project": platform.name,
        "services": {
            name: {
                "socket": f"{_SOCKETS}/{name}/docker.sock",
                "tasks": {
                    task: {"atOnce": start.at_once, **_task_policy(platform, task)}
                    for task, start in platform.services[name].starts.items()
                },
            }
            for name in _starters(platform)
        },
    }


def _task_policy(platform: Platform, name: str) -> Definition:
    task = platform.tasks[name]
    return {
        "image": image_of(platform, name, task.image),
        "timeoutSeconds": task.timeout.seconds,
        "env": task_environment(platform, name),
        "network": f"{platform.name}_{task_network(platform, name)}",
        "user": USER,
        "memoryBytes": task.resources.memory.bytes,
        "nanoCpus": task.resources.cpu.nano,
        "pids": task.resources.pids,
        "shmBytes": shared_memory(task),
        "tmpfs": {SCRATCH: f"rw,nosuid,nodev,size={scratch(task)},mode=1777"},
        "seccomp": "default" if task.browser == "none" else "chrome",
    }


def _starters(platform: Platform) -> list[str]:
    return [name for name, service in platform.services.items() if service.starts]


def _volume(service: str) -> str:
    return f"guard-{service}"
