# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One clear sentence for whatever is wrong, and no secret in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.queue_info.asking import measured, observer, problem
from ansible_collections.bunops.platform.tests.integration.queue_info.servers import Network, Server
from ansible_collections.bunops.platform.tests.integration.queue_meter.platform_redis import PlatformRedis
from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually
from ansible_collections.bunops.platform.tests.integration.run_module import Module
from ansible_collections.bunops.platform.tests.integration.secret_sync.redis.server import Connection

QUEUES = [{"name": "fetch"}]
CANARY = "canary-Tr0ub4dor"


class TestLogin:
    def test_a_wrong_password(self, redis: PlatformRedis) -> None:
        said = problem(**{**observer(redis), "password": CANARY}, queues=QUEUES)
        user = f"the user observer of Redis at 127.0.0.1:{redis.port}"
        assert said == f"password: wrong for {user}, or there is no such user; expected the password of one"

    def test_a_wrong_password_in_a_file(self, redis: PlatformRedis, tmp_path: Path) -> None:
        (tmp_path / "password").write_text(f"{CANARY}\n")
        options = {**observer(redis), "password": None, "password_file": str(tmp_path / "password")}
        assert problem(**options, queues=QUEUES).startswith("password_file: wrong for the user observer of ")

    def test_the_right_password_in_a_file(self, redis: PlatformRedis, tmp_path: Path) -> None:
        (tmp_path / "password").write_text(f" {observer(redis)['password']}\n")
        options = {**observer(redis), "password": None, "password_file": str(tmp_path / "password")}
        assert measured(**options, queues=QUEUES)[0]["exists"] is False

    def test_no_password(self, redis: PlatformRedis) -> None:
        said = problem(url=observer(redis)["url"], queues=QUEUES)
        assert (
            said == f"password: nothing, and Redis at 127.0.0.1:{redis.port} wants one of the user default; expected it"
        )

    def test_a_password_where_there_is_none(self, server: Server) -> None:
        said = problem(url=server.url, password=CANARY, queues=QUEUES)
        assert (
            said
            == f"password: given, but Redis at {server.ip}:6379 has no password for the user default; expected none"
        )


class TestReach:
    def test_nobody_listens(self) -> None:
        said = problem(url="redis://127.0.0.1:1", queues=QUEUES)
        assert said == "url: Redis at 127.0.0.1:1 gives no answer: connection refused; expected it to run"

    def test_a_name_that_is_not_known(self) -> None:
        said = problem(url="redis://nowhere.invalid", queues=QUEUES)
        assert said.startswith("url: Redis at nowhere.invalid:6379 gives no answer: ")
        assert "name" in said.partition("answer: ")[2], said

    def test_a_name_that_cannot_be_one(self) -> None:
        said = problem(url=f"redis://{'x' * 64}.example", queues=QUEUES)
        assert said.startswith("url: Redis at xxx") and "gives no answer: " in said

    def test_silence(self, server: Server) -> None:
        server.container.pause()
        begin = time.monotonic()
        try:
            said = problem(url=server.url, timeout=0.5, queues=QUEUES)
        finally:
            server.container.unpause()
        assert 0.5 <= time.monotonic() - begin < 3
        assert said == f"url: Redis at {server.ip}:6379 gives no answer: nothing within 0.5 s; expected it to run"

    def test_too_many_others(self, servers: Network) -> None:
        full = servers.start("full")
        with Connection(6379, full.ip) as other:
            other("CONFIG", "SET", "maxclients", "1")
            said = problem(url=full.url, queues=QUEUES)
        sentence = "has as many clients as it takes; expected room for one more"
        assert said == f"url: Redis at {full.ip}:6379 {sentence}"

    def test_something_else_listens(self, servers: Network) -> None:
        # A Sentinel knows none of the commands.
        master = servers.start("watched")
        sentinel = servers.sentinel("other", "shop", master)
        said = problem(url=f"redis://{sentinel.ip}:26379", queues=QUEUES)
        commands = "TIME, EXISTS, HGET, LLEN, LRANGE, ZCARD, ZRANGE"
        assert said == f"url: Redis at {sentinel.ip}:26379 does not know {commands}; expected a Redis"


@pytest.fixture
def loading(servers: Network) -> Iterator[Server]:
    """A Redis that reads its file slowly."""
    keep = ["--save", "3600 1", "--enable-debug-command", "yes"]
    server = servers.start("loading", *keep)
    server("DEBUG", "POPULATE", "20000")
    server.container.stop()
    server.container.remove()
    slow = [*keep, "--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"]
    container = servers.run("loading", *slow)
    yield Server(container, servers.name, ())
    container.remove(force=True)


def test_a_redis_that_is_loading(loading: Server) -> None:
    said = ""

    def told() -> bool:
        nonlocal said
        said = problem(url=loading.url, queues=QUEUES)
        return "gives no answer" not in said

    eventually(told, "it answers")
    assert said == f"url: Redis at {loading.ip}:6379 is still loading its data; expected it to be ready"


@pytest.mark.parametrize(
    ("kind", "key", "commands", "found"),
    [
        ("bullmq", "bull:odd:wait", ["SET", "bull:odd:wait", "text"], "is a string; expected a list"),
        ("bullmq", "bull:odd:delayed", ["RPUSH", "bull:odd:delayed", "text"], "is a list; expected a sorted set"),
        ("bullmq", "bull:odd:meta", ["SET", "bull:odd:meta", "text"], "is a string; expected a hash"),
        ("list", "odd", ["ZADD", "odd", "1", "text"], "is a sorted set; expected a list"),
        ("stream", "odd", ["SET", "odd", "text"], "is a string; expected a stream"),
    ],
)
def test_keys_of_another_type(server: Server, kind: str, key: str, commands: list[str], found: str) -> None:
    server(*commands)
    said = problem(url=server.url, queues=[{"name": "fetch"}, {"name": "odd", "type": kind}])
    server("DEL", key)
    assert said == f"queues[1]: the key {key} {found} for type {kind}"


def test_all_problems_are_told_at_once(server: Server) -> None:
    server("SET", "odd:one", "text")
    server("SET", "odd:two", "text")
    queues = [{"name": name, "type": "list"} for name in ("odd:one", "fine", "odd:two")]
    said = problem(url=server.url, queues=queues).splitlines()
    server("DEL", "odd:one", "odd:two")
    assert [line.partition(":")[0] for line in said] == ["queues[0]", "queues[2]"]


def _output(options: dict[str, Any]) -> str:
    """All that the module prints, its arguments too."""
    name = "ansible_collections.bunops.platform.plugins.modules.queue_info"
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": options})
    argv = [sys.executable, "-m", name]
    done = subprocess.run(argv, input=arguments, capture_output=True, text=True, timeout=60, cwd="/", check=False)
    assert done.returncode == 1, done.stdout
    assert json.loads(done.stdout)["failed"] is True
    return done.stdout + done.stderr


class TestSecrecy:
    def test_a_wrong_password(self, redis: PlatformRedis) -> None:
        assert CANARY not in _output({**observer(redis), "password": CANARY, "queues": QUEUES})

    @pytest.mark.parametrize(
        "url",
        [
            f"redis://:{CANARY}@127.0.0.1:6379",
            f"redis://observer:{CANARY}@127.0.0.1:6379/0",
            f"rediss://observer:{CANARY}#@127.0.0.1",
            f"{CANARY}@127.0.0.1",
        ],
    )
    def test_credentials_in_the_url(self, url: str) -> None:
        output = _output({"url": url, "queues": QUEUES})
        assert CANARY not in output
        assert "url: a user or a password in it; expected a URL such as redis://redis:6379" in output

    def test_credentials_in_a_sentinels_address(self) -> None:
        sentinel = {"addresses": [f":{CANARY}@127.0.0.1:26379"], "service": "shop"}
        assert CANARY not in _output({"sentinel": sentinel, "queues": QUEUES})

    def test_a_sentinels_password(self) -> None:
        sentinel = {"addresses": ["127.0.0.1:1"], "service": "shop", "password": CANARY}
        assert CANARY not in _output({"sentinel": sentinel, "queues": QUEUES})


def test_a_machine_without_the_library(tmp_path: Path) -> None:
    (tmp_path / "redis.py").write_text("raise ImportError('as if it were not installed')\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    result = Module("queue_info", PYTHONPATH=path).run(url="redis://127.0.0.1:1", queues=QUEUES)
    assert result["failed"] is True
    assert result["msg"].startswith("Failed to import the required Python library (redis) on ")


def test_options_are_checked_before_anything_is_asked(tmp_path: Path) -> None:
    result = Module("queue_info").failing(
        url="http://redis.example/x",
        username="observer",
        password_file=str(tmp_path / "missing"),
        timeout=0,
        queues=[{"name": "a:b"}, {"name": "todo", "type": "list", "prefix": "bull", "group": "mail"}],
    )
    assert result["msg"].splitlines() == [
        "url: http://redis.example…; expected a URL such as redis://redis:6379 or rediss://redis.example:6380/0",
        f"password_file: {tmp_path}/missing cannot be read: No such file or directory; expected a readable file",
        "timeout: 0; expected seconds, more than 0",
        "queues[0].name: a:b has a colon; expected a name without, as BullMQ's are",
        "queues[1].prefix: given for a queue of type list; expected it for type bullmq only",
        "queues[1].group: given for a queue of type list; expected it for type stream only",
    ]
