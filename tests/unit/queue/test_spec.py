# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What options mean, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.queue import addresses
from ansible_collections.bunops.platform.plugins.module_utils.queue.addresses import Address, Place, passwords_in
from ansible_collections.bunops.platform.plugins.module_utils.queue.errors import QueueError
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import Login, Sentinel, Wanted, wanted_of
from ansible_collections.bunops.platform.tests.integration.queue_info.asking import filled

URL = "redis://redis:6379"
EXPECTED = "expected a URL such as redis://redis:6379 or rediss://redis.example:6380/0"
FETCH = [{"name": "fetch"}]


def wanted(**options: Any) -> Wanted:
    return wanted_of(filled({"url": URL, "queues": FETCH, **options}))


def problems(**options: Any) -> list[str]:
    with pytest.raises(QueueError) as caught:
        wanted(**options)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("redis://redis", Place(Address("redis", 6379))),
        ("redis://redis/", Place(Address("redis", 6379))),
        ("redis://redis:6380/15", Place(Address("redis", 6380), 15)),
        ("rediss://redis.example:6380/0", Place(Address("redis.example", 6380), 0, True)),
        ("redis://[::1]:7000", Place(Address("::1", 7000))),
    ],
)
def test_urls(url: str, place: Place) -> None:
    found: list[str] = []
    assert addresses.read_url(url, False, found) == place
    assert found == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (None, "nothing"),
        ("", "no URL of Redis"),
        ("redis", "no URL of Redis"),
        ("redis://", "no URL of Redis"),
        ("http://redis:6379", "http://redis…"),
        ("redis://redis:6379/x", "redis://redis…"),
        ("redis://redis:0", "redis://redis…"),
        ("redis://redis:port", "no URL of Redis"),
        ("redis://redis:66666", "no URL of Redis"),
        ("redis://redis?password=secret", "redis://redis…"),
        ("redis://redis#secret", "redis://redis…"),
        ("redis://[::1", "no URL of Redis"),
    ],
)
def test_urls_that_are_none(url: str | None, shown: str) -> None:
    assert problems(url=url) == [f"url: {shown}; {EXPECTED}"]


@pytest.mark.parametrize(
    ("url", "hidden"),
    [
        ("redis://:secret@redis", {":secret", "secret"}),
        ("redis://me:se%40cret@redis", {"me:se%40cret", "se%40cret", "se@cret"}),
        ("redis://secret@redis", {"secret"}),
        ("redis://me:a@b#c@redis", {"me:a@b#c", "a@b#c"}),
        ("secret@redis", {"secret"}),
        ("redis://redis", set()),
    ],
)
def test_passwords_in_urls_are_refused_and_hidden(url: str, hidden: set[str]) -> None:
    assert set(passwords_in(url)) == hidden
    if hidden:
        sentence = f"url: a user or a password in it; {EXPECTED}, with username and password beside it"
        assert problems(url=url) == [sentence]


class TestLogin:
    def test_it_may_come_from_a_file(self, tmp_path: Path) -> None:
        file = tmp_path / "password"
        file.write_text("  secret word \n")
        assert wanted(username="me", password="secret").login == Login("me", "secret")
        assert wanted(password_file=str(file)).login == Login(None, "secret word", "password_file")
        assert wanted().login == Login()

    def test_it_is_not_shown(self) -> None:
        assert "secret" not in repr(wanted(username="me", password="secret"))

    def test_what_is_wrong(self, tmp_path: Path) -> None:
        empty = tmp_path / "empty"
        empty.write_text("\n")
        both = "password: given, and password_file too; expected one of them"
        assert problems(password="secret", password_file=str(empty)) == [both]
        alone = "password: nothing, but username is me; expected the user's password"
        assert problems(username="me") == [alone]
        assert problems(password_file=str(empty)) == [
            f"password_file: {empty} is empty; expected a file with a password"
        ]
        folder = f"password_file: {tmp_path} cannot be read: Is a directory; expected a readable file"
        assert problems(password_file=str(tmp_path)) == [folder]


class TestTls:
    @pytest.mark.parametrize("option", ["ca_cert", "client_cert", "client_key"])
    def test_files_without_tls(self, option: str) -> None:
        sentence = f"{option}: a file, but nothing is encrypted; expected url to begin with rediss://"
        assert problems(**{option: "/etc/ssl/file.pem"}) == [sentence]

    def test_a_key_without_a_certificate(self, tmp_path: Path) -> None:
        key = tmp_path / "key.pem"
        key.write_text("key")
        sentence = "client_key: a file, but there is no client_cert; expected both"
        assert problems(url="rediss://redis", client_key=str(key)) == [sentence]

    def test_files_that_are_missing(self) -> None:
        found = problems(url="rediss://redis", ca_cert="/nowhere/ca.pem", client_cert="/nowhere/me.pem")
        assert [line.partition(" cannot")[0] for line in found] == [
            "ca_cert: /nowhere/ca.pem",
            "client_cert: /nowhere/me.pem",
        ]


class TestSentinel:
    def test_addresses(self) -> None:
        known = {"addresses": ["one", "two:26380", "[::1]:1"], "service": "shop"}
        found = wanted(url="rediss:///2", sentinel=known)
        places = (Address("one", 26379), Address("two", 26380), Address("::1", 1))
        assert found.at == Sentinel(places, "shop", Login(option="sentinel.password"))
        assert (found.database, found.tls is not None) == (2, True)
        assert wanted(url=None, sentinel=known).tls is None

    def test_what_is_wrong(self) -> None:
        known = {"addresses": ["redis://one", "me:secret@two", "three:x", ""], "service": "", "username": "me"}
        such = "expected such as sentinel.example:26379"
        assert problems(sentinel=known) == [
            "url: has the host redis, but sentinel tells where Redis is; expected redis:///0 or rediss:///0, or no url "
            "at all",
            f"sentinel.addresses: redis://one; {such}",
            f"sentinel.addresses: a user or a password in it; {such}",
            f"sentinel.addresses: three:x; {such}",
            f"sentinel.addresses: an empty text; {such}",
            "sentinel.service: an empty text; expected a name that the Sentinels know",
            "sentinel.password: nothing, but sentinel.username is me; expected the user's password",
        ]

    def test_none(self) -> None:
        none = "sentinel.addresses: none; expected such as sentinel.example:26379"
        assert problems(url=None, sentinel={"addresses": [], "service": "shop"}) == [none]


class TestCluster:
    def test_what_is_wrong(self) -> None:
        sentinel = {"addresses": ["one"], "service": "shop"}
        found = problems(url="redis:///1", sentinel=sentinel, cluster=True, queues=[{"name": "todo", "type": "list"}])
        assert found == [
            "cluster: true, and sentinel is given too; expected one of them",
            "url: database 1; expected none, since a cluster has only database 0",
        ]

    @pytest.mark.parametrize("queue", [{"name": "fetch", "prefix": "{bull}"}, {"name": "{fetch}"}])
    def test_queues_of_one_slot(self, queue: dict[str, str]) -> None:
        assert len(wanted(cluster=True, queues=[queue]).queues) == 1

    @pytest.mark.parametrize("prefix", ["bull", "{bull", "{}bull"])
    def test_queues_of_many_slots(self, prefix: str) -> None:
        found = problems(cluster=True, queues=[{"name": "fetch", "prefix": prefix}])
        assert found[0].startswith(f"queues[0].prefix: {prefix} spreads the queue's keys over a cluster")


def test_queues_that_are_none() -> None:
    assert problems(queues=[]) == ["queues: none; expected such as [{name: fetch}]"]
    queues = [{"name": ""}, {"name": "a", "prefix": ""}, {"name": "a", "type": "stream", "group": ""}]
    sentence = "an empty text; expected 1 character or more"
    paths = ["queues[0].name", "queues[1].prefix", "queues[2].group"]
    assert problems(queues=queues) == [f"{path}: {sentence}" for path in paths]


@pytest.mark.parametrize("timeout", [0, -1.5])
def test_no_time_at_all(timeout: float) -> None:
    assert problems(timeout=timeout) == [f"timeout: {timeout:g}; expected seconds, more than 0"]
