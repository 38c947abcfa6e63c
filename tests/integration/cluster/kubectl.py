# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""kubectl against a cluster, each call with a limit."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from typing import Any

from ansible_collections.bunops.platform.tests.cluster import Cluster

LIMIT = 60
RESTRICTED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
USER_1000 = {
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "runAsGroup": 1000,
    "fsGroup": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}


class Kubectl:
    """The program with the cluster's kubeconfig."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def attempt(self, *arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """The outcome, failed or not; ``given`` is its standard input."""
        return subprocess.run(
            [str(self._cluster.kubectl), *arguments],
            env={**os.environ, "KUBECONFIG": str(self._cluster.kubeconfig)},
            input=given,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )

    def run(self, *arguments: str, given: str | None = None) -> str:
        """What it prints; it must not fail."""
        result = self.attempt(*arguments, given=given)
        assert result.returncode == 0, result.stderr
        return result.stdout

    def until_it_answers(self, *arguments: str) -> str:
        """What it prints once it does not fail any more."""
        end = time.monotonic() + LIMIT
        while (result := self.attempt(*arguments)).returncode != 0:
            assert time.monotonic() < end, result.stderr
            time.sleep(0.2)
        return result.stdout

    def apply(self, *items: dict[str, Any]) -> None:
        """Server-side apply."""
        self.run("apply", "--server-side", "--filename=-", given="\n---\n".join(json.dumps(item) for item in items))


class Namespace:
    """kubectl in one namespace."""

    def __init__(self, kubectl: Kubectl, name: str) -> None:
        self.kubectl = kubectl
        self.name = name

    def run(self, *arguments: str) -> str:
        """What kubectl prints; it must not fail."""
        return self.kubectl.run(f"--namespace={self.name}", *arguments)

    def apply(self, *items: dict[str, Any]) -> None:
        """Apply objects of this namespace."""
        for item in items:
            item["metadata"]["namespace"] = self.name
        self.kubectl.apply(*items)

    def wait(self, kind: str, name: str, condition: str) -> None:
        """Wait for a condition such as "condition=Ready"."""
        limit = f"--timeout={LIMIT - 5}s"
        result = self.kubectl.attempt(f"--namespace={self.name}", "wait", f"{kind}/{name}", f"--for={condition}", limit)
        assert result.returncode == 0, result.stderr + self.run("describe", kind, name) + self.run("describe", "pods")

    def finished(self, job: str) -> str:
        """The log of a Job's pod once it has succeeded or failed."""
        end = time.monotonic() + LIMIT
        while True:
            status = json.loads(self.run("get", "job", job, "--output=json"))["status"]
            if any(item["type"] in ("Complete", "Failed") for item in status.get("conditions", [])):
                return self.run("logs", f"job/{job}")
            assert time.monotonic() < end, self.run("describe", "pods")
            time.sleep(0.2)


@contextlib.contextmanager
def namespace_in(cluster: Cluster) -> Iterator[Namespace]:
    """A namespace with Pod Security `restricted`."""
    kubectl = Kubectl(cluster)
    name = f"test-{secrets.token_hex(4)}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    # Pods are refused until the controller manager has made it; that one may just have been started again.
    kubectl.until_it_answers("get", "serviceaccount", "default", f"--namespace={name}")
    yield Namespace(kubectl, name)
    kubectl.run("delete", "namespace", name, "--wait=false")


def pushed(cluster: Cluster, engine: Any, image: str) -> str:
    """An image of the Docker engine in the cluster's registry, by digest."""
    repository = f"{cluster.registry}/busybox"
    engine.images.get(image).tag(repository, tag="1")
    answers = list(engine.images.push(repository, tag="1", stream=True, decode=True))
    engine.images.remove(f"{repository}:1")
    assert not [answer for answer in answers if "error" in answer], answers
    digest = next(answer["aux"]["Digest"] for answer in answers if "aux" in answer)
    return f"{repository}@{digest}"


def pod(name: str, image: str, *command: str, **container: Any) -> dict[str, Any]:
    """A pod that Pod Security `restricted` admits; ``container`` are further fields of its container."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": pod_spec(image, *command, **container),
    }


def job(name: str, image: str, *command: str, **container: Any) -> dict[str, Any]:
    """A Job of one such pod, tried once."""
    spec = {**pod_spec(image, *command, **container), "restartPolicy": "Never"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"backoffLimit": 0, "template": {"spec": spec}},
    }


def pod_spec(image: str, *command: str, **container: Any) -> dict[str, Any]:
    """What both have in common."""
    return {
        "securityContext": dict(USER_1000),
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 0,
        "containers": [
            {"name": "main", "image": image, "command": list(command), "securityContext": dict(RESTRICTED), **container}
        ],
    }
