# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A real Redis with the ACL file: who may do what, of all that this Redis can do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.secret_sync.redis.conftest import Secrets, Start
from ansible_collections.bunops.platform.tests.integration.secret_sync.redis.server import Connection, Refused, Server

PROGRAMS, OBSERVER = "REDIS_PASSWORD", "REDIS_OBSERVER_PASSWORD"
# Before a login everybody may do these; Redis asks no ACL for them.
ALWAYS = {"auth", "hello", "quit", "reset"}
MEASURES = {"exists", "type", "llen", "lindex", "lrange", "zcard", "zcount", "zrange", "hget", "hmget", "xlen", "time"}
# Every command that BullMQ 6.7 sends, and every one in its scripts.
BULLMQ = """
    auth bzpopmin client|info client|setname del eval evalsha exec exists get hdel hello hexists hget hgetall hincrby
    hlen hmget hmset hset incr incrby info lindex llen lpop lpos lpush lrange lrem lset ltrim multi persist pexpire
    pexpireat ping pttl quit rename rpop rpoplpush rpush sadd scan scard script|load set sismember smembers srem time
    type unlink xadd xdel xlen xrange xread xtrim zadd zcard zcount zlexcount zpopmin zrange zrangebylex zrangebyscore
    zrem zremrangebyrank zremrangebyscore zrevrange zrevrangebyscore zscore
"""
ADMINISTRATION = [
    "config get *",
    "config set maxmemory 0",
    "acl list",
    "acl setuser default nopass",
    "acl whoami",
    "shutdown nosave",
    "replicaof no one",
    "slaveof no one",
    "module list",
    "flushall",
    "flushdb",
    "swapdb 0 1",
    "keys *",
    "monitor",
    "save",
    "bgsave",
    "bgrewriteaof",
    "client list",
    "client kill type normal",
    "client pause 1",
    "slowlog get",
    "latency latest",
    "role",
    "cluster info",
    "sort k",
    "migrate 127.0.0.1 1 k 0 1",
    "restore k 0 x",
    "function list",
    "fcall f 0",
    "script flush",
    "script kill",
]


@pytest.fixture
def redis(kept: Secrets, start: Start) -> Server:
    kept.sync(PROGRAMS, OBSERVER)
    return start(kept.acl)


def may(connection: Connection, *words: str) -> bool:
    """Whether the command is let in, however it then ends."""
    try:
        connection(*words)
    except Refused as refused:
        return not str(refused).startswith("NOPERM")
    return True


def test_programs_may_work_with_data(redis: Server, kept: Secrets) -> None:
    with redis.as_user("default", kept.value(PROGRAMS)) as connection:
        assert connection("PING") == "PONG"
        assert connection("CLIENT", "SETNAME", "bull:test") == "OK"
        assert "redis_version:" in connection("INFO")
        assert connection("XADD", "events", "*", "event", "added")
        assert connection("XREAD", "BLOCK", "1", "STREAMS", "events", "$") is None
        assert connection("BZPOPMIN", "marker", "0.01") is None
        script = "redis.call('LPUSH', KEYS[1], ARGV[1]); return redis.call('LLEN', KEYS[1])"
        assert connection("EVAL", script, "1", "wait", "job") == 1
        digest = connection("SCRIPT", "LOAD", script)
        assert connection("EVALSHA", digest, "1", "wait", "job") == 2
        connection("MULTI")
        connection("ZADD", "delayed", "1", "job")
        assert connection("EXEC") == [1]
        assert connection("SCAN", "0")[0] == "0"


@pytest.mark.parametrize("command", ADMINISTRATION)
def test_programs_may_not_rule_the_server(redis_of_all: tuple[Server, Secrets], command: str) -> None:
    server, kept = redis_of_all
    with server.as_user("default", kept.value(PROGRAMS)) as connection, pytest.raises(Refused, match=r"^NOPERM"):
        connection(*command.split())


@pytest.mark.parametrize("call", ["'FLUSHALL'", "'KEYS', '*'", "'CONFIG', 'GET', '*'", "'ROLE'"])
def test_a_script_may_not_either(redis_of_all: tuple[Server, Secrets], call: str) -> None:
    server, kept = redis_of_all
    with server.as_user("default", kept.value(PROGRAMS)) as connection:
        with pytest.raises(Refused, match=r"can't run this command|not allowed from script"):
            connection("EVAL", f"return redis.call({call})", "0")
        assert connection("EVAL", "return redis.call('PING')", "0") == "PONG"


def test_who_measures_may_read_a_queue_and_nothing_else(redis: Server, kept: Secrets) -> None:
    with redis.as_user("default", kept.value(PROGRAMS)) as programs:
        programs("RPUSH", "bull:fetch:wait", "1", "2")
        programs("ZADD", "bull:fetch:delayed", "5", "3")
        programs("HSET", "bull:fetch:meta", "paused", "1")
        programs("XADD", "bull:fetch:events", "*", "event", "added")
    with redis.as_user("observer", kept.value(OBSERVER)) as connection:
        assert connection("PING") == "PONG"
        assert [connection("TYPE", f"bull:fetch:{key}") for key in ("wait", "delayed", "none")] == [
            "list",
            "zset",
            "none",
        ]
        assert connection("LLEN", "bull:fetch:wait") == 2
        assert connection("ZCOUNT", "bull:fetch:delayed", "-inf", "10") == 1
        assert connection("HMGET", "bull:fetch:meta", "paused", "none") == ["1", None]
        assert connection("XLEN", "bull:fetch:events") == 1
        assert connection("XINFO", "STREAM", "bull:fetch:events")[:2] == ["length", 1]
        assert "used_memory:" in connection("INFO")
        for refused in (
            "EVAL return(1) 0",
            "LPUSH bull:fetch:wait 4",
            "DEL bull:fetch:wait",
            "SCAN 0",
            "KEYS *",
        ):
            assert not may(connection, *refused.split()), refused
        assert connection("LLEN", "bull:fetch:wait") == 2


def test_the_health_check_may_ping_and_nothing_else(redis: Server) -> None:
    assert redis.healthy()
    with redis.as_user("health", "none") as connection:
        assert connection("PING") == "PONG"
        for refused in ("EVAL return(1) 0", "GET k", "EXISTS k", "INFO", "PUBLISH c m", "SELECT 1", "COMMAND COUNT"):
            assert not may(connection, *refused.split()), refused


def test_nobody_else_gets_in(redis: Server, kept: Secrets) -> None:
    with Connection(redis.port) as connection, pytest.raises(Refused, match=r"^NOAUTH"):
        connection("PING")
    crossed = [("default", ""), ("default", kept.value(OBSERVER)), ("observer", kept.value(PROGRAMS)), ("root", "x")]
    for user, password in crossed:
        with pytest.raises(Refused, match=r"^WRONGPASS"):
            redis.as_user(user, password)


def test_without_a_password_for_it_there_is_no_observer(kept: Secrets, start: Start) -> None:
    kept.sync(PROGRAMS)
    with pytest.raises(Refused, match=r"^WRONGPASS"):
        start(kept.acl).as_user("observer", "")


def test_a_former_password_is_good_for_one_more_version(kept: Secrets, start: Start) -> None:
    kept.sync(PROGRAMS)
    first = kept.value(PROGRAMS)
    kept.sync(PROGRAMS, rotate=[PROGRAMS])
    second = start(kept.acl)
    for password in (first, kept.value(PROGRAMS)):
        second.as_user("default", password).__exit__()
    kept.sync(PROGRAMS, rotate=[PROGRAMS])
    with pytest.raises(Refused, match=r"^WRONGPASS"):
        start(kept.acl).as_user("default", first)


class Everything:
    """All commands of a Redis, with what is said of them, asked as a user who may do everything."""

    def __init__(self, connection: Connection) -> None:
        self._ask = connection
        self.commands = dict(_commands(connection("COMMAND")))

    def of(self, category: str) -> set[str]:
        return set(self._ask("ACL", "CAT", category))

    def allowed(self, user: str) -> set[str]:
        return {name for name, arity in self.commands.items() if self._may(user, name, arity)}

    def _may(self, user: str, name: str, arity: int) -> bool:
        words = name.split("|")
        # Keys and values do not matter: every key may be used by who may use any.
        words += ["1"] * (abs(arity) - len(words))
        return "has no permissions" not in str(self._ask("ACL", "DRYRUN", user, *words))


def _commands(listed: list[Any]) -> Iterator[tuple[str, int]]:
    """Name and arity; of those that have subcommands, these."""
    for entry in listed:
        inner = entry[9] if len(entry) > 9 else []
        yield from _commands(inner) if inner else [(entry[0], entry[1])]


@pytest.fixture
def everything(kept: Secrets, start: Start, tmp_path: Path) -> Iterator[Everything]:
    """The same users, and one more to ask about them."""
    kept.sync(PROGRAMS, OBSERVER)
    file = tmp_path / "with-root.acl"
    file.write_text(kept.acl.read_text() + "user root on nopass ~* &* +@all\n")
    file.chmod(0o444)
    with start(file).as_user("root", "") as connection:
        yield Everything(connection)


def test_of_all_commands_each_user_may_do_just_its_own(everything: Everything) -> None:
    assert len(everything.commands) > 300
    assert everything.allowed("root") == set(everything.commands)
    assert everything.allowed("health") - ALWAYS == {"ping"}
    information = {name for name in everything.commands if name.startswith("xinfo|")}
    assert everything.allowed("observer") - ALWAYS == MEASURES | {"ping", "info"} | information

    programs = everything.allowed("default")
    assert programs & (everything.of("admin") | everything.of("dangerous")) == {"info"}
    assert programs & everything.of("scripting") == {"eval", "evalsha", "script|load", "script|exists"}
    assert set(BULLMQ.split()) <= programs
    for category in ("list", "sortedset", "hash", "stream", "set", "string", "blocking", "pubsub", "transaction"):
        missing = everything.of(category) & set(everything.commands) - programs - everything.of("dangerous")
        assert all(name.endswith("|help") for name in missing), missing


@pytest.fixture(scope="module")
def redis_of_all(
    engine: Any, redis_image: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Secrets]]:
    """One for many tests that change nothing in it."""
    kept = Secrets(tmp_path_factory.mktemp("shared"))
    kept.sync(PROGRAMS, OBSERVER)
    server = Server(engine, redis_image, f"bunops-test-redis-{kept.value(PROGRAMS)[:8]}", kept.acl)
    yield server, kept
    server.container.remove(force=True, v=True)
