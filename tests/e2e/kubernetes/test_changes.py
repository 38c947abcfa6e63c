"""What an edit of the catalog does to the cluster."""

from __future__ import annotations

import copy
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.bunops.platform.tests.e2e.kubernetes.deployment import Deployment

# A digest that no registry has.
NOWHERE = "sha256:" + "0" * 64


def test_a_rolling_update_under_load_loses_no_request(deployment: Deployment) -> None:
    before = {pod["metadata"]["name"] for pod in deployment.pods("api")}
    load = ["wrk", "--threads", "1", "--connections", "16", "--duration", "30s", deployment.url("api", "/health")]
    deployment.patch["services"]["api"]["env"]["LOG_LEVEL"] = "warn"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(subprocess.run, load, capture_output=True, text=True, timeout=60, check=True)
        time.sleep(2)
        deployment.play()
        report = running.result().stdout
    requests = re.search(r"(\d+) requests in", report)
    assert requests
    assert int(requests.group(1)) > 1000, report
    # wrk says these only if there were any.
    assert "Socket errors" not in report, report
    assert "Non-2xx" not in report, report
    assert before.isdisjoint(pod["metadata"]["name"] for pod in deployment.pods("api"))


def test_a_broken_image_fails_soon_and_the_old_version_serves_on(deployment: Deployment) -> None:
    before = {pod["metadata"]["name"] for pod in deployment.pods("api")}
    images = {
        pod["metadata"]["labels"]["app.kubernetes.io/name"]: pod["spec"]["containers"][0]["image"]
        for name in ("api", "members", "worker", "dashboard", "redis", "turso")
        for pod in deployment.pods(name)
    }
    fetcher = deployment.client.get("batch/v1", "CronJob", f"{deployment.namespace}-tasks", "fetcher")
    assert fetcher
    template = fetcher["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    images["fetcher"] = template["containers"][0]["image"]
    broken = images["api"].partition("@")[0] + "@" + NOWHERE

    start = time.monotonic()
    play = deployment.play_with({"k8s_platform_images": {**images, "api": broken}}, check=False)
    assert play.rc != 0
    # With everything that a playbook does around it.
    assert time.monotonic() - start < 40
    assert broken in play.output
    assert "Deployment" in play.output
    assert before <= {pod["metadata"]["name"] for pod in deployment.pods("api")}
    # It was rolled back: nothing is left to do.
    assert deployment.play().changed == 0


def test_a_removed_service_is_pruned_with_all_that_is_its_own(deployment: Deployment) -> None:
    before = deployment.keys()
    kept = copy.deepcopy(deployment.patch)
    deployment.patch["services"]["dashboard"] = None
    try:
        limited = deployment.play_with({"k8s_platform_prune_limit": 1}, check=False)
        assert limited.rc != 0
        assert "Deployment" in limited.output
        assert deployment.keys() == before

        deployment.play()
        gone = before - deployment.keys()
        assert ("Deployment", deployment.namespace, "dashboard") in gone
        assert {name.split("-")[0] for _kind, _namespace, name in gone} == {"dashboard"}, gone
        assert [item["metadata"]["name"] for item in deployment.pods("dashboard")] == []
    finally:
        deployment.patch.clear()
        deployment.patch.update(kept)
        deployment.play()
    assert deployment.keys() == before
