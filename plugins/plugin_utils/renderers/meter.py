# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The queue meter, which tells an autoscaler how much work is in a queue: docker/queue-meter reads what it gets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from types import MappingProxyType
from typing import NamedTuple

from ...module_utils.secrets.derived import observer_of
from ..model.injection import SECRETS_DIR
from ..model.platform import Platform
from ..model.scaling import Queue
from ..model.services import Service
from ..model.stores import LocalStore, auth_secret, env_prefix
from .names import METER
from .scaling import scaling_queues

METER_PORT = 8080
_RESOURCES = {"cpu": 0.25, "memory": "128Mi", "pids": 64}
# The user in the ACL file that secret_sync makes.
_OBSERVER = "observer"


class _Login(NamedTuple):
    """How the meter gets into a store. secret: with its password, None if it asks for none."""

    secret: str | None
    env: dict[str, str]


def has_meter(platform: Platform) -> bool:
    """Whether something is scaled by a queue."""
    return bool(scaling_queues(platform))


def with_meter(platform: Platform) -> Platform:
    """The platform with the queue meter as one more service, if there is something to measure.

    As a service it gets limits, probes, a network and secrets like all others.
    """
    queues = scaling_queues(platform)
    if not queues:
        return platform
    services = MappingProxyType({**platform.services, METER: _meter(platform, queues)})
    return platform.model_copy(update={"services": services})


def _meter(platform: Platform, queues: Iterable[Queue]) -> Service:
    listed = [{"store": queue.store, "name": queue.name, "type": queue.type} for queue in queues]
    stores = sorted({queue.store for queue in queues})
    logins = [_login(platform, store) for store in stores]
    env = {"QUEUES": json.dumps(listed, sort_keys=True)}
    for login in logins:
        env |= login.env
    return Service.model_validate(
        {
            # Where it is built from, bake.py says.
            "image": {"dockerfile": f"{METER}.Dockerfile", "context": "."},
            "port": METER_PORT,
            "uses": stores,
            "env": env,
            "secrets": [login.secret for login in logins if login.secret],
            "health": {"http": "/health"},
            "resources": _RESOURCES,
        }
    )


def _login(platform: Platform, name: str) -> _Login:
    """As the user who can only measure, if there is one; else as the programs do."""
    store = platform.stores[name]
    own = auth_secret(name, store.kind)
    observer = observer_of(own)
    # A store of ours that asks nobody for a password has no users.
    is_open = isinstance(store, LocalStore) and own not in platform.secrets
    if observer in platform.secrets and not is_open:
        prefix = env_prefix(name)
        env = {f"{prefix}_USER": _OBSERVER, f"{prefix}_PASSWORD_FILE": f"{SECRETS_DIR}/{observer}"}
        return _Login(observer, env)
    return _Login(own if own in platform.secrets else None, {})
