# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads NetworkPolicies as a cluster's network does: which connections they let through.

https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
What it does not understand is an error: a rule that is passed over would make the network look closed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """A pod, or an address outside of the cluster, which has no namespace.

    Pods have addresses too: whether a block of addresses means pods is left open by the API, so it does.
    """

    name: str
    address: str
    namespace: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Network:
    """namespaces: the labels of each."""

    policies: Sequence[Object]
    namespaces: Mapping[str, Mapping[str, str]]

    def lets_out(self, source: Place, target: Place, port: int, protocol: str) -> bool:
        """Whether the source may call. A connection needs leave on both sides."""
        return self._allows("egress", source, target, port, protocol)

    def lets_in(self, source: Place, target: Place, port: int, protocol: str) -> bool:
        """Whether the target may be called. A side that no policy selects allows everything."""
        return self._allows("ingress", target, source, port, protocol)

    def _allows(self, direction: str, pod: Place, peer: Place, port: int, protocol: str) -> bool:
        policies = [policy for policy in self.policies if _selects(policy, direction, pod)]
        if not policies:
            return True
        rules = [rule for policy in policies for rule in policy["spec"].get(direction, [])]
        return any(self._matches(rule, direction, pod, peer, port, protocol) for rule in rules)

    def _matches(self, rule: Object, direction: str, pod: Place, peer: Place, port: int, protocol: str) -> bool:
        peers_key = "to" if direction == "egress" else "from"
        _known(rule, peers_key, "ports")
        peers, ports = rule.get(peers_key, []), rule.get("ports", [])
        return (not peers or any(self._is_peer(each, pod, peer) for each in peers)) and (
            not ports or any(_is_port(each, port, protocol) for each in ports)
        )

    def _is_peer(self, rule: Object, pod: Place, peer: Place) -> bool:
        _known(rule, "ipBlock", "namespaceSelector", "podSelector")
        if "ipBlock" in rule:
            _known(rule, "ipBlock")
            return _in_block(rule["ipBlock"], peer.address)
        if peer.namespace is None:
            return False
        if "namespaceSelector" not in rule:
            near = peer.namespace == pod.namespace
        else:
            near = _has(rule["namespaceSelector"], self.namespaces[peer.namespace])
        return near and _has(rule.get("podSelector", {}), peer.labels)


def network_of(objects: Iterable[Object], others: Mapping[str, Mapping[str, str]]) -> Network:
    """The network of rendered objects. others: the labels of further namespaces."""
    every = list(objects)
    namespaces = {
        item["metadata"]["name"]: {
            "kubernetes.io/metadata.name": item["metadata"]["name"],
            **item["metadata"]["labels"],
        }
        for item in every
        if item["kind"] == "Namespace"
    }
    return Network([item for item in every if item["kind"] == "NetworkPolicy"], {**others, **namespaces})


def pods_of(objects: Iterable[Object]) -> list[Place]:
    """A pod of each Deployment, StatefulSet and CronJob."""
    found = []
    for number, (item, template) in enumerate(templates(objects).values(), start=1):
        metadata = item["metadata"]
        labels = template["metadata"]["labels"]
        found.append(Place(metadata["name"], f"10.244.0.{number}", metadata["namespace"], labels))
    return found


def templates(objects: Iterable[Object]) -> dict[str, tuple[Object, Object]]:
    """Each object that makes pods, and the template that it makes them from, by name."""
    found = {}
    for item in objects:
        spec = item.get("spec", {})
        if item["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if "template" in spec:
            found[item["metadata"]["name"]] = (item, spec["template"])
    return found


def _selects(policy: Object, direction: str, pod: Place) -> bool:
    spec = policy["spec"]
    _known(spec, "podSelector", "policyTypes", "ingress", "egress")
    return (
        policy["metadata"]["namespace"] == pod.namespace
        and direction.capitalize() in spec["policyTypes"]
        and _has(spec["podSelector"], pod.labels)
    )


def _has(selector: Object, labels: Mapping[str, str]) -> bool:
    _known(selector, "matchLabels")
    return all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())


def _is_port(rule: Object, port: int, protocol: str) -> bool:
    _known(rule, "port", "protocol")
    return bool(rule["port"] == port and rule["protocol"] == protocol)


def _in_block(block: Object, address: str) -> bool:
    _known(block, "cidr", "except")
    return _is_in(address, block["cidr"]) and not any(_is_in(address, cidr) for cidr in block.get("except", []))


@cache
def _is_in(address: str, cidr: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(cidr)


def _known(node: Object, *keys: str) -> None:
    unknown = set(node) - set(keys)
    assert not unknown, f"a policy has {sorted(unknown)}, which this reader does not understand"
