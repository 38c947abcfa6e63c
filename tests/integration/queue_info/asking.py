# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Asks the module queue_info: as a process, or its code alone, which is faster."""

from __future__ import annotations

from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.queue.errors import QueueError
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import ARGUMENT_SPEC
from ansible_collections.bunops.platform.plugins.modules.queue_info import observe
from ansible_collections.bunops.platform.tests.integration.queue_meter.platform_redis import (
    OBSERVER_PASSWORD,
    PlatformRedis,
)

Options = dict[str, Any]


def filled(given: Options, spec: Options = ARGUMENT_SPEC) -> Options:
    """Options with their defaults, as Ansible gives them to a module."""
    whole = {name: given.get(name, option.get("default")) for name, option in spec.items()}
    for name, option in spec.items():
        if "options" in option and whole[name] is not None:
            value, inner = whole[name], option["options"]
            whole[name] = [filled(each, inner) for each in value] if isinstance(value, list) else filled(value, inner)
    return whole


def measured(**options: Any) -> list[Options]:
    """What the module returns as ``queues``."""
    return observe(filled(options))


def problem(**options: Any) -> str:
    """Why the module fails."""
    try:
        found = measured(**options)
    except QueueError as error:
        return str(error)
    raise AssertionError(f"measured: {found}")


def observer(redis: PlatformRedis) -> Options:
    """The options for the platform's own user."""
    return {"url": f"redis://127.0.0.1:{redis.port}", "username": "observer", "password": OBSERVER_PASSWORD}


class Observer:
    """Measures one queue at a time, as the platform's own user."""

    def __init__(self, redis: PlatformRedis) -> None:
        self._redis = redis

    def depth(self, name: str, **queue: str) -> Options:
        """What is in a queue, without its name."""
        (found,) = measured(**observer(self._redis), queues=[{"name": name, **queue}])
        assert found.pop("name") == name
        return found
