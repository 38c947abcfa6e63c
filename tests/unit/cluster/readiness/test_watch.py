# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which causes end a wait, and when."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Cause, Target
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.watch import Watch

API = Target("apps/v1", "Deployment", "atlas", "api")
DB = Target("apps/v1", "StatefulSet", "atlas", "db")
OLD = API._replace(changed=False)


def crash(restarts: int) -> Cause:
    return Cause("CrashLoopBackOff", "it crashes", 0.0, "api-1", "api", restarts=restarts, evidence=str(restarts))


def pull(reason: str, grace: float = 0.0) -> Cause:
    return Cause("ErrImagePull", "no image", grace, "api-1", "api", evidence=reason)


def test_what_surely_lasts_ends_the_wait_at_once() -> None:
    assert Watch(changed=True).failing({API: [pull("ErrImagePull")]}, 0.0) == {API: [pull("ErrImagePull")]}


def test_what_only_explains_never_ends_it() -> None:
    watch = Watch(changed=True)
    cause = Cause("Unhealthy", "its probe fails")
    assert [watch.failing({API: [cause]}, now) for now in (0.0, 1000.0)] == [{}, {}]


def test_a_grace_runs_from_the_first_look_that_shows_the_cause() -> None:
    watch = Watch(changed=True)
    slow = pull("ErrImagePull", grace=15.0)
    assert watch.failing({API: []}, 0.0) == {}
    assert watch.failing({API: [slow]}, 10.0) == {}
    # Back-off and the next attempt are one and the same trouble.
    assert watch.failing({API: [slow._replace(evidence="ImagePullBackOff")]}, 24.0) == {}
    assert watch.failing({API: [slow]}, 25.0) == {API: [slow]}


def test_a_grace_starts_anew_when_the_cause_was_away() -> None:
    watch = Watch(changed=True)
    slow = pull("ErrImagePull", grace=15.0)
    for causes, now in (([slow], 0.0), ([], 10.0), ([slow], 14.0), ([slow], 28.0)):
        assert watch.failing({API: causes}, now) == {}
    assert watch.failing({API: [slow]}, 29.0) == {API: [slow]}


@pytest.mark.parametrize(("restarts", "final"), [(1, False), (2, False), (3, True), (9, True)])
def test_a_crash_loop_is_final_after_three_restarts(restarts: int, final: bool) -> None:
    assert bool(Watch(changed=True).failing({API: [crash(restarts)]}, 0.0)) is final


@pytest.mark.parametrize(("restarts", "final"), [(3, False), (4, True)])
def test_it_gets_one_more_while_others_are_on_their_way(restarts: int, final: bool) -> None:
    assert bool(Watch(changed=True).failing({API: [crash(restarts)], DB: []}, 0.0)) is final


def test_others_that_have_failed_are_not_on_their_way() -> None:
    found = {API: [crash(3)], DB: [pull("ErrImagePull")]}
    assert Watch(changed=True).failing(found, 0.0) == found


def test_a_failure_from_before_the_run_counts_once_it_comes_anew() -> None:
    watch = Watch(changed=True)
    assert watch.failing({OLD: [crash(7)], DB: []}, 0.0) == {}
    assert watch.failing({OLD: [crash(7)]}, 100.0) == {}
    assert watch.failing({OLD: [crash(8)]}, 200.0) == {OLD: [crash(8)]}


def test_restarts_from_before_the_run_do_not_count_while_others_are_on_their_way() -> None:
    watch = Watch(changed=True)
    assert watch.failing({OLD: [crash(7)], DB: []}, 0.0) == {}
    assert watch.failing({OLD: [crash(10)], DB: []}, 100.0) == {}
    assert watch.failing({OLD: [crash(11)], DB: []}, 200.0) == {OLD: [crash(11)]}


def test_a_pull_error_from_before_the_run_counts_at_the_next_attempt() -> None:
    watch = Watch(changed=True)
    assert watch.failing({OLD: [pull("ImagePullBackOff")], DB: []}, 0.0) == {}
    assert watch.failing({OLD: [pull("ErrImagePull")], DB: []}, 60.0) == {OLD: [pull("ErrImagePull")]}


def test_a_run_that_changed_nothing_has_nothing_to_hope_for() -> None:
    assert Watch(changed=False).failing({OLD: [crash(7)]}, 0.0) == {OLD: [crash(7)]}


def test_what_the_cluster_tries_often_is_never_old() -> None:
    cause = Cause("CreateContainerConfigError", "no key", 30.0, "api-1", "api")
    watch = Watch(changed=True)
    assert watch.failing({OLD: [cause], DB: []}, 0.0) == {}
    assert watch.failing({OLD: [cause], DB: []}, 30.0) == {OLD: [cause]}
