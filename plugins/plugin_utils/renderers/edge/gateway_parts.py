# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the objects for Envoy Gateway are put together from."""

from __future__ import annotations

from ..manifests.parts import Object
from .entrance import EdgeRoute

GROUP = "gateway.networking.k8s.io"
POLICY_API = "gateway.envoyproxy.io/v1alpha1"


def route_target(each: EdgeRoute) -> Object:
    """What a policy of a route is about."""
    return {"group": GROUP, "kind": "HTTPRoute", "name": each.service}


def backend(each: EdgeRoute) -> Object:
    """The service of a route."""
    return {"group": "", "kind": "Service", "name": each.service, "port": each.port, "weight": 1}
