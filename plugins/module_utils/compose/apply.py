# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Carrying out a plan with Compose; decides nothing.

Compose is told for each service whether to recreate its containers or none of them. So neither its own
opinion about what differs (which depends on its version) nor a service outside of the plan is ever touched.
"""

from __future__ import annotations

import contextlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Dict, List, Mapping, Optional, Sequence, Set

from ansible_collections.bunops.platform.plugins.module_utils import runner
from ansible_collections.bunops.platform.plugins.module_utils.compose import client
from ansible_collections.bunops.platform.plugins.module_utils.compose.definition import document_to_apply
from ansible_collections.bunops.platform.plugins.module_utils.compose.health import Watch
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import (
    TASK_LABEL,
    ComposeError,
    Container,
    Observed,
    Project,
)
from ansible_collections.bunops.platform.plugins.module_utils.compose.observe import image_ids
from ansible_collections.bunops.platform.plugins.module_utils.compose.operations import Plan
from ansible_collections.bunops.platform.plugins.module_utils.compose.wait import Waiter, raise_if_failed

if TYPE_CHECKING:
    from docker import DockerClient


class Applier:
    """Carries out plans for one project. limit: seconds for all of it."""

    def __init__(self, engine: DockerClient, env: Mapping[str, str], source: client.Source, limit: float) -> None:
        self._engine = engine
        self._env = env
        self._source = source
        self._limit = limit
        self._deadline = time.monotonic() + limit

    def present(self, project: Project, observed: Observed, plan: Plan, wanted: Sequence[str], wait: bool) -> None:
        """Make the services run. Raises ComposeError, GaveUp, RunnerError."""
        self._prepare(project.name, observed, plan)
        leaving = {
            item for operation in plan.operations if operation.kind == "recreate" for item in operation.containers
        }
        watch = Watch(project, observed.containers, leaving)
        waiter = Waiter(self._engine, project, wanted, watch, self._deadline, self._limit)
        touched = services_to_touch(project, observed, plan, wanted)
        try:
            child = self._up(project, observed, plan, touched)
            if wait:
                waiter.until_up(child)
            elif child is not None:
                waiter.until_done(child)
        except ComposeError as error:
            self._raise_if_not_pulled(project, observed, touched, error)
            raise

    def _up(self, project: Project, observed: Observed, plan: Plan, touched: Set[str]) -> Optional[runner.Child]:
        """Compose at work on the services; None if there are none."""
        if not touched:
            return None
        document = json.dumps(document_to_apply(project, plan.adopted, _kept_volumes(project, observed)))
        source = client.resolved(self._source, project.name)
        recreated = plan.names("recreate")
        if recreated and any(observed.of(name) for name in touched.difference(recreated)):
            # Containers that are to be recreated and others that are not: two calls, and one start in order.
            self._run(client.up_args(source, recreated, recreate=True, start=False), document)
            recreated = []
        return self._start(client.up_args(source, sorted(touched), recreate=bool(recreated)), document)

    def _raise_if_not_pulled(
        self, project: Project, observed: Observed, touched: Set[str], error: ComposeError
    ) -> None:
        """Name the image that could not be pulled: what the engine says is often only about the network."""
        wanted = {project.services[name].image for name in touched} - set(observed.images)
        missing = sorted(wanted - set(image_ids(self._engine, wanted)))
        if missing:
            raise ComposeError(f"Not on this engine, and not to be pulled: {', '.join(missing)}. {error}") from error

    def stopped(self, project: str, plan: Plan) -> None:
        """Stop what the plan names. Raises ComposeError, RunnerError."""
        services = plan.names("stop")
        if services:
            self._run(client.stop_args(project, services))
        if plan.containers("task", "remove"):
            self._remove_tasks(project)

    def absent(self, project: str, plan: Plan, services: Sequence[str], volumes: bool) -> None:
        """Remove what the plan names. Raises ComposeError, RunnerError."""
        if not plan.operations:
            return
        if services:
            self._run(client.remove_args(project, services))
            return
        # Services first, so that none of them starts another task; and tasks before the networks they are in.
        if plan.names("remove"):
            self._run(client.stop_args(project, ()))
        self._remove_tasks(project)
        self._run(client.down_args(project, volumes))

    def pull(self, project: Project, services: Sequence[str]) -> None:
        """Fetch the images of services that ask for it at every run. Raises ComposeError, RunnerError."""
        source = client.resolved(self._source, project.name)
        self._run(client.pull_args(source, services), json.dumps(document_to_apply(project)))

    def _prepare(self, project: str, observed: Observed, plan: Plan) -> None:
        """What `up` does not do, or not in every version: paused and surplus containers, networks to make anew."""
        if plan.containers("task", "remove"):
            self._remove_tasks(project)
        restarted = plan.names("restart")
        if restarted:
            self._run(client.stop_args(project, restarted))
        for container in plan.containers("service", "unpause"):
            self._engine.api.unpause(container)
        surplus = set(plan.containers("service", "remove"))
        self._remove([item for item in observed.containers if item.id in surplus])
        for operation in plan.operations:
            if operation.resource == "network" and operation.kind == "recreate":
                self._remove_network(observed, operation.name)

    def _remove(self, containers: Sequence[Container]) -> None:
        self._stop(containers)
        for container in containers:
            self._remove_container(container.id)

    def _stop(self, containers: Sequence[Container]) -> None:
        """Stop containers side by side, each within its own grace period (stopped ones stay as they are)."""
        with ThreadPoolExecutor(max_workers=8) as pool:
            # The time is given so that the library waits long enough for the answer.
            list(pool.map(lambda item: self._engine.api.stop(item.id, timeout=item.stop_timeout), containers))

    def _remove_network(self, observed: Observed, name: str) -> None:
        """Detach what is attached, then remove it; Compose makes it anew with the containers."""
        network = observed.network(name)
        if network is None:
            return
        attached = [item for item in observed.containers if item.networks.get(network.name) == network.id]
        self._stop(attached)
        running = self._engine.api.inspect_network(network.id).get("Containers") or {}
        for container in {*running, *(item.id for item in attached)}:
            self._engine.api.disconnect_container_from_network(container, network.id, force=True)
        self._engine.api.remove_network(network.id)

    def _remove_tasks(self, project: str) -> None:
        """Remove throw-away containers, those too that were started since the plan was made."""
        for container in self._engine.api.containers(all=True, filters={"label": f"{TASK_LABEL}={project}"}):
            self._remove_container(container["Id"])

    def _remove_container(self, container: str) -> None:
        from docker.errors import NotFound

        # Throw-away containers may end by themselves at any moment.
        with contextlib.suppress(NotFound):
            self._engine.api.remove_container(container, force=True)

    def _run(self, argv: List[str], stdin: str = "") -> None:
        remaining = max(1.0, self._deadline - time.monotonic())
        raise_if_failed(runner.run(argv, stdin=stdin, env=self._env, cwd=self._source.directory, timeout=remaining))

    def _start(self, argv: List[str], stdin: str) -> runner.Child:
        return runner.start(argv, stdin=stdin, env=self._env, cwd=self._source.directory)


def services_to_touch(project: Project, observed: Observed, plan: Plan, wanted: Sequence[str]) -> Set[str]:
    """Services to name to Compose: those of the plan, those that only bring a network or volume along, and
    running dependencies that are not ready yet, so that the order of starts is kept."""
    started = set(plan.names("create", "recreate", "start", "restart"))
    touched = started | _bringers(project, plan, wanted, started)
    for name in started:
        touched |= {
            dependency
            for dependency in project.services[name].depends_on
            if any(not item.fine for item in observed.of(dependency))
        }
    return touched


def _bringers(project: Project, plan: Plan, wanted: Sequence[str], touched: Set[str]) -> Set[str]:
    """Services without containers of their own (scale 0) whose networks and volumes have to be made."""
    found: Set[str] = set()
    members: Dict[str, List[str]] = {}
    for name in wanted:
        service = project.services[name]
        keys = [project.networks[key].name for key in service.networks if key in project.networks]
        keys.extend(project.volumes[key].name for key in service.volumes if key in project.volumes)
        for key in keys:
            members.setdefault(key, []).append(name)
    for operation in plan.operations:
        if operation.resource != "service" and operation.kind in ("create", "recreate"):
            users = members.get(operation.name, [])
            if not set(users) & (touched | found):
                found.update(name for name in users if project.services[name].scale == 0)
    return found


def _kept_volumes(project: Project, observed: Observed) -> List[str]:
    """Volumes that exist. A volume with `o: bind` is mounted by its own options, which Compose has to see."""
    return [
        key
        for key, volume in project.volumes.items()
        if not volume.external
        and observed.volume(volume.name)
        and (volume.settings.get("driver_opts") or {}).get("o") != "bind"
    ]
