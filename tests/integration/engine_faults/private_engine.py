"""A Docker engine of the test's own, to be killed or filled up without touching the machine's.

It lives in its own network namespace: a second engine would otherwise rewrite the first one's packet filter rules.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

READY_LIMIT = 60


class PrivateEngine:
    """``with PrivateEngine() as engine:`` starts it; leaving ends it and everything that it started.

    ``data_bytes`` puts its data on a file system of that size.
    """

    def __init__(self, data_bytes: int | None = None) -> None:
        # Not pytest's folders: the path of a socket may have 104 characters only.
        self._folder = Path(tempfile.mkdtemp(prefix="bunops-engine-"))
        self._data = self._folder / "data"
        self._data_bytes = data_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self.socket = self._folder / "docker.sock"
        self.host = f"unix://{self.socket}"

    def __enter__(self) -> PrivateEngine:
        self._data.mkdir()
        if self._data_bytes is not None:
            options = f"size={self._data_bytes}"
            subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(self._data)], check=True)
        try:
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._remove()

    def _remove(self) -> None:
        self.docker("ps", "-aq", then=("rm", "-f"))
        self.stop()
        # Besides ours, an engine that was killed leaves its own mount there, onto itself.
        while subprocess.run(["umount", "-l", str(self._data)], capture_output=True, check=False).returncode == 0:
            pass
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        daemon = ["dockerd", "--host", self.host, "--data-root", str(self._data), "--exec-root", f"{self._folder}/exec"]
        daemon += ["--pidfile", f"{self._folder}/docker.pid", "--default-address-pool", "base=10.231.0.0/16,size=24"]
        (self._folder / "docker.pid").unlink(missing_ok=True)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *daemon],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_ready()

    def kill(self) -> None:
        """End the engine as a crash would: its containers' processes and their shims live on."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def docker(self, *arguments: str, then: tuple[str, ...] = ()) -> str:
        """Run the command line against this engine; ``then`` is run with what the first one listed."""
        listed = subprocess.run(
            ["docker", "--host", self.host, *arguments], capture_output=True, text=True, timeout=60, check=False
        ).stdout
        if then and listed.split():
            return self.docker(*then, *listed.split())
        return listed

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + READY_LIMIT
        while not self.docker("version", "--format", "{{.Server.Version}}").strip():
            assert time.monotonic() < end, (self._folder / "log").read_text()[-2000:]
            time.sleep(0.2)
