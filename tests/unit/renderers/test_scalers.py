# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Ranges of replicas as what queue_scaler takes, and what is said of them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.bunops.platform.plugins.filter.manifests_notes import manifests_notes
from ansible_collections.bunops.platform.plugins.filter.scalers import scalers
from ansible_collections.bunops.platform.plugins.module_utils.scaler import spec
from ansible_collections.bunops.platform.tests.unit.renderers.cases import CASES, GOLDEN, platform_of, scalers_text

URL = "http://prometheus.monitoring:9090"
LEFT_ALONE = "one starts of each, and the number that somebody else sets is left alone"
BACKENDS = ("auto", "keda", "hpa", "none")


def raw(case: str) -> dict[str, Any]:
    catalog: dict[str, Any] = yaml.safe_load((GOLDEN / case / "platform.yml").read_text())
    return catalog


def by_name(case: str, **options: object) -> dict[str, Any]:
    return {entry["target"]["name"]: entry for entry in scalers(raw(case), **options)}


@pytest.mark.parametrize("case", CASES)
def test_the_filter_is_the_renderer(case: str) -> None:
    found = scalers(wrap_var(raw(case)), prometheus_url=wrap_var(URL))
    assert "# yamllint disable\n" + yaml.safe_dump(found, width=120) == scalers_text(platform_of(case))


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CASES)
def test_the_module_takes_the_options(case: str, backend: str) -> None:
    """It knows them, and finds nothing wrong with them."""
    for entry in scalers(raw(case), backend=backend, prometheus_url=URL):
        validated = ArgumentSpecValidator(spec.ARGUMENT_SPEC).validate(entry)
        assert validated.error_messages == []
        if entry["state"] == "present":
            wanted = spec.wanted_of(validated.validated_parameters, "atlas")
            assert list(spec.problems(wanted)) == []


@pytest.mark.parametrize("case", CASES)
def test_every_service_has_an_entry(case: str) -> None:
    """Also where nothing scales any more."""
    for backend in BACKENDS:
        assert list(by_name(case, backend=backend)) == list(raw(case)["services"])


def test_a_number_has_no_scaler() -> None:
    target = {"kind": "Deployment", "name": "dashboard"}
    assert by_name("reference")["dashboard"] == {"target": target, "state": "absent"}
    # A range that leaves no choice is a number.
    assert by_name("queues")["exact"]["state"] == "absent"


def test_requests_count_where_keda_can_ask_a_prometheus() -> None:
    def asked(**options: object) -> bool:
        return "requests_per_second" in by_name("reference", **options)["api"]

    assert asked(prometheus_url=URL)
    assert asked(prometheus_url=URL, backend="keda")
    assert not asked(prometheus_url=URL, backend="hpa")
    assert not asked()


def test_without_a_signal_there_is_no_scaler() -> None:
    assert by_name("queues", prometheus_url=URL)["front"]["state"] == "present"
    assert by_name("queues")["front"]["state"] == "absent"


def test_with_none_nothing_scales() -> None:
    assert {entry["state"] for entry in scalers(raw("reference"), backend="none", prometheus_url=URL)} == {"absent"}


def test_the_query_names_service_and_namespace() -> None:
    options = {"prometheus_url": URL, "namespace": "blue", "requests_query": 'r{n="$namespace",s=~"^$service$"}'}
    query = by_name("reference", **options)["api"]["requests_per_second"]["query"]
    assert query == 'r{n="blue",s=~"^api$"}'
    usual = by_name("reference", prometheus_url=URL, namespace="blue")["api"]["requests_per_second"]["query"]
    assert 'namespace="blue",pod=~"api-[^-]+-[^-]+"' in usual


def test_a_worker_has_as_long_as_its_longest_job() -> None:
    assert by_name("reference")["worker"]["longest_job"] == 60


@pytest.mark.parametrize(
    ("case", "options", "notes"),
    [
        (
            "reference",
            {},
            [
                "replicas: the cluster has to bring what scales api (2 to 10) and worker (0 to 10): KEDA, or a server "
                "of external metrics, for queues; metrics-server for the CPU",
                "requests_per_second: without a Prometheus (k8s_platform_prometheus_url), the requests of api are not "
                "acted upon",
            ],
        ),
        (
            "reference",
            {"backend": "hpa", "prometheus_url": URL},
            [
                "replicas: the cluster has to bring what scales api (2 to 10) and worker (0 to 10): KEDA, or a server "
                "of external metrics, for queues; metrics-server for the CPU",
                "requests_per_second: without KEDA, which asks Prometheus, the requests of api are not acted upon",
            ],
        ),
        (
            "reference",
            {"backend": "none", "prometheus_url": URL},
            [f"replicas: nothing scales api (2 to 10) and worker (0 to 10); {LEFT_ALONE}"],
        ),
        (
            "queues",
            {"prometheus_url": URL},
            [
                "replicas: the cluster has to bring what scales mailer (0 to 20), digests (1 to 2), importer (1 to 4), "
                "thumbnails (1 to 3), reports (2 to 3) and front (2 to 6): KEDA, or a server of external metrics, for "
                "queues; metrics-server for the CPU"
            ],
        ),
        ("headless", {}, []),
    ],
)
def test_what_is_said_of_it(case: str, options: dict[str, str], notes: list[str]) -> None:
    found = manifests_notes(raw(case), **options)
    assert [note for note in found if note.partition(":")[0] in ("replicas", "requests_per_second")] == notes
