# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One run of the module: observe, plan, apply, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.compose import client, diff, facts, project_file
from ansible_collections.bunops.platform.plugins.module_utils.compose.apply import Applier
from ansible_collections.bunops.platform.plugins.module_utils.compose.load import Loader
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import (
    HASH_LABEL,
    ComposeError,
    Container,
    Observed,
    Project,
    Settings,
)
from ansible_collections.bunops.platform.plugins.module_utils.compose.observe import observe
from ansible_collections.bunops.platform.plugins.module_utils.compose.operations import Plan
from ansible_collections.bunops.platform.plugins.module_utils.compose.plan import plan_present
from ansible_collections.bunops.platform.plugins.module_utils.compose.preflight import obstacles, probe_port
from ansible_collections.bunops.platform.plugins.module_utils.compose.teardown import plan_absent, plan_stopped
from ansible_collections.bunops.platform.plugins.module_utils.engine import connect, engine_errors, resolve_host

if TYPE_CHECKING:
    from docker import DockerClient

_PULLED_EVERY_TIME = ("always", "daily", "weekly")


@dataclass(frozen=True)
class Options:
    """The module's parameters. definition and source describe the same project; both None is allowed to end one."""

    name: Optional[str]
    definition: Optional[Settings]
    source: Optional[client.Source]
    state: str
    services: Sequence[str]
    wait: bool
    wait_timeout: float
    volumes: bool
    remove_orphans: bool
    docker_host: Optional[str]
    project_file: Optional[str]
    expected_images: Sequence[str]
    check: bool


@dataclass
class Outcome:
    """What the module returns; kept while it is made, so that a failing run can tell how far it came."""

    changed: bool = False
    msg: str = ""
    actions: List[facts.Action] = field(default_factory=list)
    services: List[Dict[str, Any]] = field(default_factory=list)
    diff: Dict[str, str] = field(default_factory=dict)
    warnings: List[str] = field(default_factory=list)


def run(options: Options, outcome: Outcome) -> None:
    """Bring the project to the wanted state and fill in the outcome.

    Raises ComposeError, report.GaveUp, engine.EngineError, runner.RunnerError.
    """
    env = client.environment(options.docker_host)
    loader = None
    if options.source is not None and (options.state == "present" or options.name is None):
        loader = Loader(options.source, options.definition, env)
        # Compose resolves while the library is imported and connects: neither waits for the other.
        loader.start()
    engine = connect(options.docker_host)
    project = loader.project() if loader else None
    name = project.name if project else str(options.name)
    with engine_errors(options.docker_host):
        if project is not None and loader is not None and options.state == "present":
            _present(_Run(options, outcome, engine, env, name), project, loader)
        else:
            _ended(_Run(options, outcome, engine, env, name))


@dataclass(frozen=True)
class _Run:
    options: Options
    outcome: Outcome
    engine: DockerClient
    env: Mapping[str, str]
    name: str

    def applier(self) -> Applier:
        source = self.options.source or client.Source(self.name, "/", True)
        return Applier(self.engine, self.env, source, self.options.wait_timeout)

    def planned(self, project: Optional[Project], observed: Observed, plan: Plan, wanted: Sequence[str]) -> None:
        """Fill in what check mode returns."""
        self.outcome.changed = bool(plan.operations)
        self.outcome.msg = str(plan)
        self.outcome.actions = facts.planned_actions(plan)
        self.outcome.diff = diff.difference(self.name, project, observed, plan)
        self.outcome.services = facts.service_states(project, observed, wanted)
        self.outcome.warnings = list(plan.notes)

    def concluded(self, project: Optional[Project], before: Observed, plan: Plan, wanted: Sequence[str]) -> None:
        """Fill in what really happened."""
        after = observe(self.engine, self.name, ())
        self.outcome.actions = facts.real_actions(self.name, before, after, plan)
        self.outcome.changed = bool(self.outcome.actions)
        self.outcome.services = facts.service_states(project, after, wanted)


def _present(this: _Run, project: Project, loader: Loader) -> None:
    options = this.options
    wanted = project.with_dependencies(list(options.services))
    fetched = [name for name in wanted if project.services[name].pull_policy in _PULLED_EVERY_TIME]
    if fetched and not options.check:
        this.applier().pull(project, fetched)
    observed = observe(this.engine, this.name, [project.services[name].image for name in wanted])
    if options.check:
        observed = _as_expected(observed, options.expected_images)
    plan = plan_present(
        project,
        observed,
        wanted,
        adopted=_adopted(project, observed, wanted, loader),
        orphans=_orphans(project, observed, loader) if options.remove_orphans else (),
    )
    this.planned(project, observed, plan, wanted)
    local = resolve_host(options.docker_host).startswith("unix://")
    in_the_way = obstacles(project, observed, plan, probe_port if local else None)
    if in_the_way:
        this.outcome.changed, this.outcome.actions = False, []
        raise ComposeError(" ".join(in_the_way))
    if options.project_file is not None and not options.check:
        project_file.write(options.project_file, project)
    if options.check or (not plan.operations and _settled(project, observed, wanted, options.wait)):
        return
    try:
        this.applier().present(project, observed, plan, wanted, options.wait)
    finally:
        this.concluded(project, observed, plan, wanted)


def _as_expected(observed: Observed, images: Sequence[str]) -> Observed:
    """What a real run would see after the images were built; no image has this id."""
    return replace(observed, images={**observed.images, **dict.fromkeys(images, "to be built")})


def _ended(this: _Run) -> None:
    options = this.options
    observed = observe(this.engine, this.name, ())
    if options.state == "stopped":
        plan = plan_stopped(this.name, observed, options.services)
    else:
        plan = plan_absent(this.name, observed, options.services, options.volumes)
    known = sorted({item.service for item in observed.containers if not item.oneoff})
    wanted = [name for name in known if not options.services or name in options.services]
    this.planned(None, observed, plan, wanted)
    if options.check or not plan.operations:
        return
    try:
        if options.state == "stopped":
            this.applier().stopped(this.name, plan)
        else:
            this.applier().absent(this.name, plan, options.services, options.volumes)
    finally:
        this.concluded(None, observed, plan, wanted)


def _settled(project: Project, observed: Observed, wanted: Sequence[str], wait: bool) -> bool:
    """Whether there is nothing to wait for either."""
    return not wait or all(item.fine for name in wanted for item in observed.of(name)[: project.services[name].scale])


def _adopted(project: Project, observed: Observed, wanted: Sequence[str], loader: Loader) -> List[str]:
    """Services whose containers were made by hand with Compose from the same definition."""
    by_hand: Dict[str, Tuple[Container, ...]] = {}
    for name in wanted:
        unlabelled = tuple(item for item in observed.of(name) if item.former_settings is None)
        if unlabelled:
            by_hand[name] = unlabelled
    if not by_hand:
        return []
    first = {name: observed.of(name)[0] for name in project.services if observed.of(name)}
    hashes = loader.hashes(project, first)
    return [
        name
        for name, containers in by_hand.items()
        if all(item.labels.get(HASH_LABEL) == hashes.get(name) for item in containers)
    ]


def _orphans(project: Project, observed: Observed, loader: Loader) -> List[Container]:
    """Containers whose service is gone; those of a service that only its profile hides are none."""
    unknown = [item for item in observed.containers if item.service not in project.services]
    if not unknown:
        return []
    hidden = set(loader.services_of_all_profiles())
    return [item for item in unknown if item.service not in hidden]
