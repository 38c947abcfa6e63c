# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A directory of secret files: generations, links, what is put in order and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.directory import Directory
from ansible_collections.bunops.platform.tests.unit.secrets.targets.file_targets import (
    directory,
    go_back,
    leads_to,
    mode,
    names,
    plain,
    seen,
    sync,
)

FIRST = {"API_KEY": {"API_KEY": b"one\x00\n"}, "REDIS": {"REDIS": b"pass", "REDIS.acl": b"user default on"}}
SECOND = {**FIRST, "API_KEY": {"API_KEY": b"two"}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "secrets"


def test_files_are_behind_links_in_a_closed_generation(path: Path) -> None:
    sync(directory(path), FIRST)
    assert names(path) == ["..data", "..v1", "API_KEY", "REDIS", "REDIS.acl"]
    assert (leads_to(path / "..data"), leads_to(path / "REDIS.acl")) == ("..v1", "..data/REDIS.acl")
    assert seen(path) == {"API_KEY": b"one\x00\n", "REDIS": b"pass", "REDIS.acl": b"user default on"}
    assert [mode(path), mode(path / "..v1"), mode(path / "API_KEY")] == [0o700, 0o700, 0o400]
    assert mode(path / "..v1/.versions.json") == 0o600


def test_what_is_put_down_beside_the_files_has_no_values(path: Path) -> None:
    sync(directory(path), FIRST)
    written = (path / "..data/.versions.json").read_text()
    document = json.loads(written)
    assert document["set"] == "atlas"
    assert document["secrets"]["REDIS"]["files"] == ["REDIS", "REDIS.acl"]
    assert [value for value in ("one", "pass", "default") if value in written] == []


def test_nothing_changed_is_no_change(path: Path) -> None:
    sync(directory(path), FIRST)
    before = names(path)
    assert sync(directory(path), FIRST).changed == []
    assert names(path) == before


def test_a_changed_secret_is_a_new_version_and_the_others_keep_theirs(path: Path) -> None:
    first = sync(directory(path), FIRST).after
    second = sync(directory(path), SECOND)
    assert second.changed == ["API_KEY"]
    held = directory(path).observe()
    assert (held["API_KEY"].number, held["API_KEY"].files) == (2, {"API_KEY": b"two"})
    assert held["REDIS"] == first["REDIS"]
    assert held == second.after


def test_a_secret_that_left_the_set_is_gone_with_the_next_write(path: Path) -> None:
    sync(directory(path), FIRST)
    assert sync(directory(path), plain(API_KEY=b"one\x00\n")).changed == []
    assert names(path) == ["..data", "..v1", "..v2", "API_KEY"]
    # Not in former generations either.
    assert directory(path).collect(keep=2) == [str(path / "..v1/REDIS"), str(path / "..v1/REDIS.acl")]
    assert directory(path).collect(keep=2) == []


def test_a_number_is_not_used_twice(path: Path) -> None:
    for wanted in (plain(A=b"1", B=b"b"), plain(A=b"2", B=b"b"), plain(B=b"b"), plain(A=b"3", B=b"b")):
        made = sync(directory(path), wanted)
    assert made.after["A"].number == 3


def test_the_previous_version_comes_back_as_the_next_one(path: Path) -> None:
    sync(directory(path), FIRST)
    sync(directory(path), SECOND)
    assert go_back(directory(path)).changed == ["API_KEY"]
    held = directory(path).observe()
    assert (held["API_KEY"].number, held["API_KEY"].files) == (3, FIRST["API_KEY"])
    assert seen(path)["API_KEY"] == b"one\x00\n"


def test_each_secret_goes_back_to_its_own_former_version(path: Path) -> None:
    for wanted in (plain(A=b"1", B=b"1"), plain(A=b"2", B=b"1"), plain(A=b"2", B=b"2")):
        sync(directory(path), wanted)
    target = directory(path)
    assert {name: each.files[name] for name, each in target.previous(target.observe()).items()} == {
        "A": b"1",
        "B": b"1",
    }


def test_without_a_former_version_there_is_nothing_to_go_back_to(path: Path) -> None:
    sync(directory(path), FIRST)
    target = directory(path)
    assert target.previous(target.observe()) == {}


def test_generations_above_keep_are_collected(path: Path) -> None:
    for value in (b"1", b"2", b"3", b"4"):
        sync(directory(path), plain(A=value))
    assert directory(path).collectable(keep=2) == [str(path / "..v1"), str(path / "..v2")]
    assert directory(path).collect(keep=2) == [str(path / "..v1"), str(path / "..v2")]
    assert directory(path).collect(keep=0) == [str(path / "..v3")]
    assert (names(path), seen(path)) == (["..data", "..v4", "A"], {"A": b"4"})


def test_a_failed_version_leaves_nothing(path: Path) -> None:
    sync(directory(path), FIRST)
    target = directory(path)
    wanted = {**SECOND, "NEW": {"NEW": b"new"}}
    before = target.observe()
    after = target.next(before, wanted, ["API_KEY", "NEW"])
    target.write(before, after)
    target.restore(before, after)
    assert directory(path).observe() == before
    assert seen(path) == {"API_KEY": b"one\x00\n", "REDIS": b"pass", "REDIS.acl": b"user default on"}
    found = [each.read_bytes() for each in path.rglob("*") if each.is_file()]
    assert not {b"two", b"new"}.intersection(found)


def test_a_failed_first_version_leaves_no_directory(path: Path) -> None:
    target = directory(path)
    after = target.next({}, FIRST, list(FIRST))
    target.write({}, after)
    target.restore({}, after)
    assert not path.exists()


def break_link(path: Path) -> None:
    (path / "API_KEY").unlink()


def open_file(path: Path) -> None:
    (path / "API_KEY").chmod(0o644)


def replace_by_file(path: Path) -> None:
    (path / "API_KEY").unlink()
    (path / "API_KEY").write_bytes(b"one\x00\n")


def lead_elsewhere(path: Path) -> None:
    (path / "API_KEY").unlink()
    (path / "API_KEY").symlink_to("..v1/API_KEY")


def lose_the_file(path: Path) -> None:
    (path / "..v1/API_KEY").unlink()


def change_the_file(path: Path) -> None:
    (path / "..v1/API_KEY").chmod(0o600)
    (path / "..v1/API_KEY").write_bytes(b"by hand")
    (path / "..v1/API_KEY").chmod(0o400)


@pytest.mark.parametrize(
    "spoil", [break_link, open_file, replace_by_file, lead_elsewhere, lose_the_file, change_the_file]
)
def test_what_is_not_in_order_is_put_in_order(path: Path, spoil: object) -> None:
    assert callable(spoil)
    sync(directory(path), FIRST)
    spoil(path)
    assert sync(directory(path), FIRST).changed == ["API_KEY"]
    assert (seen(path)["API_KEY"], mode(path / "API_KEY")) == (b"one\x00\n", 0o400)
    assert leads_to(path / "API_KEY") == "..data/API_KEY"
    assert sync(directory(path), FIRST).changed == []


def test_only_a_wrong_mode_is_no_new_version(path: Path) -> None:
    first = sync(directory(path), FIRST).after
    open_file(path)
    assert sync(directory(path), FIRST).after == first


def test_an_open_directory_is_closed(path: Path) -> None:
    sync(directory(path), FIRST)
    path.chmod(0o755)
    assert sync(directory(path), FIRST).changed
    assert mode(path) == 0o700


def test_another_mode_is_set(path: Path) -> None:
    sync(directory(path), FIRST)
    assert sync(directory(path, mode="0444"), FIRST).changed
    assert mode(path / "REDIS.acl") == 0o444
    assert sync(directory(path, mode="0444"), FIRST).changed == []


def test_a_lost_generation_is_written_again(path: Path) -> None:
    sync(directory(path), FIRST)
    for each in (path / "..v1").iterdir():
        each.unlink()
    (path / "..v1").rmdir()
    assert directory(path).observe() == {}
    sync(directory(path), FIRST)
    assert seen(path)["REDIS"] == b"pass"


def test_a_damaged_record_is_an_error_and_not_a_loss(path: Path) -> None:
    sync(directory(path), FIRST)
    record = path / "..v1/.versions.json"
    record.write_text(record.read_text()[:-4])
    with pytest.raises(SecretError, match=r"directory .*: \.\.v1/\.versions\.json is not as it was written"):
        directory(path).observe()


def test_plain_files_from_before_are_adopted(path: Path) -> None:
    path.mkdir(parents=True)
    for name, value in {"API_KEY": b"one\x00\n", "REDIS": b"pass", "REDIS.acl": b"old", "README": b"by hand"}.items():
        (path / name).write_bytes(value)
    target = directory(path, adopted=["API_KEY", "REDIS", "OTHER"])
    held = target.observe()
    assert {name: each.files for name, each in held.items()} == {
        "API_KEY": {"API_KEY": b"one\x00\n"},
        "REDIS": {"REDIS": b"pass", "REDIS.acl": b"old"},
    }
    made = sync(target, FIRST)
    assert made.changed == ["API_KEY", "REDIS"]
    # Where only links had to be made, the value keeps its number and its age.
    assert made.after["API_KEY"] == held["API_KEY"]
    assert made.after["REDIS"].number == 2
    assert leads_to(path / "REDIS.acl") == "..data/REDIS.acl"
    assert seen(path) == {
        "API_KEY": b"one\x00\n",
        "REDIS": b"pass",
        "REDIS.acl": b"user default on",
        "README": b"by hand",
    }
    assert sync(directory(path, adopted=["API_KEY", "REDIS"]), FIRST).changed == []


def test_plain_files_of_nobody_are_not_the_sets(path: Path) -> None:
    path.mkdir(parents=True)
    (path / "API_KEY").write_bytes(b"by hand")
    assert directory(path).observe() == {}


def test_remove_leaves_only_what_is_of_others(path: Path) -> None:
    sync(directory(path), FIRST)
    sync(directory(path), SECOND)
    (path / "README").write_text("by hand")
    directory(path).remove()
    assert names(path) == ["README"]
    (path / "README").unlink()
    sync(directory(path), FIRST)
    directory(path).remove()
    assert not path.exists()


def test_remove_takes_adopted_plain_files(path: Path) -> None:
    path.mkdir(parents=True)
    for name in ("API_KEY", "API_KEY.pub", "OTHER"):
        (path / name).write_bytes(b"x")
    directory(path, adopted=["API_KEY"]).remove()
    assert names(path) == ["OTHER"]


def test_another_sets_directory_is_refused_and_left_alone(path: Path) -> None:
    sync(directory(path), FIRST)
    other = directory(path, name="other")
    assert other.observe() == {}
    assert other.problems(FIRST) == [f"directory {path}: it holds the set atlas; expected a directory for each set"]
    with pytest.raises(SecretError, match="it holds the set atlas"):
        other.write({}, other.next({}, FIRST, list(FIRST)))
    assert other.collect(keep=0) == []
    other.remove()
    assert directory(path).observe().keys() == FIRST.keys()


def problems(target: Directory) -> list[str]:
    assert target.observe() == {}
    return [each.partition(": ")[2] for each in target.problems(FIRST)]


def test_a_link_at_the_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert problems(directory(tmp_path / "link")) == ["it is a link; expected a directory, or nothing"]
    with pytest.raises(SecretError, match="it is a link"):
        directory(tmp_path / "link/").write({}, directory(tmp_path).next({}, FIRST, list(FIRST)))
    assert names(tmp_path / "real") == []


def test_a_file_at_the_path_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert problems(directory(tmp_path / "file")) == ["it is no directory; expected one, or nothing"]
    assert problems(directory(tmp_path / "file/secrets")) == [
        f"it cannot be made, since {tmp_path}/file is no directory"
    ]


def test_all_problems_are_told_at_once(path: Path) -> None:
    path.mkdir(parents=True)
    (path / "API_KEY").mkdir()
    (path / "..data").mkdir()
    wanted = {**FIRST, "REDIS.acl": {"REDIS.acl": b""}}
    target = directory(path, owner="nonesuch", group="nonesuch", mode="256")
    assert [each.partition(": ")[2] for each in target.problems(wanted)] == [
        "owner nonesuch: no such user here; expected a name that this machine knows, or a number",
        "group nonesuch: no such group here; expected a name that this machine knows, or a number",
        'mode 256: expected octal digits in quotes, as "0400", with which the owner may read and others not write',
        "what has the name ..data in it was not made for secrets; expected another directory",
        "secrets REDIS and REDIS.acl would all be kept as REDIS.acl; expected a name for each",
        "API_KEY in it is neither a file nor a link",
    ]


@pytest.mark.parametrize("octal", ["256", "288", "292", "384", "416", "0777", "0422", "0500", "4400", "04000", "x", ""])
def test_a_mode_that_is_none_is_refused(path: Path, octal: str) -> None:
    assert len(problems(directory(path, mode=octal))) == 1


@pytest.mark.parametrize("octal", ["0400", "400", "0440", "0444", "0600", "0640", "0644"])
def test_a_mode_for_readers_is_fine(path: Path, octal: str) -> None:
    assert problems(directory(path, mode=octal)) == []


def test_no_value_shows_in_what_targets_are_made_of(path: Path) -> None:
    target = directory(path)
    sync(target, plain(A=b"canary-1"))
    rollout = target.rollout(target.observe(), target.next({}, plain(A=b"canary-2"), ["A"]), ["A"])
    assert "canary" not in repr([target, rollout, vars(target)])


def test_check_mode_has_no_effect(path: Path) -> None:
    target = directory(path)
    before = target.observe()
    target.next(before, FIRST, list(FIRST))
    assert (target.problems(FIRST), target.collectable(2), path.exists()) == ([], [], False)


def test_a_generation_that_never_was_current_is_no_former_version(path: Path) -> None:
    sync(directory(path), plain(A=b"1"))
    sync(directory(path.with_name("killed")), plain(A=b"never"))
    path.with_name("killed").joinpath("..v1").rename(path / "..v2")
    sync(directory(path), plain(A=b"2"))
    assert go_back(directory(path)).after["A"].files == {"A": b"1"}
