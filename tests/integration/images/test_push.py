# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Pushing, to a registry on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.images.conftest import Project, causes
from ansible_collections.bunops.platform.tests.integration.images.registry_stub import Registry
from ansible_collections.bunops.platform.tests.integration.run_module import Module


@pytest.fixture
def registry(project: Project, engine: Any) -> Iterator[Registry]:
    with Registry() as running:
        project.definition["target"] = {"one": project.definition["target"]["one"]}
        tag = f"{running.address}/{project.name}/one:1"
        project.definition["target"]["one"]["tags"] = [tag]
        yield running
        engine.images.remove(tag, force=True)


def test_an_image_is_pushed_once(image_set: Module, project: Project, registry: Registry) -> None:
    first = image_set.ok(**project.options, push=True)
    name = f"{project.name}/one"
    assert first["changed"]
    assert registry.pushes == 1
    digest = first["images"][0]["digest"]
    assert f"{name}:{digest}" in registry.manifests
    assert first["images"][0]["reference"] == f"{registry.address}/{name}@{digest}"

    again = image_set.ok(**project.options, push=True)
    assert (again["changed"], causes(again), registry.pushes) == (False, {}, 1)
    assert again["images"][0]["reference"] == first["images"][0]["reference"]


def test_an_image_that_the_registry_lost_is_pushed_again(
    image_set: Module, project: Project, registry: Registry
) -> None:
    image_set.ok(**project.options, push=True)
    registry.manifests.clear()
    expected = {"one": "the registry does not have this image under its tag"}
    foreseen = image_set.ok(check=True, **project.options, push=True)
    assert (foreseen["changed"], causes(foreseen), registry.pushes) == (True, expected, 1)
    # The digest is known only after the push.
    assert foreseen["images"][0]["reference"] == f"{registry.address}/{project.name}/one:1"
    after = image_set.ok(**project.options, push=True)
    assert (after["changed"], causes(after), registry.pushes) == (True, expected, 2)


def test_an_image_that_was_built_without_a_push_is_pushed(
    image_set: Module, project: Project, registry: Registry
) -> None:
    image_set.ok(**project.options)
    assert registry.pushes == 0
    assert image_set.ok(**project.options, push=True)["changed"]
    assert registry.pushes == 1
