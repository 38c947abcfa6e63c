# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the plan says is what the module secret_sync takes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.bunops.platform.plugins.module_utils.secrets import spec
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources import registry
from ansible_collections.bunops.platform.plugins.modules.secret_sync import ARGUMENTS
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.secret_plan import secret_plan
from ansible_collections.bunops.platform.tests.unit.renderers.cases import CASES, platform_of


def plan(case: str) -> list[dict[str, Any]]:
    return secret_plan(platform_of(case), "/srv/project")


@pytest.mark.parametrize("case", CASES)
def test_the_module_takes_it(case: str) -> None:
    read = ArgumentSpecValidator(ARGUMENTS).validate(
        {"name": "any", "secrets": plan(case), "targets": [{"directory": {"path": "/srv/secrets"}}]}
    )
    assert read.error_messages == []
    assert spec.problems("any", spec.secrets_of(read.validated_parameters["secrets"])) == []


def test_a_catalog_can_say_every_source() -> None:
    said = {kind for secret in plan("secrets") for kind in secret.get("source", {})}
    assert said == set(registry.ARGUMENT_SPEC["options"])


def test_a_catalog_can_say_everything_of_a_secret() -> None:
    said = {key for secret in plan("secrets") for key in secret}
    assert said == set(spec.ARGUMENT_SPEC)


def test_relative_paths_begin_in_the_project() -> None:
    paths = sorted(path for secret in plan("secrets") for path in _paths(secret.get("source", {})))
    assert paths == [
        "/srv/project/legacy/compose.yaml",
        "/srv/project/secrets/age.txt",
        "/srv/project/secrets/ca.pem",
        "/srv/project/secrets/clerk.pem",
        "/srv/project/secrets/id",
        "/srv/project/secrets/prod.enc.yaml",
        "/srv/project/secrets/shared.env",
        "/srv/project/secrets/token",
        "/var/run/secrets/kubernetes.io/serviceaccount/token",
    ]


def _paths(source: object, options: Any = registry.ARGUMENT_SPEC) -> list[str]:
    """What the module takes as paths."""
    if options["type"] == "path":
        return [str(source)]
    if not isinstance(source, dict):
        return []
    return [path for key, inner in source.items() for path in _paths(inner, options["options"][key])]
