# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Objects put on a real cluster and waited for: cases/*.yml, each in a namespace of its own.

A case: `objects` (waited for), `cluster_objects` (cluster-scoped, waited for, too, and removed afterwards) and `first`,
both applied some seconds (`settle`) before the others, `namespace` (its labels), `timeout` (seconds), `early` (false:
the time is used up), `within` (seconds from the moment that the cluster shows the cause; checked on recordings) and
`problems`: `of`, `reason`, `message` (a regular expression), `container`, `log`. ${IMAGE} is an image with a shell,
${NAMESPACE} the namespace.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import NotReady, Target
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.wait import wait_until_ready

FOLDER = Path(__file__).parent / "cases"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yml"))


@dataclass(frozen=True)
class Case:
    """One file, filled in."""

    namespace: str
    labels: dict[str, str]
    cluster_objects: list[dict[str, Any]]
    first: list[dict[str, Any]]
    objects: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    settle: float
    timeout: float
    within: float
    early: bool

    @property
    def targets(self) -> list[Target]:
        """All objects, as wait_until_ready() takes them."""
        return [target_of(item) for item in [*self.cluster_objects, *self.objects]]


@dataclass(frozen=True)
class Outcome:
    """How a wait ended. error: None if all became ready."""

    case: Case
    error: NotReady | None


def load(name: str, namespace: str, image: str) -> Case:
    """The case of that name for a namespace."""
    text = (FOLDER / f"{name}.yml").read_text().replace("${NAMESPACE}", namespace).replace("${IMAGE}", image)
    document = yaml.safe_load(text)
    for item in [*document.get("first", []), *document["objects"]]:
        item["metadata"]["namespace"] = namespace
    return Case(
        namespace,
        document.get("namespace", {}),
        document.get("cluster_objects", []),
        document.get("first", []),
        document["objects"],
        document["problems"],
        document.get("settle", 0),
        document["timeout"],
        document.get("within", document["timeout"] + 5),
        document.get("early", True),
    )


def target_of(value: dict[str, Any], changed: bool = True) -> Target:
    """What to wait for."""
    metadata = value["metadata"]
    return Target(value["apiVersion"], value["kind"], metadata.get("namespace", ""), metadata["name"], changed)


def apply(client: Client, value: dict[str, Any]) -> dict[str, Any]:
    """Server-side apply; again while a new namespace has no service account yet."""
    metadata = value["metadata"]
    path = client.path(value["apiVersion"], value["kind"], metadata.get("namespace"), metadata["name"])
    query = {"fieldManager": "bunops-test", "force": "true"}
    for _unused in range(50):
        try:
            return client.request("PATCH", path, body=value, query=query, content_type=APPLY)
        except ApiError as error:
            if "service account" not in error.message:
                raise
            time.sleep(0.2)
    raise TimeoutError(f"The namespace {metadata.get('namespace')} has no service account.")


def remove(client: Client, api_version: str, kind: str, name: str) -> None:
    """Remove a cluster-scoped object, whether it is there or not, without waiting for its end."""
    try:
        client.request("DELETE", client.path(api_version, kind, None, name), query={"propagationPolicy": "Background"})
    except ApiError as error:
        if error.status != 404:
            raise


def create_namespace(client: Client, name: str, labels: dict[str, str]) -> None:
    """A namespace with labels."""
    apply(client, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})


def run(client: Client, case: Case) -> Outcome:
    """Apply and wait."""
    create_namespace(client, case.namespace, case.labels)
    for value in [*case.cluster_objects, *case.first]:
        apply(client, value)
    time.sleep(case.settle)
    for value in case.objects:
        apply(client, value)
    try:
        wait_until_ready(client, case.targets, case.timeout)
    except NotReady as problem:
        return Outcome(case, problem)
    return Outcome(case, None)


def clean(client: Client, case: Case) -> None:
    """Remove all of a case."""
    for value in case.cluster_objects:
        remove(client, value["apiVersion"], value["kind"], value["metadata"]["name"])
    remove(client, "v1", "Namespace", case.namespace)


def check(outcome: Outcome) -> None:
    """Whether a wait ended as its case says."""
    case, error = outcome.case, outcome.error
    if not case.problems:
        assert error is None, str(error)
        return
    assert error is not None, "everything became ready"
    wanted = {problem["of"] for problem in case.problems}
    found = {f"{item.target.kind} {item.target.name}": item for item in error.problems}
    assert set(found) >= wanted, str(error)
    assert error.early == case.early, str(error)
    for problem in case.problems:
        item = found[problem["of"]]
        assert item.code == problem["reason"], str(error)
        assert re.search(problem["message"], item.text), str(error)
        assert item.container == problem.get("container", ""), str(error)
        if "log" in problem:
            assert list(item.log) == problem["log"], str(error)
        assert item.text in str(error)
