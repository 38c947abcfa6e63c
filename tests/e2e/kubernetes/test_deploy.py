"""What the playbook makes of an empty cluster."""

from __future__ import annotations

from ansible_collections.bunops.platform.tests.e2e.kubernetes.deployment import NAME, Deployment
from ansible_collections.bunops.platform.tests.e2e.kubernetes.pages import ClusterPages
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import eventually


def test_everything_is_ready(deployment: Deployment) -> None:
    for name in ("api", "members", "worker", "dashboard", "redis", "turso"):
        (pod, *_others) = deployment.pods(name)
        conditions = {each["type"]: each["status"] for each in pod["status"]["conditions"]}
        assert conditions["Ready"] == "True", pod["metadata"]["name"]
    names = {item["metadata"]["name"] for item in deployment.items("apps/v1", "Deployment")}
    assert names == {"api", "members", "worker", "dashboard"}
    assert {item["metadata"]["name"] for item in deployment.items("apps/v1", "StatefulSet")} == {"redis", "turso"}


def test_a_second_run_changes_nothing(deployment: Deployment) -> None:
    assert deployment.play().changed == 0
    assert deployment.play("--check", "--diff").changed == 0


def test_images_go_by_digest(deployment: Deployment) -> None:
    images = {container["image"] for pod in deployment.items("v1", "Pod") for container in pod["spec"]["containers"]}
    assert len(images) == 6
    assert [image for image in images if "@sha256:" not in image] == []


def test_pod_security_is_restricted_in_both_namespaces(deployment: Deployment) -> None:
    for name in (NAME, f"{NAME}-tasks"):
        namespace = deployment.client.get("v1", "Namespace", None, name)
        assert namespace
        assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_a_posted_job_is_done_by_a_pod_of_its_own(deployment: Deployment, pages: ClusterPages) -> None:
    seen: set[str] = set()
    job = deployment.ended_job(pages.url("/hello"))
    assert (job["status"], job["title"], job["hasScreenshot"]) == ("done", "Page /hello", True), job

    events = deployment.items("v1", "Event", f"{NAME}-tasks")
    seen = {event["involvedObject"]["name"] for event in events if event["involvedObject"]["kind"] == "Job"}
    assert any(job["id"] in name for name in seen), seen
    eventually(lambda: True if not list(deployment.items("batch/v1", "Job", f"{NAME}-tasks")) else None, 30)
    eventually(lambda: True if not list(deployment.items("v1", "Pod", f"{NAME}-tasks")) else None, 30)


def test_an_address_that_the_catalog_does_not_name_is_refused(deployment: Deployment) -> None:
    job = deployment.ended_job("http://redis:6379/")
    assert job["status"] == "failed"
