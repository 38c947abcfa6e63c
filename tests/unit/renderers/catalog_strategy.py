# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Catalogs for properties that have to hold for all of them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_HEALTH = {"exec": ["bun", "health.js"]}
EXTERNAL: tuple[dict[str, Any], ...] = (
    {"kind": "redis", "external": "rediss://redis.example.com"},
    {"kind": "redis", "external": "redis://10.0.0.7:6380"},
    {"kind": "libsql", "external": "https://db.example.com"},
    {"kind": "libsql", "external": "http://[fd00::7]:8080"},
)
_STORES = ({"kind": "redis"}, {"kind": "libsql"}, *EXTERNAL)
_REPLICAS: tuple[dict[str, int], ...] = ({"min": 0, "max": 2}, {"min": 1, "max": 1}, {"max": 3, "cpu_percent": 50})
_TASK_EGRESS: tuple[object, ...] = (
    "none",
    "public",
    ["example.com"],
    ["10.0.0.7"],
    ["example.com", "10.0.0.7"],
    ["2606:4700::1"],
)
METRICS_PORT = 9464
# Some of them are ports that policies open to all addresses: the API server's, and those of external stores.
_PORTS = (80, 443, 3000, 6379, 6380, 6443, 8080)


def _image(name: str) -> dict[str, str]:
    return {"dockerfile": f"docker/{name}.Dockerfile", "context": "programs"}


@st.composite
def catalogs(draw: st.DrawFn) -> dict[str, Any]:
    """Up to four services that use the earlier ones and the stores, start tasks, and are scaled by queues."""
    stores = {
        f"store{number}": dict(store)
        for number, store in enumerate(draw(st.lists(st.sampled_from(_STORES), max_size=3)))
    }
    for number, store in enumerate(stores.values()):
        if "external" not in store:
            store["port"] = 9000 + number
    tasks = {
        f"task{number}": {"image": _image(f"task{number}"), "egress": egress}
        for number, egress in enumerate(draw(st.lists(st.sampled_from(_TASK_EGRESS), max_size=2)))
    }
    ports = iter(draw(st.permutations(_PORTS)))
    services: dict[str, Any] = {}
    for number in range(draw(st.integers(1, 4))):
        usable = [*stores, *(name for name, service in services.items() if "port" in service)]
        service = _service(draw, f"service{number}", usable, list(tasks), next(ports))
        queues = [used for used in service["uses"] if stores.get(used, {}).get("kind") == "redis"]
        if draw(st.booleans()) and queues:
            queue = {"store": draw(st.sampled_from(queues)), "name": draw(st.sampled_from(("jobs", "mail")))}
            service["replicas"] = {**draw(st.sampled_from(_REPLICAS)), "queue": queue}
        services[f"service{number}"] = service
    started = any(service["starts"] for service in services.values())
    docker = draw(st.sampled_from(("guard", "socket"))) if started else "guard"
    return {"name": "any", "docker": docker, "services": services, "tasks": tasks, "stores": stores}


def _service(draw: st.DrawFn, name: str, usable: list[str], tasks: list[str], port: int) -> dict[str, Any]:
    service: dict[str, Any] = {
        "image": _image(name),
        "health": _HEALTH,
        "egress": draw(st.sampled_from(("none", "public"))),
        "starts": {task: {} for task in draw(_some_of(tasks))},
        "uses": draw(_some_of(usable)),
        "stop_after": "1m",
    }
    if draw(st.booleans()):
        service["metrics"] = {"port": METRICS_PORT}
    if draw(st.booleans()):
        service["port"] = port
        if draw(st.booleans()):
            service["route"] = {"path": f"/{name}"}
    return service


def _some_of(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), unique=True, max_size=3) if names else st.just([])
