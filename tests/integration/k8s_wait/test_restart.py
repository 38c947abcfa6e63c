# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""An API server that goes away while something waits, in a cluster of the test's own."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client, Limits
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.wait import wait_until_ready
from ansible_collections.bunops.platform.tests.cluster import Cluster
from ansible_collections.bunops.platform.tests.integration.k8s_wait.cases import apply, target_of
from ansible_collections.bunops.platform.tests.integration.k8s_wait.conftest import pushed
from ansible_collections.bunops.platform.tests.integration.k8s_wait.test_changes import UP, workload


def test_a_killed_api_server_does_not_end_the_wait(engine: Any, busybox_image: str) -> None:
    # The paths of sockets may have 104 characters only.
    with Cluster.start(Path(tempfile.mkdtemp(prefix="bunops-wait-"))) as cluster:
        slow = workload("default", pushed(engine, busybox_image, cluster.registry), UP)
        slow["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]["initialDelaySeconds"] = 10
        killed: list[float] = []

        def kill() -> None:
            os.kill(cluster.pid("kube-apiserver"), signal.SIGKILL)
            killed.append(time.monotonic())

        # A client without patience: the wait has its own.
        with Client.connect(Options(kubeconfig=str(cluster.kubeconfig)), Limits(patience=0.0)) as client:
            apply(client, slow)
            timer = threading.Timer(3, kill)
            timer.start()
            wait_until_ready(client, [target_of(slow)], 120)
            timer.join()
        assert killed and time.monotonic() > killed[0] + 1
