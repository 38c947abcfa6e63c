"""What Tilt needs on the cluster and in the project's folder: namespaces, Secrets and objects, without Tilt."""

from __future__ import annotations

from pathlib import Path

import yaml

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY
from ansible_collections.bunops.platform.tests.e2e.develop_cluster.site import CANARY, NAME, Site
from ansible_collections.bunops.platform.tests.e2e.kubernetes.test_secrets import secret_values_of, written


def test_check_mode_foresees_it_and_changes_nothing(site: Site, objects_playbook: Path) -> None:
    play = site.run(objects_playbook, "--check", "--diff")
    assert play.changed > 0
    assert site.client.get("v1", "Namespace", None, NAME) is None
    assert not site.objects.parent.exists()


def test_a_context_that_is_not_named_is_refused_before_anything_is_done(site: Site, objects_playbook: Path) -> None:
    cases: dict[str, dict[str, object]] = {
        f"k8s_platform_context: found production, but tilt_dev_context is {site.context}": {
            "k8s_platform_context": "production"
        },
        "tilt_dev_context: found none, expected one of tilt_dev_contexts (a, b)": {"tilt_dev_contexts": ["a", "b"]},
    }
    for said, variables in cases.items():
        play = site.run(objects_playbook, check=False, **variables)
        assert play.rc != 0
        assert said in " ".join(play.output.split())
    assert site.client.get("v1", "Namespace", None, NAME) is None
    assert not site.objects.parent.exists()


def test_namespaces_secrets_and_objects_are_there(site: Site, objects_playbook: Path) -> None:
    first = site.run(objects_playbook, "-vvv", "--diff")
    assert first.changed > 0
    assert site.run(objects_playbook).changed == 0
    assert site.run(objects_playbook, "--check").changed == 0

    values = secret_values_of(site.client, NAME).values()
    assert CANARY in values
    text = site.objects.read_text()
    assert site.objects.stat().st_mode & 0o777 == 0o600
    needles = {needle for value in values for needle in written(value)}
    assert [needle for needle in needles if needle in text or needle in first.output] == []

    objects = list(yaml.safe_load_all(text))
    named = {item["metadata"]["name"]: item for item in objects if item["kind"] == "Deployment"}
    assert set(named) == {"api", "worker", "dashboard"}
    for name, item in named.items():
        assert item["spec"]["replicas"] == 1
        (container,) = item["spec"]["template"]["spec"]["containers"]
        assert container["image"] == f"{NAME}/{name}"
    # The API server takes each of them; what they name is there.
    assert "Namespace" not in {item["kind"] for item in objects}
    for item in objects:
        metadata = item["metadata"]
        path = site.client.path(item["apiVersion"], item["kind"], metadata.get("namespace"), metadata["name"])
        query = {"fieldManager": "tests", "dryRun": "All", "force": "true"}
        site.client.request("PATCH", path, item, query, APPLY)
    mounted = {
        volume["secret"]["secretName"]
        for item in named.values()
        for volume in item["spec"]["template"]["spec"]["volumes"]
        if "secret" in volume
    }
    assert mounted <= site.kinds()["Secret"]
