# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Two stores with the platform's users, and what the modules take to back them up and restore them."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import redis

from ansible_collections.bunops.platform.plugins.module_utils.backup import snapshot_libsql
from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.derived import redis_acl
from ansible_collections.bunops.platform.plugins.module_utils.secrets.generate import ed25519_token
from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually
from ansible_collections.bunops.platform.tests.integration.run_module import Module

PASSWORD = "canary-password-of-the-programs"
BACKUP_PASSWORD = "canary-password-of-the-backup"
ROWS = 40
# What a dump may trip over: quotes, ends of lines and statements, a NUL, what is no ASCII.
TEXT = "it's a;\nline \\n \r\n-- \x00 COMMIT;\nINSERT ☃ 'x"


class Stores:
    """The containers have the names of the volumes, and the project's for a beginning."""

    def __init__(self, engine: Any, images: dict[str, str], project: str, folder: Path) -> None:
        self.engine = engine
        self.project = project
        self.folder = folder
        self.images = {"redis": images["redis"], "libsql": images["turso"]}
        token = ed25519_token()
        self.token = token["token"]
        files = {
            "users.acl": redis_acl([PASSWORD.encode()], (), [BACKUP_PASSWORD.encode()]).decode(),
            "key.pub": token["public_key"],
            "password": BACKUP_PASSWORD,
            "token": self.token,
        }
        for name, content in files.items():
            (folder / name).write_text(content)
        (folder / "backups").mkdir(mode=0o700)

    @property
    def directory(self) -> Path:
        """Where this project's backups are."""
        return self.folder / "backups" / self.project

    def start(self) -> None:
        self._run(
            "redis", "/data", 6379, ["redis-server", "--save", "", "--appendonly", "yes", "--aclfile", "/s/users.acl"]
        )
        arguments = ["--http-listen-addr", "0.0.0.0:8080", "--db-path", "/var/lib/sqld/data", "--no-welcome"]
        self._run("libsql", "/var/lib/sqld", 8080, ["sqld", *arguments, "--auth-jwt-key-file", "/s/key.pub"])
        eventually(self._answers, "the stores")

    def _run(self, kind: str, data_dir: str, port: int, command: list[str]) -> None:
        name = f"{self.project}_{kind}"
        self.engine.containers.run(
            self.images[kind],
            command,
            name=name,
            detach=True,
            user="1000:1000",
            read_only=True,
            tmpfs={"/tmp": ""},
            cap_drop=["ALL"],
            healthcheck={"test": ["NONE"]},
            volumes={name: {"bind": data_dir}, str(self.folder): {"bind": "/s", "mode": "ro"}},
            ports={f"{port}/tcp": ("127.0.0.1", None)},
        )

    def _answers(self) -> bool:
        try:
            with self.redis() as client:
                client.ping()
            self.sql("SELECT 1")
        except (redis.RedisError, BackupError):
            return False
        return True

    def stop(self) -> None:
        for kind in self.images:
            self.engine.containers.get(f"{self.project}_{kind}").remove(force=True)

    def lose(self) -> None:
        """The containers and their volumes."""
        self.stop()
        for kind in self.images:
            self.engine.volumes.get(f"{self.project}_{kind}").remove()

    def port(self, kind: str) -> int:
        ports = self.engine.containers.get(f"{self.project}_{kind}").ports
        return int(next(iter(ports.values()))[0]["HostPort"])

    def redis(self) -> Any:
        return redis.Redis("127.0.0.1", self.port("redis"), password=PASSWORD, socket_timeout=10)

    def sql(self, statement: str) -> list[list[dict[str, str]]]:
        headers = {"Authorization": f"Bearer {self.token}"}
        return snapshot_libsql.query("libsql", f"http://127.0.0.1:{self.port('libsql')}", headers, statement, 30)

    def fill(self) -> None:
        quoted = TEXT.replace("'", "''").split("\x00")
        text = "'" + "'||char(0)||'".join(quoted) + "'"
        self.sql("CREATE TABLE jobs (\n  id TEXT PRIMARY KEY,\n  text TEXT, -- not NULL;\n  n REAL, screenshot BLOB\n)")
        self.sql("CREATE INDEX jobs_by_n ON jobs (n, id)")
        chance = random.Random(1)
        for number in range(ROWS):
            image = chance.randbytes(1000 + number).hex()
            self.sql(f"INSERT INTO jobs VALUES ('{number}', {text}, {number / 3}, X'{image}')")
        with self.redis() as client:
            client.set("plain", b"\x00\xff\r\n")
            client.rpush("list", *range(300))
            client.zadd("sorted", {"a": 0.1, "b": 2})
            client.hset("hash", mapping={str(number): chance.randbytes(20) for number in range(600)})
            client.xadd("stream", {"a": 1})
            client.set("going", "soon", ex=5)

    def content(self) -> dict[str, Any]:
        """Everything in both, but what expires."""
        rows = self.sql("SELECT id, hex(text), n, hex(screenshot) FROM jobs ORDER BY id")
        schema = self.sql("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        with self.redis() as client:
            keys = {key: client.dump(key) for key in ("plain", "list", "sorted", "hash", "stream")}
            values = {
                "hash": client.hgetall("hash"),
                "list": client.lrange("list", 0, -1),
                "plain": client.get("plain"),
                "sorted": client.zrange("sorted", 0, -1, withscores=True),
                "stream": client.xrange("stream"),
            }
        assert all(keys.values())
        return {"rows": rows, "schema": schema, "values": values}

    def backup_options(self, **options: Any) -> dict[str, Any]:
        urls = {"redis": f"redis://127.0.0.1:{self.port('redis')}", "libsql": f"http://127.0.0.1:{self.port('libsql')}"}
        files = {"redis": self.folder / "password", "libsql": self.folder / "token"}
        stores = [
            {"name": kind, "kind": kind, "image": image, "url": urls[kind], "secret_file": str(files[kind])}
            for kind, image in self.images.items()
        ]
        stores[0]["username"] = "backup"
        return {"name": self.project, "directory": str(self.folder / "backups"), "stores": stores, **options}

    def restore_options(self, **options: Any) -> dict[str, Any]:
        stores = [
            {"name": kind, "kind": kind, "image": image, "volume": f"{self.project}_{kind}"}
            for kind, image in self.images.items()
        ]
        return {"name": self.project, "directory": str(self.folder / "backups"), "stores": stores, **options}

    def leftovers(self) -> list[str]:
        """What only scratch instances have."""
        api, marked = self.engine.api, {"label": f"io.bunops.scratch={self.project}"}
        found = [*api.containers(all=True, filters=marked), *api.networks(filters=marked)]
        found += api.volumes(filters=marked)["Volumes"] or []
        return [str(each.get("Names") or each["Name"]) for each in found]


BACKUP = Module("store_backup")
RESTORE = Module("store_restore")
