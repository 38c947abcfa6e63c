# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One backup: observe what is there, plan what comes and goes, take it, check it, keep it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional

from ansible_collections.bunops.platform.plugins.module_utils import atomic_file
from ansible_collections.bunops.platform.plugins.module_utils.backup import metrics, places, scratch, sources
from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.kinds import KINDS
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import (
    MANIFEST,
    Manifest,
    Snapshot,
    Store,
    file_name,
    in_order,
)
from ansible_collections.bunops.platform.plugins.module_utils.engine import connect, engine_errors

if TYPE_CHECKING:
    from docker import DockerClient


class Options(NamedTuple):
    """The module's parameters. place: where the backups of the platform are. cluster: of stores that run in one."""

    platform: str
    place: places.Place
    stores: List[Store]
    keep: int
    metrics_file: Optional[Path]
    timeout: float
    docker_host: Optional[str]
    check: bool
    cluster: Optional[sources.Cluster] = None


class Plan(NamedTuple):
    """backup: name of the one to be taken."""

    backup: str
    stores: List[Store]
    retention: places.Retention

    def lines(self) -> List[str]:
        return [
            *("remove %s: an interrupted run has left it" % name for name in self.retention.unfinished),
            *("back up %s (%s) to %s" % (store.name, store.kind, self.backup) for store in self.stores),
            *("remove %s: more than are kept" % name for name in self.retention.expired),
        ]


def plan_of(options: Options, kept: places.Kept, now: float) -> Plan:
    """Pure. Raises BackupError: one of the same second is there."""
    name = places.name_of(now)
    if name in kept.backups:
        raise BackupError("there is a backup %s already; try again in a second" % name)
    return Plan(name, in_order(options.stores), places.retention(kept, options.keep))


def run(options: Options) -> Dict[str, Any]:
    """What the module returns. Raises BackupError, EngineError, OSError."""
    with sources.opened(in_order(options.stores), options.cluster, options.timeout) as found:
        return _run(options, found)


def _run(options: Options, found: List[sources.Source]) -> Dict[str, Any]:
    now = time.time()
    plan = plan_of(options, places.observe(options.place), now)
    if options.check:
        return {"changed": True, "msg": "\n".join(plan.lines()), "backup": plan.backup, "removed": _removed(plan)}
    with places.locked(options.place.work):
        plan = plan_of(options, places.observe(options.place), now)
        manifest = _apply(options, plan, found, int(now))
    return {
        "changed": True,
        "msg": "\n".join(plan.lines()),
        "backup": plan.backup,
        "path": options.place.where(plan.backup),
        "removed": _removed(plan),
        "stores": [snapshot._asdict() for snapshot in manifest.snapshots],
        "last_success_timestamp_seconds": manifest.taken_at,
    }


def _apply(options: Options, plan: Plan, found: List[sources.Source], now: int) -> Manifest:
    place = options.place
    unfinished = place.work / (places.UNFINISHED + plan.backup)
    place.remove(plan.retention.unfinished)
    unfinished.mkdir(mode=0o700)
    try:
        manifest = Manifest(options.platform, now, _snapshots(options, found, unfinished))
        atomic_file.write(str(unfinished / MANIFEST), manifest.text().encode())
        place.keep(unfinished, plan.backup, manifest)
    except BaseException:
        places.remove_leftovers(place.work, [unfinished.name] if unfinished.exists() else [])
        raise
    target = options.metrics_file or place.work / "metrics.prom"
    atomic_file.write(str(target), metrics.exposition(manifest).encode(), 0o644)
    place.remove(plan.retention.expired)
    return manifest


def _snapshots(options: Options, found: List[sources.Source], folder: Path) -> List[Snapshot]:
    engine = connect(options.docker_host)
    with engine_errors(options.docker_host), scratch.swept(engine, options.platform):
        for source in found:
            if source.pull:
                _have(engine, source.store.image)
        for source in found:
            store = source.store
            target = folder / file_name(store.name, store.kind)
            target.touch(mode=0o600)
            with source.reached() as url:
                KINDS[store.kind].take(store._replace(url=url), source.secret, target, options.timeout)
        # Once all are read: checking takes its time, and they should be of one moment.
        return [_checked(engine, options, source.store, folder) for source in found]


def _have(engine: DockerClient, image: str) -> None:
    """Pull the image that the cluster runs, unless it is here."""
    import docker.errors

    api: Any = engine.api
    try:
        api.inspect_image(image)
    except docker.errors.ImageNotFound:
        engine.images.pull(image)


def _checked(engine: Any, options: Options, store: Store, folder: Path) -> Snapshot:
    path = folder / file_name(store.name, store.kind)
    with scratch.volume_of(engine, store.image, options.platform, options.timeout) as instance:
        contents = KINDS[store.kind].load(instance, store.name, path)
    size, digest = path.stat().st_size, places.sha256_of(path)
    return Snapshot(store.name, store.kind, path.name, size, digest, store.image, contents)


def _removed(plan: Plan) -> List[str]:
    return [*plan.retention.unfinished, *plan.retention.expired]
