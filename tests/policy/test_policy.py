# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The rendered objects, judged by programs that others rely on: kubeconform, kube-score and checkov.

They judge the golden files, which tests/unit/renderers holds to be what is rendered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.tests.cluster import gateway
from ansible_collections.bunops.platform.tests.policy import gates, tools
from ansible_collections.bunops.platform.tests.policy.gates import Finding
from ansible_collections.bunops.platform.tests.policy.schemas import write_custom_schemas, write_schemas

HERE = Path(__file__).parent
GOLDEN = HERE.parents[1] / "tests/unit/renderers/golden"
CASES = {path.parent.name: path for path in sorted(GOLDEN.glob("*/manifests.yml"))}
FAULTY = HERE / "faulty.yml"
WAIVERS: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "waivers.yml").read_text())


@pytest.fixture(scope="session")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A schema for each kind of object that is rendered."""
    folder = tmp_path_factory.mktemp("schemas")
    kinds = {(item["apiVersion"], item["kind"]) for file in [*CASES.values(), FAULTY] for item in objects_of(file)}
    custom = [*gateway.kinds(), *tools.traefik_kinds()]
    groups = {definition["spec"]["group"] for definition in custom}
    of_others = {kind for kind in kinds if kind[0].partition("/")[0] in groups}
    write_schemas(tools.kubernetes_api(), kinds - of_others, folder)
    write_custom_schemas(custom, of_others, folder)
    return folder


def objects_of(file: Path) -> Iterator[dict[str, Any]]:
    yield from yaml.safe_load_all(file.read_text())


@cache
def scored(file: Path) -> tuple[Finding, ...]:
    return tuple(gates.kube_score(tools.go_program(tools.KUBE_SCORE), file))


@cache
def checked() -> dict[str, list[Finding]]:
    """What checkov finds, by case; it takes seconds to start, so it looks at everything at once."""
    found: dict[str, list[Finding]] = {case: [] for case in CASES}
    for path, finding in gates.checkov(tools.checkov(), GOLDEN):
        if path.endswith("/manifests.yml"):
            found[Path(path).parent.name].append(finding)
    return found


def excuses(gate: str, finding: Finding) -> bool:
    waiver = WAIVERS[gate].get(finding.check)
    return waiver is not None and finding.place in waiver.get("only", [finding.place])


def lines(findings: Iterable[Finding]) -> list[str]:
    return [f"{finding.place}: {finding.check}: {finding.text}" for finding in sorted(findings)]


@pytest.mark.parametrize("case", CASES)
def test_the_api_knows_every_field(case: str, schemas: Path) -> None:
    found = gates.kubeconform(tools.go_program(tools.KUBECONFORM), schemas, CASES[case])
    assert lines(found) == []


@pytest.mark.parametrize("case", CASES)
def test_kube_score(case: str) -> None:
    assert lines(finding for finding in scored(CASES[case]) if not excuses("kube_score", finding)) == []


@pytest.mark.parametrize("case", CASES)
def test_checkov(case: str) -> None:
    assert lines(finding for finding in checked()[case] if not excuses("checkov", finding)) == []


def test_every_waiver_has_a_reason_and_is_needed() -> None:
    found = {
        "kube_score": [finding for file in CASES.values() for finding in scored(file)],
        "checkov": [finding for findings in checked().values() for finding in findings],
    }
    for gate, waivers in WAIVERS.items():
        for check, waiver in waivers.items():
            assert waiver["reason"].strip(), check
            places = {finding.place for finding in found[gate] if finding.check == check}
            assert places, f"{gate} finds no {check} any more"
            assert places.issuperset(waiver.get("only", [])), f"{gate} finds no {check} any more in some of these"


def test_kubeconform_finds_faults(schemas: Path) -> None:
    found = gates.kubeconform(tools.go_program(tools.KUBECONFORM), schemas, FAULTY)
    texts = {finding.place: finding.text for finding in found if finding.check == "statusInvalid"}
    assert texts.keys() == {"Deployment/faulty", "Service/faulty", "Middleware/faulty"}
    assert "additional properties 'replica' not allowed" in texts["Deployment/faulty"]
    assert "additional properties 'protocoll' not allowed" in texts["Service/faulty"]
    assert "additional properties 'avarage' not allowed" in texts["Middleware/faulty"]


def test_kubeconform_finds_values_of_other_types(schemas: Path, tmp_path: Path) -> None:
    file = tmp_path / "faulty.yml"
    file.write_text(CASES["minimal"].read_text().replace("replicas: 1", "replicas: one"))
    (finding,) = gates.kubeconform(tools.go_program(tools.KUBECONFORM), schemas, file)
    assert "got string, want integer" in finding.text


def test_kube_score_finds_faults() -> None:
    assert {"container-resources", "container-security-context-privileged", "service-targets-pod"} <= {
        finding.check for finding in scored(FAULTY)
    }


def test_checkov_finds_faults() -> None:
    found = gates.checkov(tools.checkov(), HERE)
    # Privileged; as root; no limit of memory.
    assert {"CKV_K8S_16", "CKV_K8S_23", "CKV_K8S_13"} <= {
        finding.check for path, finding in found if path == FAULTY.name
    }
