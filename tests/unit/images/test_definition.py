# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Reading bake definitions."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.images import definition
from ansible_collections.bunops.platform.plugins.module_utils.images.definition import DefinitionError, Target


def read(target: dict[str, Any], **others: dict[str, Any]) -> Target:
    return definition.read({"target": {"web": {"tags": ["web:1"], **target}, **others}}, ["web"], "/project")[0]


def test_paths_start_at_the_project() -> None:
    target = read({"context": "src", "dockerfile": "../docker/web.Dockerfile"})
    assert (target.context, target.dockerfile) == ("/project/src", "/project/docker/web.Dockerfile")
    target = read({"context": "/elsewhere"})
    assert (target.context, target.dockerfile) == ("/elsewhere", "/elsewhere/Dockerfile")
    assert read({}).context == "/project"


def test_named_contexts_by_their_kind() -> None:
    target = read({"contexts": {"bun": "docker-image://local/bun:1", "lib": "../lib", "base": "target:base"}})
    assert target.images == {"bun": "local/bun:1"}
    assert (target.folders, target.targets) == ({"lib": "/lib"}, {"base": "base"})
    assert target.unknowable == ""


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ({"context": "https://example.com/x.git"}, "not a local directory"),
        ({"context": "git@example.com:x"}, "not a local directory"),
        ({"contexts": {"x": "oci-layout://x"}}, "not a local directory"),
        ({"args": {"A": "${B}"}}, "only bake can evaluate"),
        ({"args": {"A": "%{ if x }"}}, "only bake can evaluate"),
        ({"matrix": {"x": ["1"]}}, "only bake can evaluate"),
        ({"pull": True}, "'pull'"),
        ({"no-cache": True}, "'no-cache'"),
        ({"tags": []}, "no tag"),
    ],
)
def test_sources_that_cannot_be_told(target: dict[str, Any], why: str) -> None:
    assert why in read(target).unknowable


def test_a_doubled_sign_is_no_expression() -> None:
    assert read({"args": {"A": "$${B} %%{C}"}}).unknowable == ""


def test_variables_make_every_target_unknowable() -> None:
    document = {"variable": {"V": {}}, "target": {"web": {"tags": ["web:1"]}}}
    assert "variable block" in definition.read(document, [], "/")[0].unknowable


def test_inheritance_merges_mappings_and_replaces_the_rest() -> None:
    target = read(
        {"inherits": ["base"], "args": {"A": "2"}},
        base={"context": "b", "args": {"A": "1", "B": "1"}, "tags": ["base:1"]},
    )
    assert (target.context, target.args, target.tags) == ("/project/b", {"A": "2", "B": "1"}, ("web:1",))


def test_secrets_caches_and_paths_are_no_part_of_the_definition() -> None:
    plain = read({"context": "a"}).text
    assert read({"context": "b", "secret": ["id=x,src=/x"], "cache-from": ["x"], "dockerfile": "D"}).text == plain
    assert read({"context": "a", "args": {"A": "1"}}).text != plain


def test_groups_and_the_default() -> None:
    document = {
        "group": {"default": {"targets": ["all"]}, "all": {"targets": ["a", "b", "a"]}},
        "target": {"a": {}, "b": {}, "c": {}},
    }
    assert [target.name for target in definition.read(document, [], "/")] == ["a", "b"]
    assert [target.name for target in definition.read(document, ["c", "all"], "/")] == ["c", "a", "b"]
    assert [target.name for target in definition.read({"target": {"y": {}, "x": {}}}, [], "/")] == ["x", "y"]


@pytest.mark.parametrize(
    ("document", "names", "says"),
    [
        ({}, [], "has no target"),
        ({"target": {"a": {}}}, ["b"], "has no target 'b'; it has: a"),
        ({"target": []}, [], "must be a mapping"),
        ({"target": {"a": "x"}}, [], "target a must be a mapping"),
        ({"target": {"a": {"inherits": ["a"]}}}, [], "inherits from itself"),
        ({"target": {"a": {"inherits": ["b"]}}}, [], "inherits from 'b', which"),
    ],
)
def test_definitions_that_cannot_be_used(document: dict[str, Any], names: list[str], says: str) -> None:
    with pytest.raises(DefinitionError, match=says):
        definition.read(document, names, "/")
