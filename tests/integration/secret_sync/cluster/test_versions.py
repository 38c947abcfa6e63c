# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Versions of secrets as objects of a real namespace."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.role import Uses
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes import Kubernetes, described
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.space import Space, files, sync

WANTED = {**files(API_KEY="canary-71d0\"'$#\\ü", EMPTY=""), "REDIS": {"REDIS": b"r", "REDIS.acl": b"acl"}}


def test_objects_are_immutable_and_made_once(space: Space) -> None:
    target = space.target()
    first = sync(target, WANTED)
    holding = first.held
    assert first.actions == dict.fromkeys(WANTED, "added")
    assert space.secrets() == {holding[name].place: WANTED[name] for name in WANTED}
    for name, item in space.listed("Secret").items():
        assert item["immutable"] is True, name
        assert item["metadata"]["labels"]["bunops.platform/secret-set"] == "atlas"
    assert described(holding)["REDIS"] == {"name": holding["REDIS"].place, "keys": ["REDIS", "REDIS.acl"]}
    before = space.listed("Secret")
    again = sync(space.target(), WANTED)
    assert (again.actions, space.listed("Secret")) == ({}, before)
    assert {name: version._replace(made=None) for name, version in again.held.items()} == holding
    assert again.held["API_KEY"].made is not None


def test_a_new_value_is_a_new_object_and_an_old_value_its_old_object(space: Space) -> None:
    target = space.target()
    first = sync(target, files(A="1", B="1")).held
    second = sync(target, files(A="2", B="1"))
    assert (second.actions, second.held["A"].number, len(space.secrets())) == ({"A": "changed"}, 2, 3)
    third = sync(target, files(A="1", B="1")).held
    assert (third["A"].place, third["A"].number, len(space.secrets())) == (first["A"].place, 3, 3)
    assert sync(space.target(), files(A="1", B="1")).actions == {}


def test_another_key_of_the_installation_changes_nothing(space: Space) -> None:
    sync(space.target(), WANTED)
    other = Kubernetes("atlas", space.name, space.client(), lambda: b"another" * 5)
    assert sync(other, WANTED).actions == {}


def test_the_version_before_comes_back_and_so_does_the_one_after_it(space: Space) -> None:
    target = space.target()
    first = sync(target, files(A="1", B="1")).held
    second = sync(target, files(A="2", B="1")).held
    held = target.observe()
    back = target.previous(held)
    assert {name: version.files for name, version in back.items()} == files(A="1")
    target.write(held, {**held, **back})
    held = space.target().observe()
    assert (held["A"].place, held["A"].number) == (first["A"].place, 3)
    target = space.target()
    held = target.observe()
    target.write(held, {**held, **target.previous(held)})
    assert space.target().observe()["A"].place == second["A"].place


def test_old_versions_go_above_keep(space: Space) -> None:
    target = space.target()
    made = [sync(target, files(A=str(number)), keep=3).held["A"].place for number in range(3)]
    assert set(space.secrets()) == set(made)
    assert target.collectable(1) == sorted(made[:2])
    assert sync(space.target(), files(A="2"), keep=2).collected == [made[0]]
    assert set(space.secrets()) == set(made[1:])


def test_what_left_the_set_goes_once_nobody_names_it(space: Space, image: str) -> None:
    target = space.target()
    held = sync(target, files(A="1", B="1")).held
    space.create(space.workload("api", image, held["B"].place, replicas=0))
    left = sync(space.target(), files(A="1"))
    assert (left.actions, left.collected) == ({"B": "removed"}, [])
    # It is not of the set any more, and no change in the next run.
    again = space.target()
    assert sync(again, files(A="1")).actions == {}
    assert again.collectable(2) == []
    space.admin.delete("apps/v1", "Deployment", space.name, "api")
    assert sync(space.target(), files(A="1")).collected == [held["B"].place]
    assert set(space.secrets()) == {held["A"].place}


def test_what_left_and_comes_back_with_its_value_is_the_same_object(space: Space, image: str) -> None:
    held = sync(space.target(), files(A="1", B="1")).held
    space.create(space.workload("api", image, held["B"].place, replicas=0))
    sync(space.target(), files(A="1"))
    again = sync(space.target(), files(A="1", B="1"))
    assert (again.actions, again.held["B"].place) == ({"B": "added"}, held["B"].place)
    assert sync(space.target(), files(A="1", B="1")).actions == {}


def test_sets_in_one_namespace_do_not_touch_each_other(space: Space) -> None:
    one = sync(space.target(), files(A="1")).held
    other = sync(space.target(name="blog"), files(A="1")).held
    assert one["A"].place != other["A"].place
    space.target().remove()
    assert set(space.secrets()) == {other["A"].place}


def test_objects_from_before_there_was_a_set_are_taken_over(space: Space) -> None:
    labels = {
        "app.kubernetes.io/managed-by": "bunops-platform",
        "bunops.platform/secret": "A",
        "bunops.platform/version": "4",
    }
    old = {"apiVersion": "v1", "kind": "Secret", "immutable": True, "data": {"A": "MQ=="}}
    space.apply({**old, "metadata": {"name": "a-0123456789", "labels": labels}})
    assert space.target().observe() == {}
    taken = sync(space.target(adopted=["A"]), files(A="1"))
    assert (taken.actions, taken.held["A"].place) == ({"A": "changed"}, "a-0123456789")
    assert sync(space.target(), files(A="1")).actions == {}
    assert set(space.secrets()) == {"a-0123456789"}


def test_a_set_goes_with_all_its_versions(space: Space) -> None:
    target = space.target()
    sync(target, files(A="1", B="1"))
    sync(target, files(A="2"))
    space.target().remove()
    assert space.secrets() == {}


def test_a_missing_namespace_is_one_sentence(space: Space) -> None:
    target = Kubernetes("atlas", "bunops-nonesuch", space.admin, lambda: b"k")
    with pytest.raises(SecretError) as caught:
        sync(target, WANTED)
    assert str(caught.value) == 'namespace bunops-nonesuch: namespaces "bunops-nonesuch" not found'


def test_what_the_role_does_not_allow_is_one_sentence(space: Space) -> None:
    target = space.target(space.client(Uses(write=False, external=True)))
    with pytest.raises(SecretError) as caught:
        sync(target, WANTED)
    assert str(caught.value).startswith(f"namespace {space.name}: secrets is forbidden: User ")
    assert 'cannot list resource "secrets" in API group ""' in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_without_the_right_to_collect_a_run_with_nothing_to_collect_passes(space: Space) -> None:
    client = space.client(Uses(collect=False))
    sync(space.target(client), files(A="1"))
    sync(space.target(client), files(A="2"))
    with pytest.raises(SecretError, match=r'cannot list resource "\w+" in API group') as caught:
        sync(space.target(client), files(A="3"))
    assert len(str(caught.value).splitlines()) == 1
