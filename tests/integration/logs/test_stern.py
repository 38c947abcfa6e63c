# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The real stern, with a stand-in for the API server: what it asks for, and that its output is understood."""

from __future__ import annotations

import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.bunops.platform.tests.integration.logs.program import LIMIT, PROGRAM

pytestmark = pytest.mark.skipif(shutil.which("stern") is None, reason="there is no stern on the PATH")

MINUTE = "2026-11-27T22:14"
# Seconds, and what was logged then.
LOGS: dict[str, list[tuple[str, object]]] = {
    "api": [
        ("03.512", {"level": "info", "service": "api", "job": "j1", "msg": "job accepted"}),
        ("06.000", {"level": "warn", "service": "api", "msg": "the last one"}),
    ],
    "worker": [
        ("03.559", {"level": "info", "service": "worker", "job": "j1", "msg": "job started"}),
        ("04.219", {"level": "info", "service": "worker", "job": "j1", "task": "fetcher", "msg": "fetching"}),
    ],
    "redis": [("00.200", "1:M 27 Nov 2026 22:14:00.199 * Ready to accept connections tcp")],
}
SHOWN = """\
22:14:00.200 redis        info  1:M 27 Nov 2026 22:14:00.199 * Ready to accept connections tcp
22:14:03.512 api          info  job accepted  job=j1
22:14:03.559 worker       info  job started  job=j1
22:14:04.219 fetcher      info  fetching  job=j1
22:14:06.000 api          warn  the last one
"""


class ApiServer(http.server.BaseHTTPRequestHandler):
    """Knows the pods of the namespace atlas, and what they have logged."""

    def do_GET(self) -> None:
        target = urlsplit(self.path)
        if target.path == "/api/v1/namespaces/atlas/pods":
            pods = {"kind": "PodList", "apiVersion": "v1", "items": [_pod(name) for name in LOGS]}
            self._answer("application/json", json.dumps(pods))
        else:
            (container,) = parse_qs(target.query)["container"]
            assert target.path == f"/api/v1/namespaces/atlas/pods/{container}-0/log"
            lines = (f"{MINUTE}:{seconds}000000Z {_line(said)}\n" for seconds, said in LOGS[container])
            self._answer("text/plain", "".join(lines))

    def _answer(self, kind: str, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


def _line(said: object) -> str:
    return said if isinstance(said, str) else json.dumps(said)


def _pod(name: str) -> dict[str, object]:
    status = {"name": name, "containerID": f"containerd://{name}", "state": {"running": {}}}
    return {
        "metadata": {"name": f"{name}-0", "namespace": "atlas"},
        "spec": {"containers": [{"name": name}]},
        "status": {"phase": "Running", "containerStatuses": [status]},
    }


@pytest.fixture
def kubeconfig(tmp_path: Path) -> Iterator[Path]:
    """With a context kind-local, which is not the current one."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), ApiServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    file = tmp_path / "kubeconfig"
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "production",
        "contexts": [{"name": "kind-local", "context": {"cluster": "stub", "user": "nobody"}}],
        "clusters": [{"name": "stub", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "users": [{"name": "nobody", "user": {}}],
    }
    file.write_text(json.dumps(content))
    yield file
    server.shutdown()
    server.server_close()


def run(kubeconfig: Path, **variables: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, PROGRAM],
        cwd=kubeconfig.parent,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(kubeconfig.parent),
            "KUBECONFIG": str(kubeconfig),
            "TZ": "UTC",
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_log_of_a_namespace(kubeconfig: Path) -> None:
    assert run(kubeconfig, CONTEXT="kind-local", NAMESPACE="atlas") == (0, SHOWN, "")
    of_the_job = "".join(SHOWN.splitlines(keepends=True)[1:4])
    assert run(kubeconfig, CONTEXT="kind-local", NAMESPACE="atlas", JOB="j1") == (0, of_the_job, "")


def test_what_the_user_has_configured_for_stern_hides_nothing(kubeconfig: Path) -> None:
    settings = kubeconfig.parent / ".config/stern/config.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("template: x\nexclude: [accepted]\n")
    assert run(kubeconfig, CONTEXT="kind-local", NAMESPACE="atlas") == (0, SHOWN, "")


def test_no_such_context(kubeconfig: Path) -> None:
    problem = 'logs: stern: Error: context "nope" does not exist\n'
    assert run(kubeconfig, CONTEXT="nope", NAMESPACE="atlas") == (1, "", problem)
