# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The dotenv target: one file, written whole, whose versions are known without its values."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.dotenv import Dotenv
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Files
from ansible_collections.bunops.platform.tests.unit.secrets.targets.file_targets import (
    dotenv,
    mode,
    names,
    plain,
    sync,
)

FIRST = {
    "API_KEY": {"API_KEY": b'it\'s "1"\n'},
    "REDIS": {"REDIS": b"pass", "REDIS.acl": b"user default on", "REDIS.previous": b"former"},
}
SECOND = {**FIRST, "API_KEY": {"API_KEY": b"2"}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".env.secrets"


def test_the_file_says_what_it_is_and_has_a_variable_for_each_file(path: Path) -> None:
    sync(dotenv(path), FIRST)
    lines = path.read_text().splitlines()
    assert (
        lines[0] == "# Secrets of the set atlas, written by bunops.platform.secret_sync; changes by hand are refused."
    )
    assert lines[1].startswith('# {"secrets": {"API_KEY": {"files": ["API_KEY"], "made": ')
    assert lines[-3:] == ["REDIS='pass'", "REDIS_ACL='user default on'", "REDIS_PREVIOUS='former'"]
    assert (mode(path), names(path.parent)) == (0o400, [".env.secrets"])


def test_what_was_written_is_observed(path: Path) -> None:
    first = sync(dotenv(path), FIRST).after
    assert dotenv(path).observe() == first
    second = sync(dotenv(path), SECOND)
    assert (second.changed, second.after["API_KEY"].number) == (["API_KEY"], 2)
    assert second.after["REDIS"] == first["REDIS"]
    assert sync(dotenv(path), SECOND).changed == []


def test_a_secret_that_left_is_gone(path: Path) -> None:
    sync(dotenv(path), FIRST)
    sync(dotenv(path), plain(REDIS=b"pass"))
    assert path.read_text().splitlines()[2:] == ["REDIS='pass'"]


def test_a_wrong_mode_is_put_in_order_without_a_new_version(path: Path) -> None:
    first = sync(dotenv(path), FIRST).after
    path.chmod(0o644)
    assert sync(dotenv(path), FIRST) == (["API_KEY", "REDIS"], first, first)
    assert mode(path) == 0o400


def test_a_file_of_somebody_else_is_never_overwritten(path: Path) -> None:
    path.write_text("API_KEY=mine\n")
    target = dotenv(path)
    assert target.observe() == {}
    text = f"dotenv {path}: somebody else wrote this file; expected one that this set wrote, or none"
    assert target.problems(FIRST) == [text]
    with pytest.raises(SecretError, match="somebody else wrote this file"):
        target.write({}, target.next({}, FIRST, list(FIRST)))
    target.remove()
    assert path.read_text() == "API_KEY=mine\n"


def test_a_file_of_another_set_is_refused(path: Path) -> None:
    sync(dotenv(path), FIRST)
    other = dotenv(path, name="other")
    assert other.observe() == {}
    assert other.problems(FIRST) == [f"dotenv {path}: it holds the set atlas; expected a file for each set"]
    other.remove()
    assert dotenv(path).observe().keys() == FIRST.keys()


def test_a_link_is_neither_read_nor_replaced(path: Path) -> None:
    sync(dotenv(path), FIRST)
    link = path.with_name("link")
    link.symlink_to(path.name)
    target = dotenv(link)
    assert target.observe() == {}
    assert target.problems(FIRST) == [f"dotenv {link}: it is no plain file; expected one that this set wrote, or none"]


def test_a_file_that_was_changed_by_hand_is_an_error_and_not_a_loss(path: Path) -> None:
    sync(dotenv(path), FIRST)
    path.chmod(0o600)
    path.write_text(path.read_text().replace("REDIS='pass'", "REDIS=pass"))
    with pytest.raises(SecretError) as caught:
        dotenv(path).observe()
    assert str(caught.value) == (
        f"dotenv {path}: line 6 is not as it was written; expected no changes by hand "
        "(without the file it is written anew)"
    )


def refused(target: Dotenv, wanted: dict[str, Files]) -> list[str]:
    return [each.partition(": ")[2] for each in target.problems(wanted)]


def test_all_problems_are_told_at_once(path: Path) -> None:
    wanted = {
        "A": {"A": b"x", "A.acl": b"\0"},
        "A_ACL": {"A_ACL": b"\xff"},
        "tls.crt": {"tls.crt": b"x"},
        "a-b": {"a-b": b"x"},
        "PPID": {"PPID": b"1"},
        "_BUNOPS_QUOTE": {"_BUNOPS_QUOTE": b"x"},
    }
    assert refused(dotenv(path.parent / "no/where", owner="nonesuch", mode="777"), wanted) == [
        "owner nonesuch: no such user here; expected a name that this machine knows, or a number",
        'mode 777: expected octal digits in quotes, as "0400", with which the owner may read and others not write',
        f"{path.parent}/no is no directory; expected one",
        "secrets A and A_ACL would all be kept as A_ACL; expected a name for each",
        "secret A: the value of A_ACL has a NUL byte, which no environment variable can hold",
        "secret A_ACL: the value of A_ACL is not UTF-8 text, which Compose and Bun would change",
        "secret PPID: PPID is a variable with a meaning of its own; expected another name",
        "secret _BUNOPS_QUOTE: _BUNOPS_QUOTE is a variable with a meaning of its own; expected another name",
        "secret a-b: a-b is no name of a variable; expected letters, digits and _, no digit first",
        "secret tls.crt: tls.crt is no name of a variable; expected letters, digits and _, no digit first",
    ]


def test_it_has_no_former_versions(path: Path) -> None:
    sync(dotenv(path), FIRST)
    target = dotenv(path)
    with pytest.raises(
        SecretError, match=r"dotenv .*: it keeps one version of each of its 2 secrets; expected a target"
    ):
        target.previous(target.observe())
    assert target.collect(keep=1) == []
    assert target.rollout({}, target.observe(), ["API_KEY"]) is None


def test_what_a_killed_run_left_is_collected(path: Path) -> None:
    sync(dotenv(path), FIRST)
    left = path.with_name("..env.secrets.new")
    left.write_text("API_KEY='half")
    assert dotenv(path).collectable(keep=2) == [str(left)]
    assert dotenv(path).collect(keep=2) == [str(left)]
    assert names(path.parent) == [".env.secrets"]


def test_a_failed_version_leaves_nothing(path: Path) -> None:
    sync(dotenv(path), FIRST)
    former = path.read_bytes()
    target = dotenv(path)
    before = target.observe()
    after = target.next(before, SECOND, ["API_KEY"])
    target.write(before, after)
    target.restore(before, after)
    assert path.read_bytes() == former
    target.restore({}, before)
    assert names(path.parent) == []


def test_remove_leaves_nothing(path: Path) -> None:
    sync(dotenv(path), FIRST)
    dotenv(path).remove()
    assert names(path.parent) == []
    dotenv(path).remove()
