# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A real API server takes the rendered objects, warns of nothing, admits their pods, and keeps every field as it is.

Namespaces and service accounts are made, for pods are admitted only where these are; all else is a dry run.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.render import manifests
from ansible_collections.bunops.platform.tests.cluster import gateway, programs
from ansible_collections.bunops.platform.tests.integration.edge_ingress.kinds import traefik_kinds
from ansible_collections.bunops.platform.tests.unit.renderers.cases import CASES, cluster_of, platform_of
from ansible_collections.bunops.platform.tests.unit.renderers.network_reader import templates

Object = dict[str, Any]
LIMIT = 60
REAL = ("Namespace", "ServiceAccount")


class Kubectl:
    """kubectl for one cluster, each call with a limit."""

    def __init__(self, kubeconfig: Path) -> None:
        self._program = programs.provide(print) / "kubectl"
        self._kubeconfig = kubeconfig

    def run(self, *arguments: str, given: list[Object] | None = None) -> tuple[str, list[str]]:
        """What it prints, and its warnings."""
        done = subprocess.run(
            [str(self._program), *arguments],
            env={**os.environ, "KUBECONFIG": str(self._kubeconfig)},
            input="\n---\n".join(map(json.dumps, given or [])),
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout, done.stderr.splitlines()

    def apply(self, objects: list[Object], *options: str) -> tuple[list[Object], list[str]]:
        """What the server keeps, with who owns which field."""
        output = ("--output=json", "--show-managed-fields")
        text, warnings = self.run("apply", "--server-side", "--filename=-", *output, *options, given=objects)
        kept = json.loads(text)
        return kept["items"] if kept["kind"] == "List" else [kept], warnings


@pytest.fixture(scope="module")
def kubectl(cluster: Any) -> Kubectl:
    gateway.install_kinds(cluster.kubeconfig)
    return Kubectl(cluster.kubeconfig)


@pytest.fixture(scope="module", autouse=True)
def kinds(cluster: Any) -> Iterator[None]:
    """Those that an edge brings to a cluster."""
    with traefik_kinds(cluster.kubeconfig):
        yield


@pytest.fixture(scope="module")
def objects(request: pytest.FixtureRequest, kubectl: Kubectl) -> Iterator[list[Object]]:
    """Those of a case, in namespaces of its own, which are there."""
    platform = platform_of(request.param)
    own = replace(cluster_of(platform), namespace=f"bunops-manifests-{secrets.token_hex(4)}")
    rendered = manifests(platform, own)
    kubectl.apply([item for item in rendered if item["kind"] in REAL])
    yield rendered
    for item in rendered:
        if item["kind"] == "Namespace":
            kubectl.run("delete", "namespace", item["metadata"]["name"], "--wait=false")


all_cases = pytest.mark.parametrize("objects", CASES, indirect=True)
restricted_cases = pytest.mark.parametrize("objects", sorted({*CASES} - {"docker_socket"}), indirect=True)


@all_cases
def test_every_field_is_kept_as_it_is(kubectl: Kubectl, objects: list[Object]) -> None:
    kept, _ = kubectl.apply(objects, "--dry-run=server")
    assert [item["kind"] for item in kept] == [item["kind"] for item in objects]
    for wanted, found in zip(objects, kept, strict=True):
        (owner,) = [entry for entry in found["metadata"]["managedFields"] if entry["manager"] == "kubectl"]
        place = f"{wanted['kind']}/{wanted['metadata']['name']}"
        assert list(changed(owner["fieldsV1"], wanted, found, place)) == []


@restricted_cases
def test_nothing_is_warned_of(kubectl: Kubectl, objects: list[Object]) -> None:
    """The namespaces warn of pods that Pod Security `restricted` would refuse, in its newest version."""
    assert kubectl.apply(objects, "--dry-run=server")[1] == []


@pytest.mark.parametrize("objects", ["docker_socket"], indirect=True)
def test_who_insists_on_the_socket_is_warned(kubectl: Kubectl, objects: list[Object]) -> None:
    (warning,) = kubectl.apply(objects, "--dry-run=server")[1]
    assert "would violate PodSecurity" in warning and "hostPath" in warning


@all_cases
def test_every_pod_is_admitted(kubectl: Kubectl, objects: list[Object]) -> None:
    pods = [_pod(item["metadata"]["namespace"], template) for item, template in templates(objects).values()]
    kubectl.run("create", "--dry-run=server", "--filename=-", given=pods)


@pytest.mark.parametrize("objects", ["reference"], indirect=True)
def test_a_pod_with_more_rights_is_not_admitted(kubectl: Kubectl, objects: list[Object]) -> None:
    item, template = templates(objects)["api"]
    pod = _pod(item["metadata"]["namespace"], template)
    pod["spec"] = {**pod["spec"], "hostNetwork": True}
    with pytest.raises(AssertionError, match="violates PodSecurity"):
        kubectl.run("create", "--dry-run=server", "--filename=-", given=[pod])


def _pod(namespace: str, template: Any) -> Object:
    metadata = {"generateName": "pod-", "namespace": namespace, **template["metadata"]}
    # What a StatefulSet's controller would add for its claims.
    mounts = {mount["name"] for mount in template["spec"]["containers"][0]["volumeMounts"]}
    missing = mounts - {volume["name"] for volume in template["spec"]["volumes"]}
    claims = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in sorted(missing)]
    spec = {**template["spec"], "volumes": [*template["spec"]["volumes"], *claims]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def changed(fields: Object, wanted: Any, found: Any, place: str) -> Iterator[str]:
    """Where the server keeps something else than it was given, of what it says is the applier's.

    https://kubernetes.io/docs/reference/using-api/server-side-apply/ (fieldsV1)
    """
    for key, below in fields.items():
        kind, _, name = key.partition(":")
        if kind == "f":
            inner = (wanted.get(name), found.get(name))
        elif kind == "k":
            inner = (_element(wanted, json.loads(name)), _element(found, json.loads(name)))
        else:
            # A dot stands for the element itself, a `v` for a value of a set, which is its own name.
            continue
        if set(below) - {"."}:
            yield from changed(below, *inner, f"{place}.{name}")
        elif inner[0] != inner[1]:
            yield f"{place}.{name}: {inner[0]} became {inner[1]}"


def _element(items: list[Object], keys: Object) -> Object:
    (found,) = [item for item in items if keys.items() <= item.items()]
    return found
