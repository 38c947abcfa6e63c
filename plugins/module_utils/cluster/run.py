# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A run on a set, from the options to the outcome: observe, plan, apply, wait, prune."""

from __future__ import annotations

import contextlib
import time
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.apply import Applied, Settings, apply_stages
from ansible_collections.bunops.platform.plugins.module_utils.cluster.applyset import (
    PART_OF,
    Membership,
    SetName,
    parent_object,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import APPLY, Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.diff import object_diff
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError, ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.lease import Lease, LeaseLost
from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import Item, Key, read_objects
from ansible_collections.bunops.platform.plugins.module_utils.cluster.observe import observe
from ansible_collections.bunops.platform.plugins.module_utils.cluster.plan import (
    LEFT,
    Plan,
    plan_absent,
    plan_present,
)
from ansible_collections.bunops.platform.plugins.module_utils.cluster.prune import await_end, claims_of, release, remove
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Expectation, Target
from ansible_collections.bunops.platform.plugins.module_utils.cluster.state import MANAGER, Member

Json = Dict[str, Any]


class Action(NamedTuple):
    """What was done with an object: created, changed, unchanged or pruned; and why."""

    name: str
    cause: str


class Options(NamedTuple):
    """What a user asks for; see the options of the module k8s_set."""

    name: str
    namespace: str
    objects: Sequence[Any]
    state: str = "present"
    prune: bool = True
    prune_limit: int = 20
    volumes: bool = False
    wait: bool = True
    wait_timeout: int = 300
    rollback: bool = False
    force_conflicts: bool = False
    connections: int = 8
    conditions: Sequence[Expectation] = ()
    check: bool = False
    diff: bool = False


class Outcome:
    """What a run has done so far; complete also if the run fails on the way."""

    def __init__(self) -> None:
        self.actions: Dict[Key, Action] = {}
        self.kept: List[str] = []
        self.diffs: List[Dict[str, str]] = []
        self.records_changed = False
        self.rolled_back = False
        self.rollback_text = ""

    @property
    def changed(self) -> bool:
        """Whether the cluster is another one than before."""
        return self.records_changed or any(action.name != "unchanged" for action in self.actions.values())


def run(client: Client, options: Options, outcome: Outcome) -> None:
    """Bring the set to its state; outcome is filled on the way.

    Raises ClusterError, among them BadObjects, TooMuchToPrune, Refused (problems), NotReady (problems), LeaseHeld.
    """
    name = SetName(options.name, options.namespace)
    items = read_objects(options.objects, client.discovery(), options.namespace) if options.state == "present" else []
    _Run(client, options, outcome, name, items).run()


class _Run:
    def __init__(
        self, client: Client, options: Options, outcome: Outcome, name: SetName, items: Sequence[Item]
    ) -> None:
        self._client = client
        self._options = options
        self._outcome = outcome
        self._name = name
        self._items = items
        self._deadline = time.monotonic() + options.wait_timeout
        self._lease = Lease(client, name.namespace, name.lease)
        self._done: List[Applied] = []
        self._removed: List[Member] = []
        self._released: List[Member] = []

    def run(self) -> None:
        free = self._lease.wait_until_free(self._deadline)
        plan = self._plan()
        if self._options.check:
            self._foresee(plan)
            return
        if plan.is_empty:
            self._note(plan)
            self._wait(plan)
            return
        plan = self._with_own_namespace(plan)
        if not self._lease.acquire(free, self._deadline):
            # Another run has been at work since this one looked.
            plan = self._plan()
        gone = False
        try:
            self._execute(plan)
            gone = self._options.state == "absent" and plan.after is not None and not plan.after.kinds
        finally:
            self._lease.release(remove=gone)

    def _plan(self) -> Plan:
        options = self._options
        observed = observe(self._client, self._name, self._items, options.connections, options.conditions)
        if options.state == "absent":
            plan = plan_absent(self._name, observed, volumes=options.volumes)
        else:
            plan = plan_present(
                self._name,
                self._items,
                observed,
                prune=options.prune,
                prune_limit=options.prune_limit,
                volumes=options.volumes,
            )
        if not options.volumes:
            return plan
        return plan._replace(prunes=[*plan.prunes, *claims_of(self._client, plan.prunes)])

    def _foresee(self, plan: Plan) -> None:
        """Check mode: the same plan, as a dry run."""
        try:
            apply_stages(self._client, plan.stages, self._settings(dry_run=True), self._done)
            remove(self._client, plan.prunes, self._options.connections, self._removed, dry_run=True)
            self._release(plan, dry_run=True)
        finally:
            self._note(plan)

    def _with_own_namespace(self, plan: Plan) -> Plan:
        """Make the namespace in which the Lease is to be, if it is one of the objects; the plan without that step."""
        key = Key("", "Namespace", "", self._name.namespace)
        own = [step for step in plan.steps if step.item.key == key]
        if not own or not own[0].creates:
            return plan
        apply_stages(self._client, [own], self._settings(), self._done)
        return plan._replace(stages=[[step for step in stage if step not in own] for stage in plan.stages])

    def _execute(self, plan: Plan) -> None:
        try:
            self._apply(plan)
            self._remove(plan)
        finally:
            self._note(plan)

    def _apply(self, plan: Plan) -> None:
        try:
            self._write_parent(plan.during)
            apply_stages(self._client, plan.stages, self._settings(check=self._lease.check), self._done)
            self._wait(plan)
        except ClusterError as error:
            self._roll_back(error, plan)
            raise

    def _wait(self, plan: Plan) -> None:
        if not self._options.wait:
            return
        targets = [_target(item, changed=False) for item in plan.unready]
        targets += [_target(done.step.item, changed=done.changed) for done in self._done if not done.ready]
        if targets:
            # Most runs have nothing to wait for; this import would be a good part of their time.
            from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.wait import wait_until_ready

            left = max(self._deadline - time.monotonic(), 1.0)
            selector = f"{PART_OF}={self._name.id}"
            changed = any(done.changed for done in self._done)
            wait_until_ready(self._client, targets, left, self._options.conditions, selector, changed)

    def _remove(self, plan: Plan) -> None:
        remove(self._client, plan.prunes, self._options.connections, self._removed, check=self._lease.check)
        self._release(plan)
        if self._options.wait:
            await_end(self._client, plan.prunes, self._deadline)
        if plan.after is not None and not plan.after.kinds and self._options.state == "absent":
            self._client.delete("v1", "ConfigMap", self._name.namespace, self._name.parent)
            self._outcome.records_changed = True
        else:
            self._write_parent(plan.after)

    def _release(self, plan: Plan, dry_run: bool = False) -> None:
        for member in plan.released:
            release(self._client, member, dry_run)
            self._released.append(member)

    def _write_parent(self, membership: Optional[Membership]) -> None:
        if membership is None:
            return
        self._lease.check()
        path = self._client.path("v1", "ConfigMap", self._name.namespace, self._name.parent)
        query = {"fieldManager": MANAGER, "force": "true"}
        self._client.request("PATCH", path, parent_object(self._name, membership), query, APPLY)
        self._outcome.records_changed = True

    def _roll_back(self, error: ClusterError, plan: Plan) -> None:
        if not self._options.rollback or isinstance(error, LeaseLost):
            return
        from ansible_collections.bunops.platform.plugins.module_utils.cluster.rollback import roll_back

        try:
            undone = roll_back(self._client, self._done, self._options.connections)
            if plan.during and not undone.problems:
                # Refused if its namespace goes, too.
                with contextlib.suppress(ApiError):
                    self._write_parent(plan.before)
        except ClusterError as failure:
            self._outcome.rollback_text = f"The former state could not be brought back: {failure}"
            return
        self._outcome.rolled_back = not undone.problems
        self._outcome.rollback_text = "\n".join(
            [
                "The former state was brought back: "
                f"{undone.restored} objects restored, {undone.removed} removed again.",
                *(f"  not restored: {problem}" for problem in undone.problems),
            ]
        )

    def _settings(self, dry_run: bool = False, check: Callable[[], None] = lambda: None) -> Settings:
        options = self._options
        keep = options.diff or options.rollback
        return Settings(
            options.connections, options.force_conflicts, dry_run, keep, self._deadline, options.conditions, check
        )

    def _note(self, plan: Plan) -> None:
        """Put down what was done."""
        actions = {item.key: Action("unchanged", "") for item in plan.unchanged}
        for done in self._done:
            name = "created" if done.step.creates else "changed" if done.changed else "unchanged"
            actions[done.step.item.key] = Action(name, done.step.cause if done.changed else "")
        actions.update({member.key: Action("pruned", LEFT) for member in self._removed})
        actions.update({member.key: Action("changed", LEFT) for member in self._released})
        self._outcome.actions = actions
        self._outcome.kept = [f"{kept.member.key} stays: {kept.cause}" for kept in plan.kept]
        if self._options.diff:
            self._outcome.diffs = list(self._diffs())

    def _diffs(self) -> Iterator[Dict[str, str]]:
        for done in sorted(self._done, key=lambda done: done.step.item.key):
            if done.changed:
                yield object_diff(str(done.step.item.key), done.step.former, done.result)
        for member in sorted(self._removed):
            yield object_diff(str(member.key), {"kind": member.key.kind, "metadata": {"name": member.key.name}}, None)


def _target(item: Item, changed: bool) -> Target:
    return Target(item.resource.api_version, item.key.kind, item.key.namespace, item.key.name, changed)
