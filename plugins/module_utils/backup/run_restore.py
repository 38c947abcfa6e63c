# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One restore: observe volumes and backup, plan which are replaced, load each beside the former data, then swap."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.backup import places, scratch, volumes
from ansible_collections.bunops.platform.plugins.module_utils.backup.directory import finish
from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.kinds import KINDS
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import Manifest, Snapshot, Store
from ansible_collections.bunops.platform.plugins.module_utils.engine import connect, engine_errors

# The former data while it is replaced. It is there whole, or not at all.
FORMER = ".former"


class Options(NamedTuple):
    """The module's parameters. place: where the backups of the platform are."""

    platform: str
    place: places.Place
    stores: List[Store]
    backup: str
    replace: bool
    timeout: float
    docker_host: Optional[str]
    check: bool


class Observed(NamedTuple):
    """labels: of the volumes that are there; users: names of the containers that have them."""

    labels: Mapping[str, Mapping[str, str]]
    users: Mapping[str, List[str]]


class Step(NamedTuple):
    """One store that is restored."""

    store: Store
    snapshot: Snapshot
    replaces: bool
    labels: Mapping[str, str]


def plan_of(options: Options, manifest: Manifest, observed: Observed) -> List[Step]:
    """Pure. Raises BackupError: the backup is of other stores, or there is data that nobody said to replace."""
    by_name = {snapshot.store: snapshot for snapshot in manifest.snapshots}
    steps = []
    for store in options.stores:
        snapshot = by_name.get(store.name)
        if snapshot is None or snapshot.kind != store.kind:
            there = ", ".join("%s (%s)" % (each.store, each.kind) for each in manifest.snapshots)
            raise BackupError("stores: the backup has no %s (%s); it has %s" % (store.name, store.kind, there))
        former = observed.labels.get(store.volume)
        labels = store.labels if former is None else former
        steps.append(Step(store, snapshot, former is not None, labels))
    held = [step.store.volume for step in steps if step.replaces]
    if held and not options.replace:
        raise BackupError(
            "replace: is false, and there is data in the volumes %s; expected true to replace it, or no such volumes"
            % ", ".join(held)
        )
    return steps


def lines(backup: str, steps: List[Step]) -> List[str]:
    """The plan for people."""
    return [
        "%s volume %s: %s of %s, %s"
        % (
            "replace" if step.replaces else "create",
            step.store.volume,
            step.store.name,
            backup,
            _amount(step.snapshot.contents),
        )
        for step in steps
    ]


def run(options: Options) -> Dict[str, Any]:
    """What the module returns. Raises BackupError, EngineError, OSError."""
    place = options.place
    backup = places.chosen(place.backups(), options.backup, place.where(""))
    manifest = place.manifest(backup)
    with engine_errors(options.docker_host):
        engine = connect(options.docker_host)
        interrupted = (place.work / FORMER).is_dir()
        steps = plan_of(options, manifest, _observe(engine, options, interrupted))
        result = {
            "changed": True,
            "msg": "\n".join(lines(backup, steps)),
            "backup": backup,
            "stores": [step.snapshot._asdict() for step in steps],
        }
        if options.check:
            place.check(backup, manifest)
            return result
        with places.locked(place.work):
            observed = _observe(engine, options, False)
            in_use = sorted({user for users in observed.users.values() for user in users})
            if in_use:
                raise BackupError("containers use the volumes: %s; remove them first" % ", ".join(in_use))
            with place.files(backup, manifest) as directory, scratch.swept(engine, options.platform):
                if interrupted:
                    _put_back(engine, options)
                    steps = plan_of(options, manifest, _observe(engine, options, False))
                _apply(engine, options, directory, steps)
    return result


def _observe(engine: Any, options: Options, interrupted: bool) -> Observed:
    """After an interrupted restore, the former data counts as being there."""
    labels = {}
    for store in options.stores:
        found = volumes.labels_of(engine, store.volume)
        if found is None and interrupted and _former(options, store).is_file():
            found = store.labels
        if found is not None:
            labels[store.volume] = found
    return Observed(labels, {volume: volumes.users_of(engine, volume) for volume in labels})


def _apply(engine: Any, options: Options, directory: Path, steps: List[Step]) -> None:
    with contextlib.ExitStack() as stack:
        loaded: List[Tuple[Step, scratch.Scratch]] = []
        for step in steps:
            made = scratch.volume_of(engine, step.store.image, options.platform, options.timeout)
            instance = stack.enter_context(made)
            contents = KINDS[step.store.kind].load(instance, step.store.name, directory / step.snapshot.file)
            if contents != step.snapshot.contents:
                raise BackupError("%s: the backup's content is not what its manifest says" % step.store.name)
            loaded.append((step, instance))
        _keep_former(engine, options, steps)
        try:
            for step, instance in loaded:
                volumes.replace(engine, step.store.volume, step.labels)
                place = _place(step.store)
                source = place._replace(volume=instance.volume)
                volumes.copy(engine, source, KINDS[step.store.kind].data, place, instance.mark)
        except BaseException:
            for step in steps:
                if not step.replaces and volumes.labels_of(engine, step.store.volume) is not None:
                    engine.api.remove_volume(step.store.volume)
            _put_back(engine, options)
            raise
        _forget_former(options)


def _keep_former(engine: Any, options: Options, steps: List[Step]) -> None:
    unfinished = options.place.work / (places.UNFINISHED + "former")
    if unfinished.exists():
        shutil.rmtree(str(unfinished))
    unfinished.mkdir(mode=0o700)
    mark = scratch.mark_of(options.platform)
    for step in steps:
        if step.replaces:
            target = unfinished / (step.store.name + ".tar")
            target.touch(mode=0o600)
            volumes.save(engine, _place(step.store), target, mark)
    finish(unfinished, options.place.work / FORMER)


def _put_back(engine: Any, options: Options) -> None:
    """The former data, as it was."""
    for store in options.stores:
        former = _former(options, store)
        if former.is_file():
            labels = volumes.labels_of(engine, store.volume)
            volumes.replace(engine, store.volume, store.labels if labels is None else labels)
            with former.open("rb") as archive:
                volumes.fill(engine, _place(store), [archive], scratch.mark_of(options.platform))
    _forget_former(options)


def _place(store: Store) -> volumes.Place:
    return volumes.Place(store.image, store.volume, KINDS[store.kind].directory)


def _former(options: Options, store: Store) -> Path:
    return options.place.work / FORMER / (store.name + ".tar")


def _forget_former(options: Options) -> None:
    gone = options.place.work / (places.UNFINISHED + "former")
    (options.place.work / FORMER).rename(gone)
    shutil.rmtree(str(gone))


def _amount(contents: Mapping[str, Any]) -> str:
    unit, counts = ("keys", contents["keys"]) if "keys" in contents else ("rows", contents["rows"])
    return "%d %s" % (sum(counts.values()), unit)
