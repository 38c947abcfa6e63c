# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What happens in a target, and what is said of it."""

from __future__ import annotations

from typing import cast

from ansible_collections.bunops.platform.plugins.module_utils.secrets import plan as planning
from ansible_collections.bunops.platform.plugins.module_utils.secrets.plan import Change
from ansible_collections.bunops.platform.plugins.module_utils.secrets.report import described, differences, empty
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Files, Target
from ansible_collections.bunops.platform.tests.unit.secrets.secret_cases import Memory, secrets


def planned(memory: Memory, **wanted: Files) -> Change:
    return planning.plan(cast(Target, memory), memory.holding, wanted).change


def test_every_secret_has_an_action() -> None:
    memory = Memory(SAME={"SAME": b"1"}, OTHER={"OTHER": b"1"}, GONE={"GONE": b"1"})
    made = planned(memory, SAME={"SAME": b"1"}, OTHER={"OTHER": b"2"}, NEW={"NEW": b"1"})
    assert made.actions == {"SAME": "unchanged", "OTHER": "changed", "NEW": "added", "GONE": "removed"}
    assert {name: version.number for name, version in made.after.items()} == {"SAME": 1, "OTHER": 2, "NEW": 1}


def test_nothing_to_do_is_no_change() -> None:
    memory = Memory(A={"A": b"1"})
    made = planned(memory, A={"A": b"1"})
    assert not made.is_change() and differences([made]) == []


def test_the_versions_before_come_back_for_those_that_are_named() -> None:
    memory = Memory(A={"A": b"1"}, B={"B": b"1"}, C={"C": b"1"})
    memory.holding = {
        name: each._replace(number=1 if name == "C" else 2, files={}) for name, each in memory.holding.items()
    }
    made = planning.plan_previous(cast(Target, memory), memory.holding, ["A", "C"]).change
    assert made.actions == {"A": "changed", "B": "unchanged", "C": "unchanged"}
    assert {name: version.number for name, version in made.after.items()} == {"A": 1, "B": 2, "C": 1}


def test_only_names_versions_and_ages_are_told() -> None:
    memory = Memory(SAME={"SAME": b"canary"}, OTHER={"OTHER": b"canary"}, GONE={"GONE": b"canary"})
    made = planned(memory, SAME={"SAME": b"canary"}, OTHER={"OTHER": b"canary-2"}, NEW={"NEW": b"canary"})
    given = secrets(
        {"name": "SAME", "source": {"env": "E"}},
        {"name": "OTHER", "source": {"file": "/f"}},
        {"name": "NEW", "template": "canary"},
    )
    told = described([made], given, now=160.9)
    where = {"target": "memory"}
    assert told == [
        {
            "name": "GONE",
            "source": "",
            "action": "removed",
            "targets": [{**where, "action": "removed", "version": 1, "age": 60}],
        },
        {
            "name": "NEW",
            "source": "template",
            "action": "added",
            "targets": [{**where, "action": "added", "version": 1, "age": 0}],
        },
        {
            "name": "OTHER",
            "source": "file",
            "action": "changed",
            "targets": [{**where, "action": "changed", "version": 2, "age": 0}],
        },
        {
            "name": "SAME",
            "source": "env",
            "action": "unchanged",
            "targets": [{**where, "action": "unchanged", "version": 1, "age": 60}],
        },
    ]
    assert differences([made]) == [
        {
            "before_header": "memory",
            "after_header": "memory",
            "before": "GONE: version 1\nOTHER: version 1\n",
            "after": "NEW: version 1\nOTHER: version 2\n",
        }
    ]


def test_those_without_a_value_are_named() -> None:
    files = {"GONE": b"", "GONE.jwks": b"{}"}
    made = planned(Memory(GONE=files), EMPTY={"EMPTY": b"", "EMPTY.jwks": b"{}"}, FULL={"FULL": b"canary"})
    assert empty([made]) == ["EMPTY"]


def test_of_several_targets_the_one_that_changes_most_counts() -> None:
    assert planning.overall(["unchanged", "added", "changed"]) == "changed"
    assert planning.overall(["unchanged", "added"]) == "added"
    assert planning.overall(["unchanged", "removed"]) == "removed"
    assert planning.overall([]) == "unchanged"
