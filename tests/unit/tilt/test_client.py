# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How Tilt is called."""

from __future__ import annotations

from ansible_collections.bunops.platform.plugins.module_utils.tilt import client


def test_calls() -> None:
    server = "--host localhost --port 10350"
    assert " ".join(client.up_args("/a/Tiltfile", ["x", "--y=1"], 10350)) == (
        f"tilt up --file /a/Tiltfile {server} --stream -- x --y=1"
    )
    assert " ".join(client.ci_args("/a/Tiltfile", [], 10350, 90, "/tmp/s")) == (
        f"tilt ci --file /a/Tiltfile {server} --timeout 90s --output-snapshot-on-exit /tmp/s"
    )
    assert " ".join(client.args_args(["x"], 10350)) == f"tilt args {server} -- x"
    assert " ".join(client.args_args([], 10350)) == f"tilt args {server} --clear"
    assert " ".join(client.down_args("/a/Tiltfile", ["x"])) == "tilt down --file /a/Tiltfile -- x"


def test_the_environment_keeps_tilt_at_home() -> None:
    env = client.environment({"PATH": "/bin", "TILT_PORT": "many", "TILT_HOST": "0.0.0.0"})
    assert env == {
        "PATH": "/bin",
        "TILT_DISABLE_ANALYTICS": "1",
        "DO_NOT_TRACK": "1",
        "TILT_CLOUD_ADDRESS": "localhost:9",
        "DOCKER_CLI_HINTS": "false",
    }
