"""A web server with pages to fetch, in a container beside the fetcher."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from ansible_collections.bunops.platform.tests.e2e.platform_under_test import PlatformUnderTest, command, eventually

# The page is one flat colour with a heading, so that a screenshot of it can be told from any other picture.
COLOUR = (18, 140, 90)
SERVER = (Path(__file__).parent / "server.js").read_text()
GALLERY = ("launch", "queues", "manual", "weather", "night", "letters", "reference")


class Pages:
    """Serves http://pages:8000/<anything>; /slow/<anything> takes two seconds."""

    def __init__(self, platform: PlatformUnderTest) -> None:
        self._container = f"{platform.name}-pages"
        self._network = f"{platform.name}_egress-fetcher"
        self._image = f"{platform.name}/api:local"

    def __enter__(self) -> Pages:
        self.start()
        return self

    def start(self) -> None:
        command("docker", "rm", "-f", self._container, check=False)
        start = ["docker", "run", "-d", "--name", self._container, "--network", self._network]
        start += ["--network-alias", "pages", "--entrypoint", "bun", self._image, "-e", SERVER]
        command(*start)
        eventually(lambda: "ready" in command("docker", "logs", self._container) or None, 20)

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        command("docker", "rm", "-f", self._container)

    def url(self, path: str) -> str:
        return f"http://pages:8000{path}"
