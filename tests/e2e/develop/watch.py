"""`docker compose watch`, as it runs in a terminal beside the editor."""

from __future__ import annotations

import subprocess
from types import TracebackType

from ansible_collections.bunops.platform.tests.e2e.develop.developed import LIMIT, Developed
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import eventually


class Watch:
    """Copies what is edited."""

    def __init__(self, platform: Developed) -> None:
        self._project = platform.file
        self._directory = platform.directory
        self._output = platform.directory / "watch.log"

    def __enter__(self) -> Watch:
        # The line that the README tells: relative, from the project's directory.
        project = str(self._project.relative_to(self._directory))
        argv = ["docker", "compose", "--file", project, "watch", "--no-up"]
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(argv, cwd=self._directory, stdout=output, stderr=subprocess.STDOUT)
        try:
            self.await_text("Watch enabled")
        except AssertionError as error:
            self._process.kill()
            raise AssertionError(self.output()) from error
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(30)

    def lives(self) -> bool:
        return self._process.poll() is None

    def output(self) -> str:
        return self._output.read_text(errors="replace")

    def await_text(self, text: str, limit: float = LIMIT) -> None:
        eventually(lambda: True if text in self.output() else None, limit)
