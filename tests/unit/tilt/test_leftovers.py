# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a Tiltfile makes, and what of it `tilt down` removes."""

from __future__ import annotations

import yaml

from ansible_collections.bunops.platform.plugins.module_utils.tilt.leftovers import Made, made, removable
from ansible_collections.bunops.platform.tests.unit.tilt.test_answers import recorded


def test_a_project_and_objects() -> None:
    what = made(recorded("tiltfile-result.json"))
    assert (what.projects, what.commands) == (("shop",), False)
    bodies = [body for text in what.manifests for body in yaml.safe_load_all(text)]
    assert [body["metadata"]["name"] for body in bodies] == ["shop", "settings", "kept"]
    # Tilt keeps namespaces, and what asks for it.
    assert [body["metadata"]["name"] for body in removable(bodies)] == ["settings"]


def test_disabled_resources_make_nothing() -> None:
    assert made({**recorded("tiltfile-result.json"), "EnabledManifests": ["uncategorized"]}).projects == ()


def test_what_is_removed_by_a_command_cannot_be_told() -> None:
    target = {"yaml": "", "deleteCmd": {"args": ["helm", "uninstall", "x"]}}
    result = {"Manifests": [{"Name": "x", "DeployTarget": target}], "EnabledManifests": ["x"]}
    assert made(result) == Made((), (), True)


def test_commands_leave_nothing() -> None:
    result = {"Manifests": [{"Name": "x", "DeployTarget": {"Name": "x"}}], "EnabledManifests": ["x"]}
    assert made(result) == Made()
