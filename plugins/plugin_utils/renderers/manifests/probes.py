# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A health check as the three probes of a kubelet.

https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
"""

from __future__ import annotations

from ...model.health import ExecHealth, Health
from .parts import Object, literal

# How much more patient liveness is: what a program calls may be away for a while, and then a
# program that is not ready does no harm, while one that is restarted over and over helps nobody.
_PATIENCE = 4


def probes(health: Health, port: str) -> Object:
    """port: name of the container's port, where the check is a request."""
    check = {**_check(health, port), "timeoutSeconds": health.timeout.seconds}
    interval, retries = health.interval.seconds, health.retries
    # Docker, too, counts failures only after the start period, and then `retries` of them.
    start_seconds = health.start_period.seconds + interval * retries
    return {
        "startupProbe": {**check, "periodSeconds": 1, "failureThreshold": start_seconds},
        "readinessProbe": {**check, "periodSeconds": interval, "failureThreshold": retries},
        "livenessProbe": {**check, "periodSeconds": interval, "failureThreshold": retries * _PATIENCE},
    }


def _check(health: Health, port: str) -> Object:
    if isinstance(health, ExecHealth):
        return {"exec": {"command": [literal(word) for word in health.exec]}}
    return {"httpGet": {"path": health.http, "port": port, "scheme": "HTTP"}}
