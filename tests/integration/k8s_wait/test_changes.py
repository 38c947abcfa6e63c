# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is changed while something runs: rollouts, repairs, and what comes late."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import MERGE_PATCH, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Expectation, NotReady
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.wait import wait_until_ready
from ansible_collections.bunops.platform.tests.integration.k8s_wait.cases import apply, remove, target_of

UP = ["sleep", "3600"]
NONE_LESS = {"rollingUpdate": {"maxUnavailable": 0}}
DOWN = ["sh", "-c", "echo going down; exit 1"]


def workload(namespace: str, image: str, command: list[str], kind: str = "Deployment") -> dict[str, Any]:
    """A Deployment or StatefulSet `app` of one container that is ready once it runs."""
    container = {
        "name": "web",
        "image": image,
        "command": command,
        "readinessProbe": {"exec": {"command": ["true"]}, "periodSeconds": 1},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "app", "namespace": namespace},
        "spec": {
            **({"serviceName": "app"} if kind == "StatefulSet" else {"strategy": NONE_LESS}),
            "selector": {"matchLabels": {"app": "app"}},
            "template": {
                "metadata": {"labels": {"app": "app"}},
                "spec": {"terminationGracePeriodSeconds": 0, "containers": [container]},
            },
        },
    }


def test_a_broken_image_is_found_and_the_former_version_serves_on(client: Client, namespace: str, image: str) -> None:
    good = workload(namespace, image, UP)
    apply(client, good)
    wait_until_ready(client, [target_of(good)], 60)
    apply(client, workload(namespace, image + "-broken", UP))
    with pytest.raises(NotReady, match=r"image \S+-broken cannot be pulled: .*not found") as caught:
        wait_until_ready(client, [target_of(good)], 120)
    ended = datetime.now(UTC)
    assert caught.value.early
    events = client.list("v1", "Event", namespace, field_selector="reason=Failed")
    first = min(datetime.fromisoformat(event["firstTimestamp"]) for event in events)
    assert (ended - first).total_seconds() < 20
    live = client.get("apps/v1", "Deployment", namespace, "app")
    assert live and live["status"]["availableReplicas"] == 1


def test_a_crash_loop_of_before_the_run(client: Client, namespace: str, image: str) -> None:
    broken = workload(namespace, image, DOWN)
    # It is too short-lived for a probe.
    del broken["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": namespace}}
    apply(client, broken)
    apply(client, settings)
    with pytest.raises(NotReady, match="going down"):
        wait_until_ready(client, [target_of(broken)], 90)
    # Nothing was changed since then: there is nothing to hope for.
    with pytest.raises(NotReady, match="it restarts in a loop") as caught:
        wait_until_ready(client, [target_of(broken, changed=False)], 60)
    assert caught.value.early
    # Something else was changed, which may be what it needs; its back-off takes longer than this.
    with pytest.raises(NotReady, match="it restarts in a loop") as caught:
        wait_until_ready(client, [target_of(broken, changed=False), target_of(settings)], 5)
    assert not caught.value.early
    # A new version does not answer for the former one.
    apply(client, workload(namespace, image, UP))
    wait_until_ready(client, [target_of(broken)], 60)


def test_a_stateful_set_that_waits_for_a_pod_of_its_former_version(client: Client, namespace: str, image: str) -> None:
    apply(client, workload(namespace, image + "-broken", UP, kind="StatefulSet"))
    deadline = time.monotonic() + 60
    while not any(pull_failed(pod) for pod in client.list("v1", "Pod", namespace)):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    good = workload(namespace, image, UP, kind="StatefulSet")
    apply(client, good)
    with pytest.raises(NotReady) as caught:
        wait_until_ready(client, [target_of(good)], 8)
    assert not caught.value.early
    assert "a pod of the former version is in the way (remove it if it cannot become ready): image" in str(caught.value)


def pull_failed(pod: dict[str, Any]) -> bool:
    """Whether its container has no image."""
    statuses = pod["status"].get("containerStatuses") or [{}]
    return statuses[0].get("state", {}).get("waiting", {}).get("reason") in ("ErrImagePull", "ImagePullBackOff")


def test_a_secret_that_comes_late(client: Client, namespace: str, image: str) -> None:
    late = workload(namespace, image, UP)
    source = {"secretRef": {"name": "late"}}
    late["spec"]["template"]["spec"]["containers"][0]["envFrom"] = [source]
    apply(client, late)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "late", "namespace": namespace}}
    timer = threading.Timer(6, apply, (client, secret))
    timer.start()
    wait_until_ready(client, [target_of(late)], 60)
    timer.join()


def test_a_custom_object_and_its_conditions(client: Client, namespace: str) -> None:
    group = f"{namespace}.bunops.test"
    definition = definition_of(group)
    thing = {"apiVersion": f"{group}/v1", "kind": "Thing", "metadata": {"name": "one", "namespace": namespace}}
    try:
        apply(client, definition)
        wait_until_ready(client, [target_of(definition)], 30)
        client.discovery(fresh=True)
        apply(client, thing)
        wait_until_ready(client, [target_of(thing)], 5)
        expected = [Expectation("Thing", "Synced")]
        report(client, thing, "False", "still reading")
        with pytest.raises(NotReady, match=r"Thing .*/one: its condition Synced is False: still reading"):
            wait_until_ready(client, [target_of(thing)], 1, expected)
        timer = threading.Timer(1, report, (client, thing, "True", ""))
        timer.start()
        wait_until_ready(client, [target_of(thing)], 20, expected)
        timer.join()
    finally:
        remove(client, "apiextensions.k8s.io/v1", "CustomResourceDefinition", f"things.{group}")


def definition_of(group: str) -> dict[str, Any]:
    """A kind Thing with a status."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "schema": {"openAPIV3Schema": schema},
    }
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "things", "kind": "Thing"},
            "versions": [version],
        },
    }


def report(client: Client, thing: dict[str, Any], status: str, message: str) -> None:
    """What the controller of a custom object would write."""
    metadata = thing["metadata"]
    path = client.path(thing["apiVersion"], "Thing", metadata["namespace"], metadata["name"]) + "/status"
    condition = {"type": "Synced", "status": status, "message": message}
    client.request("PATCH", path, body={"status": {"conditions": [condition]}}, content_type=MERGE_PATCH)
