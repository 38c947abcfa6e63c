# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What docs/benchmarks.md reports of Kubernetes, on a test cluster. Prints Markdown."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from ansible_collections.bunops.platform.tests.bench.autoscaling import autoscaling
from ansible_collections.bunops.platform.tests.bench.k8s_set import k8s_set
from ansible_collections.bunops.platform.tests.bench.secret_sync import secret_sync
from ansible_collections.bunops.platform.tests.cluster import Cluster
from ansible_collections.bunops.platform.tests.e2e.kubernetes.deployment import Deployment

RUNS = 5


def on_a_cluster() -> None:
    """A set of objects beside others who apply it, many secrets, the whole reference platform, and scalers."""
    # Not below a test's folder: the path of a socket may have 104 characters only.
    with tempfile.TemporaryDirectory(prefix="bunops-bench-") as root:
        with Cluster.start(Path(root) / "cluster") as cluster:
            k8s_set(cluster.kubeconfig, cluster.kubectl)
            secret_sync(cluster.kubeconfig)
        with Cluster.start(Path(root) / "cluster") as cluster:
            deploy(cluster, Path(root) / "project")
        with Cluster.start(Path(root) / "cluster", autoscaling=True) as cluster:
            autoscaling(cluster)


def deploy(cluster: Cluster, directory: Path) -> None:
    """prod.yml on an empty cluster, with the images in the builder's cache, and unchanged."""
    directory.mkdir()
    deployment = Deployment(directory, cluster.kubeconfig, cluster.registry, cluster.kubelet_dir / "seccomp")
    deployment.copy_project()
    first = _seconds(deployment)
    again = statistics.median(_seconds(deployment) for _run in range(RUNS))
    print("\n## The reference platform on a cluster\n\n| `ansible-playbook playbooks/prod.yml` | s |\n|---|---|")
    print(f"| empty cluster and registry: push, pull, all ready | {first:.1f} |")
    print(f"| unchanged, median of {RUNS} | {again:.1f} |")


def _seconds(deployment: Deployment) -> float:
    started = time.perf_counter()
    deployment.play()
    return time.perf_counter() - started


if __name__ == "__main__":
    on_a_cluster()
