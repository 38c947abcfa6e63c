# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Objects for Kubernetes: what all of them have in common, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var
from hypothesis import given, settings

from ansible_collections.bunops.platform.plugins.filter.manifests import manifests
from ansible_collections.bunops.platform.plugins.filter.manifests_notes import manifests_notes
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.model.quantities import Cpu, Memory
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests import render
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.quantities import (
    bytes_text,
    count_text,
    cpu_text,
    memory_text,
)
from ansible_collections.bunops.platform.tests.unit.model.catalogs import patched
from ansible_collections.bunops.platform.tests.unit.renderers.cases import (
    CASES,
    GOLDEN,
    cluster_of,
    manifests_notes_text,
    manifests_text,
    platform_of,
)
from ansible_collections.bunops.platform.tests.unit.renderers.catalog_strategy import catalogs
from ansible_collections.bunops.platform.tests.unit.renderers.network_reader import templates

Object = dict[str, Any]


def raw(case: str, patch: object = None) -> Any:
    """The catalog of a case with a patch in it."""
    return patched(yaml.safe_load((GOLDEN / case / "platform.yml").read_text()), patch or {})


def given_for(platform: Platform, **options: object) -> dict[str, object]:
    """What the filter is told of the cluster of the golden cases."""
    cluster = cluster_of(platform)
    public = {name: {"jwks": json.loads(where.key_set)} for name, where in cluster.secrets.items() if where.key_set}
    secrets = {name: {"name": where.name, **public.get(name, {})} for name, where in cluster.secrets.items()}
    return {"images": dict(cluster.images), "secrets": secrets, "docker_gid": "998", **options}


def objects_of(case: str, patch: object = None, **options: object) -> list[Object]:
    catalog = raw(case, patch)
    return manifests(catalog, **given_for(Platform.parse(catalog), **options))


def one(objects: list[Object], kind: str, name: str) -> Object:
    (found,) = [item for item in objects if item["kind"] == kind and item["metadata"]["name"] == name]
    return found


def pod_of(objects: list[Object], name: str) -> Object:
    spec: Object = templates(objects)[name][1]["spec"]
    return spec


@pytest.mark.parametrize("case", CASES)
def test_the_filters_are_the_renderers(case: str) -> None:
    given = given_for(platform_of(case))
    objects = manifests(wrap_var(raw(case)), **wrap_var(given))
    assert "# yamllint disable\n" + yaml.safe_dump_all(objects, width=120) == manifests_text(platform_of(case))
    said = manifests_notes(raw(case), secrets=given["secrets"])
    assert "".join(f"{note}\n" for note in said) == manifests_notes_text(platform_of(case))


def values(node: object) -> Iterator[object]:
    yield node
    children = node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ()
    for child in children:
        yield from values(child)


@settings(max_examples=40)
@given(catalogs())
def test_all_objects_of_any_catalog(catalog: dict[str, Any]) -> None:
    platform = Platform.parse(catalog)
    objects = render.manifests(platform, cluster_of(platform))
    identities = [(item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]) for item in objects]
    assert len(set(identities)) == len(identities)
    assert None not in list(values(objects))
    assert json.dumps(objects) == json.dumps(objects, sort_keys=True)
    backwards = {
        key: dict(reversed(value.items())) if isinstance(value, dict) else value for key, value in catalog.items()
    }
    assert render.manifests(Platform.parse(backwards), cluster_of(platform)) == objects
    for item in objects:
        labels = item["metadata"]["labels"]
        parts = ("name", "instance", "part-of", "component", "managed-by")
        assert [f"app.kubernetes.io/{part}" in labels for part in parts] == [True] * 5
        assert (item["kind"] == "Namespace") == ("namespace" not in item["metadata"])


@pytest.mark.parametrize("case", CASES)
def test_every_object_that_is_named_is_there(case: str) -> None:
    objects = objects_of(case)
    there = {(item["kind"], item["metadata"].get("namespace"), item["metadata"]["name"]) for item in objects}
    for item, template in templates(objects).values():
        namespace = item["metadata"]["namespace"]
        spec = template["spec"]
        assert ("Namespace", None, namespace) in there
        assert ("ServiceAccount", namespace, spec["serviceAccountName"]) in there
        for source in spec["containers"][0].get("envFrom", []):
            assert ("ConfigMap", namespace, source["configMapRef"]["name"]) in there
        if item["kind"] == "StatefulSet":
            assert ("Service", namespace, item["spec"]["serviceName"]) in there


@pytest.mark.parametrize("case", CASES)
def test_what_selects_pods_selects_those_of_one_part(case: str) -> None:
    objects = objects_of(case)
    pods = {name: template["metadata"]["labels"] for name, (_, template) in templates(objects).items()}
    for item in objects:
        spec = item.get("spec", {})
        selector = spec["selector"] if item["kind"] == "Service" else spec.get("selector", {}).get("matchLabels")
        if selector:
            chosen = [name for name, labels in pods.items() if selector.items() <= labels.items()]
            assert chosen == [item["metadata"]["name"]]


def test_only_who_starts_tasks_has_a_token() -> None:
    objects = objects_of("reference")
    with_token = [name for name in templates(objects) if "serviceAccountToken" in json.dumps(pod_of(objects, name))]
    assert with_token == ["worker"]
    assert not any(pod_of(objects, name)["automountServiceAccountToken"] for name in templates(objects))


def test_a_role_allows_the_tasks_of_its_service() -> None:
    objects = objects_of("two_starters")
    rules = one(objects, "Role", "nightly")["rules"]
    assert [rule["resourceNames"] for rule in rules if "cronjobs" in rule["resources"]] == [["text"]]
    binding = one(objects, "RoleBinding", "nightly")
    assert binding["metadata"]["namespace"] == "pair-tasks"
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "nightly", "namespace": "pair"}]


def test_there_is_room_for_the_tasks_of_all_replicas() -> None:
    """And for those of the one more that runs during an update; a pod may outlive its Job for a moment."""
    hard = one(objects_of("reference"), "ResourceQuota", "tasks")["spec"]["hard"]
    assert (hard["count/jobs.batch"], hard["pods"]) == ("44", "88")
    assert (hard["limits.cpu"], hard["limits.memory"]) == ("88", "66Gi")
    assert one(objects_of("addresses"), "ResourceQuota", "tasks")["spec"]["hard"]["count/jobs.batch"] == "16"


def test_a_range_is_left_to_the_scaler_and_a_number_is_not() -> None:
    objects = objects_of("reference", {"services": {"dashboard": {"replicas": {"min": 3, "max": 3}}}})
    replicas = {
        item["metadata"]["name"]: item["spec"].get("replicas") for item in objects if item["kind"] == "Deployment"
    }
    assert replicas == {"api": None, "worker": None, "dashboard": 3, "queue-meter": 1}


def test_a_changed_variable_rolls_its_service_alone() -> None:
    before = objects_of("reference")
    after = objects_of("reference", {"services": {"api": {"env": {"LOG_LEVEL": "debug"}}}})
    changed = {(old["kind"], old["metadata"]["name"]) for old, new in zip(before, after, strict=True) if old != new}
    assert changed == {("ConfigMap", "api-env"), ("Deployment", "api")}


def test_a_new_version_of_a_secret_rolls_who_reads_it() -> None:
    before = objects_of("reference")
    secrets = {**dict(given_for(platform_of("reference")))["secrets"], "REDIS_PASSWORD": {"name": "redis-password-new"}}  # type: ignore[dict-item]
    after = objects_of("reference", secrets=secrets)
    changed = {(old["kind"], old["metadata"]["name"]) for old, new in zip(before, after, strict=True) if old != new}
    assert changed == {("Deployment", "api"), ("Deployment", "worker"), ("StatefulSet", "redis")}


def test_without_secrets_they_are_called_like_in_the_catalog() -> None:
    text = json.dumps(pod_of(objects_of("reference", secrets={}), "redis"))
    assert '"items": [{"key": "REDIS_PASSWORD.acl", "path": "REDIS_PASSWORD.acl"}], "name": "redis-password"' in text


def test_text_is_not_expanded() -> None:
    objects = objects_of("external_store", {"stores": {"redis": {"external": "redis://redis.internal/$(PORT)"}}})
    variables = {entry["name"]: entry["value"] for entry in pod_of(objects, "api")["containers"][0]["env"]}
    assert variables["REDIS_URL"] == "redis://redis.internal/$$(PORT)"


def test_another_namespace() -> None:
    objects = objects_of("reference", namespace="atlas-blue")
    assert {item["metadata"].get("namespace") for item in objects} == {None, "atlas-blue", "atlas-blue-tasks"}
    worker = pod_of(objects, "worker")["containers"][0]
    assert {"name": "TASKS_NAMESPACE", "value": "atlas-blue-tasks"} in worker["env"]


def test_the_socket_only_where_the_catalog_insists() -> None:
    for case in CASES:
        objects = objects_of(case)
        mounted = "hostPath" in json.dumps(objects)
        levels = {
            item["metadata"]["labels"]["pod-security.kubernetes.io/enforce"]
            for item in objects[:2]
            if "spec" not in item
        }
        insists = case == "docker_socket"
        assert mounted == insists
        assert levels == {"privileged" if insists else "restricted"}
    runner = pod_of(objects_of("docker_socket"), "runner")
    assert runner["securityContext"]["supplementalGroups"] == [998]


DIGEST = "registry.example.com/x@sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("case", "patch", "options", "problems"),
    [
        (
            "reference",
            {},
            {"images": {"api": DIGEST, "worker": DIGEST, "dashboard": "dashboard:2", "redis": DIGEST}},
            [
                "platform.services.dashboard.image: images has dashboard:2, expected one with a digest (@sha256:…)",
                "platform.services.worker.replicas.queue: needs queue-meter, but images has no reference of "
                "queue-meter that the cluster could pull",
                "platform.stores.turso.image: is built here, but images has no reference of turso that the cluster "
                "could pull",
                "platform.tasks.fetcher.image: is built here, but images has no reference of fetcher that the cluster "
                "could pull",
            ],
        ),
        (
            "external_store",
            {"stores": {"redis": {"external": "redis://127.0.0.1:6379"}}},
            {},
            ["platform.stores.redis.external: in a pod, 127.0.0.1 is that pod; expected an address of the store"],
        ),
        (
            "external_store",
            {"stores": {"redis": {"external": "redis://localhost"}}},
            {"secrets": {"OTHER": {"name": "other"}}},
            [
                "platform.secrets.REDIS_PASSWORD: secrets does not say which Secret of the cluster it is",
                "platform.stores.redis.external: in a pod, localhost is that pod; expected an address of the store",
            ],
        ),
        (
            "reference",
            {"secrets": {"OPENAI_API_KEY": {"optional": True}}},
            {
                "secrets": {
                    "REDIS_PASSWORD": {"name": "redis-password-1", "keys": ["REDIS_PASSWORD"]},
                    **{
                        name: {"name": "x"}
                        for name in ("CLERK_JWT_KEY", "CLERK_SECRET_KEY", "OPENAI_API_KEY", "REDIS_OBSERVER_PASSWORD")
                    },
                    "TURSO_AUTH_TOKEN": {"name": "t", "keys": ["TURSO_AUTH_TOKEN", "TURSO_AUTH_TOKEN.pub"]},
                }
            },
            ["platform.secrets.REDIS_PASSWORD: the Secret redis-password-1 has no key REDIS_PASSWORD.acl"],
        ),
        (
            "minimal",
            {},
            {"namespace": "Hello"},
            ["namespace: 'Hello' is not a DNS label of at most 57 characters"],
        ),
        (
            "minimal",
            {"name": "default"},
            {},
            ["namespace: default is not the platform's alone, and everything in it would be closed off"],
        ),
        (
            "minimal",
            {},
            {"namespace": "kube-system"},
            ["namespace: kube-system is not the platform's alone, and everything in it would be closed off"],
        ),
    ],
)
def test_what_kubernetes_cannot_do_is_refused(
    case: str, patch: object, options: dict[str, object], problems: list[str]
) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        objects_of(case, patch, **options)
    assert str(refused.value).splitlines()[1:] == [f"  {problem}" for problem in problems]


def test_before_a_build_no_digest_is_known() -> None:
    """As in check mode."""
    images = {name: f"registry.example.com/{name}:1" for name in cluster_of(platform_of("reference")).images}
    objects = objects_of("reference", images=images, digests=False)
    assert pod_of(objects, "api")["containers"][0]["image"] == "registry.example.com/api:1"


def test_a_namespace_may_begin_like_those_of_others() -> None:
    assert objects_of("minimal", namespace="defaults")


def test_an_image_that_is_taken_may_be_pinned() -> None:
    assert pod_of(objects_of("taken_images"), "redis")["containers"][0]["image"] == "redis:7.4"
    images = {"redis": DIGEST, "turso": DIGEST}
    assert pod_of(objects_of("taken_images", images=images), "redis")["containers"][0]["image"] == DIGEST


@pytest.mark.parametrize(
    ("written", "kept"),
    [("0.5", "500m"), ("2", "2"), ("2000m", "2"), ("1.25", "1250m"), ("0.01", "10m"), ("1000", "1k")],
)
def test_cpu_as_the_api_server_keeps_it(written: str, kept: str) -> None:
    assert cpu_text(Cpu.parse(written)) == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("256Mi", "256Mi"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Ki", "512"),
        ("1.5Ki", "1536"),
        ("2.9296875Ki", "3k"),
        ("500M", "500M"),
        ("1000M", "1G"),
        ("1.5k", "1500"),
    ],
)
def test_memory_as_the_api_server_keeps_it(written: str, kept: str) -> None:
    assert memory_text(Memory.parse(written)) == kept


def test_sums_as_the_api_server_keeps_them() -> None:
    assert (bytes_text(3 * 500 * 10**6), bytes_text(3 * 2**30), count_text(12), count_text(3000)) == (
        "1500M",
        "3Gi",
        "12",
        "3k",
    )
