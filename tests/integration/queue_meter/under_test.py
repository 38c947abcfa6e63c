# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The meter's image in a container, run with the least rights, and its client."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.tests.integration.queue_meter.platform_redis import OBSERVER_PASSWORD
from ansible_collections.bunops.platform.tests.integration.queue_meter.waiting import eventually

ANSWER_LIMIT = 10


class Meter:
    """Measures queues of the Redis in its network, as the user ``observer``; it sees ``folder`` as /run/secrets."""

    def __init__(
        self,
        engine: Any,
        image: str,
        network: str,
        queues: Sequence[Mapping[str, str]],
        folder: Path,
        **environment: str,
    ) -> None:
        self.password_file = folder / "REDIS_PASSWORD"
        self.password_file.write_text(OBSERVER_PASSWORD)
        self.container = engine.containers.run(
            image,
            name=f"{network}-meter-{folder.name.replace('_', '-')}",
            detach=True,
            network=network,
            user="1000:1000",
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            mem_limit="128m",
            environment={
                "QUEUES": json.dumps(queues),
                "REDIS_URL": "redis://redis:6379",
                "REDIS_USER": "observer",
                "REDIS_PASSWORD_FILE": "/run/secrets/REDIS_PASSWORD",
                **environment,
            },
            volumes={str(folder): {"bind": "/run/secrets", "mode": "ro"}},
            ports={"8080/tcp": ("127.0.0.1", None)},
        )
        eventually(self.healthy, "the meter is healthy")
        self._port = int(self.container.ports["8080/tcp"][0]["HostPort"])

    def healthy(self) -> bool:
        """What the image's health check found."""
        self.container.reload()
        assert self.container.status == "running", self.container.logs().decode()
        return bool(self.container.attrs["State"]["Health"]["Status"] == "healthy")

    def get(self, path: str) -> tuple[int, str]:
        """Status and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_LIMIT)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def depth(self, name: str) -> dict[str, Any]:
        """What the meter says of a queue that it can measure."""
        status, body = self.get(f"/queues/redis/{name}")
        assert status == 200, body
        depth: dict[str, Any] = json.loads(body)
        return depth

    def samples(self) -> dict[str, float]:
        """The metrics, by name and labels."""
        status, body = self.get("/metrics")
        assert status == 200, body
        lines = [line for line in body.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.container.logs().decode().splitlines()]
