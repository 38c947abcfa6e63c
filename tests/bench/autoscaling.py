# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How soon replicas follow a queue: scaled by queue_scaler, and by KEDA with its defaults. Prints Markdown.

python -m ansible_collections.bunops.platform.tests.bench.autoscaling

Takes about 18 minutes, for each scaler goes back to rest by itself once, and writes docs/autoscaling.svg.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.engine import connect
from ansible_collections.bunops.platform.tests.bench import picture
from ansible_collections.bunops.platform.tests.bench.load import MOST_REPLICAS, Result, Scaler, measure
from ansible_collections.bunops.platform.tests.cluster import Cluster
from ansible_collections.bunops.platform.tests.e2e.autoscaling import programs
from ansible_collections.bunops.platform.tests.e2e.autoscaling.site import HTTP_PORT, JOBS_PER_REPLICA, QUEUE, Site
from ansible_collections.bunops.platform.tests.integration.cluster.kubectl import namespace_in
from ansible_collections.bunops.platform.tests.integration.k8s_wait.conftest import pushed
from ansible_collections.bunops.platform.tests.integration.queue_meter.images import ROOT, built

PICTURE = ROOT / "docs/autoscaling.svg"
# Ten replicas have 1,000 jobs done in 40 s.
JOB_MS = 4_000
# What the module is told of jobs that take 4 s.
LONGEST_JOB = 5


def scaled_by_module(site: Site) -> None:
    """A scaler as the module makes it; told how long jobs take, and for the rest with its own defaults."""
    site.scale(longest_job=LONGEST_JOB)


def scaled_by_defaults(site: Site) -> None:
    """A ScaledObject that says what is measured and how many replicas there may be, and leaves the rest to KEDA."""
    trigger = {
        "url": f"http://queue-meter.{site.namespace.name}.svc:{HTTP_PORT}/queues/redis/{QUEUE}",
        "valueLocation": "demand",
        "targetValue": str(JOBS_PER_REPLICA),
    }
    spec = {
        "scaleTargetRef": {"name": "worker"},
        "minReplicaCount": 0,
        "maxReplicaCount": MOST_REPLICAS,
        "triggers": [{"type": "metrics-api", "metadata": trigger}],
    }
    scaled = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "worker"}, "spec": spec}
    site.namespace.apply(scaled)


def begin_anew(site: Site, number: int) -> None:
    """Has KEDA look at once, and 30 s later again: it does so when a ScaledObject is another, and here it is only that
    the default is said or left out. The HPA's clock goes on.

    The clocks of a ScaledObject that is new, or was paused, begin together: the HPA then looks at about the moment at
    which KEDA wakes the worker, each time, and it is chance on which side of it.
    """
    patch = {"spec": {"pollingInterval": 30 if number % 2 else None}}
    site.namespace.run("patch", "scaledobject", "worker", "--type=merge", f"--patch={json.dumps(patch)}")


# The periods are facts about these scalers, not settings.
SCALERS = (
    Scaler("`queue_scaler`", scaled_by_module, fewest=0, period=1, wakes=5, bursts=3),
    Scaler("KEDA's defaults", scaled_by_defaults, fewest=0, period=30, wakes=3, bursts=3, begin=begin_anew),
)


def autoscaling(cluster: Cluster) -> None:
    """Measure all scalers on a cluster with KEDA, and draw the last 1,000 jobs of each.

    One after the other, in a namespace each: side by side they would share the machine's processors, and the start of
    ten replicas is most of what is measured.
    """
    engine = connect()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "jobs"
        programs.install(folder)
        with built(engine, Path(temporary) / "state") as images:
            inside = {name: pushed(engine, image, cluster.registry, name) for name, image in images.items()}
        results = [_measured(cluster, scaler, inside, folder) for scaler in SCALERS]
    picture.draw(PICTURE, {result.title.strip("`"): result.bursts[-1].samples for result in results}, MOST_REPLICAS)
    table(results)


def _measured(cluster: Cluster, scaler: Scaler, images: dict[str, str], folder: Path) -> Result:
    options = Options(kubeconfig=str(cluster.kubeconfig))
    with namespace_in(cluster) as namespace, Client.connect(options) as client:
        site = Site(namespace, cluster.kubeconfig, images, folder / "worker.js")
        site.start()
        return measure(scaler, site, client, folder, JOB_MS)


def table(results: Sequence[Result]) -> None:
    """Print the figures, a column a scaler."""
    rows: list[tuple[str, Callable[[Result], str]]] = [
        ("1 job: 1 replica ready after, s", lambda result: _times([wake.ready for wake in result.wakes])),
        ("the job begun after, s", lambda result: _times([wake.begun for wake in result.wakes])),
        ("1,000 jobs: 1 replica ready after, s", lambda result: _times([burst.one for burst in result.bursts])),
        (f"{MOST_REPLICAS} ready after, s", lambda result: _times([burst.ten for burst in result.bursts])),
        ("queue empty after, s", lambda result: _times([burst.empty for burst in result.bursts])),
        ("from then to no replica, s", lambda result: _times([burst.gone for burst in result.bursts])),
        ("jobs added, begun, finished", lambda result: f"{result.added:,}, {result.begun:,}, {result.finished:,}"),
        ("most runs of one job", lambda result: str(result.most_runs)),
    ]
    print("\n## Autoscaling\n")
    print(f"| median, slowest (of how many) | {' | '.join(result.title for result in results)} |")
    print(f"|---|{'---|' * len(results)}")
    for title, text in rows:
        print(f"| {title} | {' | '.join(text(result) for result in results)} |")


def _times(taken: Sequence[float | None]) -> str:
    seconds = [each for each in taken if each is not None]
    return f"{statistics.median(seconds):.1f}, {max(seconds):.1f} ({len(seconds)})" if seconds else ""


def main() -> None:
    # Not below a test's folder: the path of a socket may have 104 characters only.
    with (
        tempfile.TemporaryDirectory(prefix="bunops-bench-") as root,
        Cluster.start(Path(root) / "cluster", autoscaling=True) as cluster,
    ):
        autoscaling(cluster)


if __name__ == "__main__":
    main()
