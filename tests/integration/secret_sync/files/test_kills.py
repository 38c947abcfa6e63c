# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs that are killed: before every single change on the disk, and at random times while somebody reads."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import random
import shutil
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.directory import Directory
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Files
from ansible_collections.bunops.platform.tests.integration.secret_sync.files.killing import (
    deaths,
    in_child,
    killed_after,
)
from ansible_collections.bunops.platform.tests.unit.secrets.targets.file_targets import (
    directory,
    dotenv,
    names,
    plain,
    sync,
)

OLD = {**plain(SAME=b"same", CHANGES=b"old", LEAVES=b"old"), "ACL": {"ACL": b"old", "ACL.acl": b"old"}}
NEW = {**plain(SAME=b"same", CHANGES=b"new", COMES=b"new"), "ACL": {"ACL": b"new", "ACL.acl": b"new"}}
LASTING = {"SAME", "CHANGES", "ACL", "ACL.acl"}
KILLS = 25


def contents(wanted: dict[str, Files]) -> dict[str, bytes]:
    return {name: value for files in wanted.values() for name, value in files.items()}


def readable(path: Path) -> dict[str, bytes]:
    """What readers get who know the names; links that lead nowhere are nothing to them."""
    known = contents(OLD).keys() | contents(NEW).keys()
    return {name: (path / name).read_bytes() for name in known if (path / name).exists()}


def is_one_of_both(found: dict[str, bytes]) -> bool:
    return any(found.items() <= contents(each).items() for each in (OLD, NEW))


def written(path: Path) -> set[bytes]:
    """Values in any file below, whether or not anybody reads them."""
    return {each.read_bytes() for each in path.rglob("*") if each.is_file() and each.name != ".versions.json"}


def assert_in_order(path: Path, **options: Any) -> None:
    """The next run finishes what the killed one began, and nothing of that one stays."""
    sync(directory(path, **options), NEW)
    directory(path, **options).collect(keep=1)
    assert readable(path) == contents(NEW)
    current = path.joinpath("..data").readlink().name
    assert names(path) == sorted(["..data", current, *contents(NEW)])
    assert names(path / current) == sorted([".versions.json", *contents(NEW)])
    assert sync(directory(path, **options), NEW).changed == []


def test_a_write_that_is_killed_before_any_change(tmp_path: Path) -> None:
    path = tmp_path / "secrets"

    def prepare() -> None:
        shutil.rmtree(path, ignore_errors=True)
        sync(directory(path), OLD)

    killed = 0
    for killed in deaths(prepare, lambda: sync(directory(path), NEW)):
        found = readable(path)
        assert is_one_of_both(found), killed
        assert found.keys() >= LASTING, killed
        assert_in_order(path)
    assert killed > 40


def test_a_first_write_that_is_killed_before_any_change(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    killed = 0
    for killed in deaths(lambda: shutil.rmtree(path, ignore_errors=True), lambda: sync(directory(path), NEW)):
        assert readable(path).items() <= contents(NEW).items(), killed
        assert_in_order(path)
    assert killed > 40


def test_an_adoption_that_is_killed_before_any_change(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    adopted: dict[str, Any] = {"adopted": set(OLD) | set(NEW)}

    def prepare() -> None:
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        for name, value in contents(OLD).items():
            (path / name).write_bytes(value)

    killed = 0
    for killed in deaths(prepare, lambda: sync(directory(path, **adopted), NEW)):
        found = readable(path)
        assert is_one_of_both(found), killed
        assert found.keys() >= LASTING, killed
        assert_in_order(path, **adopted)
    assert killed > 80


def test_a_removal_that_is_killed_before_any_change(tmp_path: Path) -> None:
    path = tmp_path / "secrets"

    def prepare() -> None:
        shutil.rmtree(path, ignore_errors=True)
        sync(directory(path), OLD)
        sync(directory(path), NEW)

    killed = 0
    for killed in deaths(prepare, lambda: directory(path).remove()):
        # As long as there is a value, the next run sees that there is something to remove.
        if path.exists() and not directory(path).observe():
            assert written(path) == set(), killed
        directory(path).remove()
        assert not path.exists(), killed
    assert killed > 20


def test_a_restoration_that_is_killed_before_any_change(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    targets: list[Directory] = []

    def prepare() -> None:
        shutil.rmtree(path, ignore_errors=True)
        sync(directory(path), OLD)
        targets[:] = [directory(path)]
        sync(targets[0], NEW)

    def restore() -> None:
        after = directory(path).observe()
        targets[0].restore(held, after)

    prepare()
    held = {
        name: version._replace(number=1) for name, version in targets[0].previous(directory(path).observe()).items()
    }
    killed = 0
    for killed in deaths(prepare, restore):
        assert is_one_of_both(readable(path)), killed
        assert_in_order(path)
    assert killed > 30


def test_a_collection_that_is_killed_before_any_change(tmp_path: Path) -> None:
    path = tmp_path / "secrets"

    def prepare() -> None:
        shutil.rmtree(path, ignore_errors=True)
        for wanted in (OLD, NEW, OLD, NEW):
            sync(directory(path), wanted)

    killed = 0
    for killed in deaths(prepare, lambda: directory(path).collect(keep=2)):
        assert readable(path) == contents(NEW), killed
        assert_in_order(path)
    assert killed > 10


def test_a_dotenv_file_whose_write_is_killed_before_any_change(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    sync(dotenv(path), OLD)
    former = path.read_bytes()
    # With the same second in both, the file is the same to the byte.
    target = dotenv(path)
    before = target.observe()
    after = target.next(before, NEW, [*NEW])
    target.write(before, after)
    latter = path.read_bytes()

    def prepare() -> None:
        path.unlink()
        path.write_bytes(former)

    killed = 0
    for killed in deaths(prepare, lambda: dotenv(path).write(before, after)):
        assert path.read_bytes() in (former, latter), killed
        sync(dotenv(path), NEW)
        dotenv(path).collect(keep=1)
        assert names(tmp_path) == [".env"], killed
        assert {name: each.files for name, each in dotenv(path).observe().items()} == NEW
    assert killed > 5


def numbered(number: int) -> dict[str, Files]:
    """Thirty secrets, each of which says which run made it, and whether it is whole."""
    return plain(**{f"S{index}": whole(number, index) for index in range(30)})


def whole(number: int, index: int) -> bytes:
    body = f"{number}:{index}:".encode() + b"x" * 5_000
    return body + hashlib.sha256(body).hexdigest().encode()


def made_by(value: bytes) -> int:
    """The number of the run. Raises ValueError for half a value."""
    body, digest = value[:-64], value[-64:]
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise ValueError(f"half a value of {len(value)} bytes")
    return int(body.split(b":")[0])


def look_at_directory(path: Path) -> None:
    """As one who wants all of one version: first the current directory, then its files; and each by its name."""
    folder = os.open(path / "..data", os.O_RDONLY | os.O_DIRECTORY)
    try:
        found = set()
        for index in range(30):
            with os.fdopen(os.open(f"S{index}", os.O_RDONLY, dir_fd=folder), "rb") as file:
                found.add(made_by(file.read()))
    finally:
        os.close(folder)
    if len(found) != 1:
        raise ValueError(f"a mix of {sorted(found)}")
    for index in range(30):
        made_by((path / f"S{index}").read_bytes())


def look_at_dotenv(path: Path) -> None:
    found = {made_by(each.files[name]) for name, each in dotenv(path).observe().items()}
    if len(found) != 1:
        raise ValueError(f"a mix of {sorted(found)}")


def keep_looking(look: Callable[[Path], None], path: Path, ended: Event, said: Queue[tuple[int, list[str]]]) -> None:
    count, wrong = 0, []
    while not ended.is_set():
        count += 1
        try:
            look(path)
        except (OSError, ValueError) as error:
            wrong.append(str(error))
    said.put((count, wrong[:5]))


@pytest.mark.parametrize("kind", ["directory", "dotenv"])
def test_a_reader_never_sees_half_a_file_or_a_mix(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "secrets"
    make: Callable[[Path], Any] = directory if kind == "directory" else dotenv

    def write(number: int) -> None:
        sync(make(path), numbered(number))
        make(path).collect(keep=3)

    write(0)
    begun = time.monotonic()
    in_child(lambda: write(1))
    lasts = time.monotonic() - begun
    context = multiprocessing.get_context("fork")
    ended, said = context.Event(), context.Queue()
    look = look_at_directory if kind == "directory" else look_at_dotenv
    reader = context.Process(target=keep_looking, args=(look, path, ended, said))
    reader.start()
    times, killed, number = random.Random(5), 0, 2
    while killed < KILLS:
        killed += killed_after(times.random() * lasts, partial(write, number))
        number += 1
        # A run that is not killed finishes, whatever the ones before it left.
        if number % 5 == 0:
            in_child(partial(write, number))
            assert {made_by(each.files[name]) for name, each in make(path).observe().items()} == {number}
            number += 1
    ended.set()
    looks, wrong = said.get(timeout=60)
    reader.join(60)
    assert wrong == []
    assert looks > 10 * KILLS
