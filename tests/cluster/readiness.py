# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Waits for a cluster to be usable; a wait that takes too long shows what the components in question logged last."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.bunops.platform.tests.cluster.api import ApiError, Client
from ansible_collections.bunops.platform.tests.cluster.layout import NODE, Layout, Network
from ansible_collections.bunops.platform.tests.cluster.state import Process

INTERVAL = 0.1
LAST_LINES = 12


class NotReady(Exception):
    """The cluster did not come up; the text has the last log lines of what is to blame."""


@dataclass(frozen=True)
class Wait:
    """Waits for one cluster, whose first process must not end meanwhile."""

    layout: Layout
    first: Process

    def until(self, what: str, holds: Callable[[], bool], limit: float, logs: Sequence[str]) -> None:
        """Wait until it holds.

        Args:
            what: the sentence that should come true, for the error.
            holds: looks once.
            limit: in seconds.
            logs: components whose logs tell why it did not.

        Raises:
            NotReady: it took longer than the limit, or the cluster ended.
        """
        end = time.monotonic() + limit
        while not holds():
            if not self.first.alive:
                raise NotReady(self._failure(f"The cluster ended before {what}.", ["supervisor", *logs]))
            if time.monotonic() > end:
                raise NotReady(self._failure(f"Not within {limit:g} s: {what}.", ["supervisor", *logs]))
            time.sleep(INTERVAL)

    def _failure(self, sentence: str, logs: Sequence[str]) -> str:
        parts = [sentence]
        for name in logs:
            lines = last_lines(self.layout, name)
            if lines:
                parts += [f"Last lines of {self.layout.log(name)}:", *(f"  {line}" for line in lines)]
        return "\n".join(parts)


def last_lines(layout: Layout, name: str) -> list[str]:
    """The end of a component's log; nothing if it has none."""
    log = layout.log(name)
    return log.read_text(errors="replace").splitlines()[-LAST_LINES:] if log.exists() else []


def api_answers(client: Client) -> Callable[[], bool]:
    """Whether the API server says that it is ready."""
    return client.is_ready


def registry_answers(network: Network) -> Callable[[], bool]:
    """Whether the image registry answers, as https://distribution.github.io/distribution/spec/api/ says."""

    def look() -> bool:
        connection = http.client.HTTPConnection(network.registry, timeout=5)
        try:
            connection.request("GET", "/v2/")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return look


def node_is_ready(client: Client) -> Callable[[], bool]:
    """Whether the node's condition Ready is true."""
    return _observed(client, f"/api/v1/nodes/{NODE}", lambda node: _condition(node, "Ready"))


def pods_may_be_made(client: Client) -> Callable[[], bool]:
    """Whether the service account is there that pods of the namespace `default` get."""
    return _observed(client, "/api/v1/namespaces/default/serviceaccounts/default", lambda _: True)


def names_are_resolved(client: Client) -> Callable[[], bool]:
    """Whether the DNS is available."""
    path = "/apis/apps/v1/namespaces/kube-system/deployments/coredns"
    return _observed(client, path, lambda deployment: bool(deployment["status"].get("availableReplicas")))


def autoscaling_serves(client: Client, deployments: Mapping[str, str], apis: Sequence[str]) -> Callable[[], bool]:
    """Whether these are available and KEDA's kinds known."""
    known = _observed(client, "/apis/keda.sh/v1alpha1", lambda group: "scaledobjects" in str(group))
    available = serves(client, deployments, apis)
    return lambda: known() and available()


def serves(client: Client, deployments: Mapping[str, str], apis: Sequence[str]) -> Callable[[], bool]:
    """Whether Deployments, by name with their namespaces, and aggregated APIs are available."""
    paths = [f"/apis/apps/v1/namespaces/{space}/deployments/{name}" for name, space in deployments.items()]
    paths += [f"/apis/apiregistration.k8s.io/v1/apiservices/{name}" for name in apis]
    looks = [_observed(client, path, lambda item: _condition(item, "Available")) for path in paths]
    return lambda: all(look() for look in looks)


def _observed(client: Client, path: str, judge: Callable[[dict[str, Any]], bool]) -> Callable[[], bool]:
    def look() -> bool:
        try:
            item = client.get(path)
        except ApiError:
            return False
        return item is not None and judge(item)

    return look


def _condition(item: dict[str, Any], kind: str) -> bool:
    conditions = item["status"].get("conditions", [])
    return any(condition["type"] == kind and condition["status"] == "True" for condition in conditions)
