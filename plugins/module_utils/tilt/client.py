# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Argument lists and environment for Tilt; nothing is run here.

https://docs.tilt.dev/cli/tilt.html
"""

from __future__ import annotations

from typing import Dict, List, Mapping, Sequence

HOST = "localhost"
# Nothing listens there: the service for discarding has been out of use for decades.
_NOBODY = f"{HOST}:9"


def get_args(port: int) -> List[str]:
    """Session, Tiltfile, resources and clusters of a running Tilt as JSON."""
    return ["tilt", "get", "session,tiltfile,uiresource,cluster", "--output", "json", *_server(port)]


def watch_args(port: int) -> List[str]:
    """The session of a running Tilt as JSON, again whenever it has changed, as long as Tilt runs."""
    return ["tilt", "get", "session", "--output", "json", "--watch", *_server(port)]


def snapshot_args(port: int) -> List[str]:
    """Resources and logs of a running Tilt as JSON."""
    return ["tilt", "snapshot", "create", *_server(port)]


def ci_args(tiltfile: str, args: Sequence[str], port: int, timeout: int, snapshot: str, context: str = "") -> List[str]:
    """Run all to the end; resources and logs are in the file `snapshot` then."""
    return [
        *("tilt", "ci", "--file", tiltfile, *_server(port), "--timeout", f"{timeout}s"),
        *("--output-snapshot-on-exit", snapshot),
        *_on(context),
        *_given(args),
    ]


def up_args(tiltfile: str, args: Sequence[str], port: int, context: str = "") -> List[str]:
    """Run all and keep it current."""
    return ["tilt", "up", "--file", tiltfile, *_server(port), "--stream", *_on(context), *_given(args)]


def args_args(args: Sequence[str], port: int) -> List[str]:
    """Give a running Tilt other arguments for its Tiltfile."""
    return ["tilt", "args", *_server(port), *(_given(args) or ["--clear"])]


def down_args(tiltfile: str, args: Sequence[str], context: str = "") -> List[str]:
    """Remove what the Tiltfile has made."""
    return ["tilt", "down", "--file", tiltfile, *_on(context), *_given(args)]


def result_args(tiltfile: str, args: Sequence[str], context: str = "") -> List[str]:
    """What the Tiltfile comes to, as JSON; nothing of it is run."""
    return ["tilt", "alpha", "tiltfile-result", "--file", tiltfile, *_on(context), *_given(args)]


def environment(base: Mapping[str, str]) -> Dict[str, str]:
    """Environment of all calls: no analytics, and no question for newer versions, which goes to the cloud's address."""
    known = {
        **base,
        "TILT_DISABLE_ANALYTICS": "1",
        "DO_NOT_TRACK": "1",
        "TILT_CLOUD_ADDRESS": _NOBODY,
        "DOCKER_CLI_HINTS": "false",
    }
    # Given as arguments; Tilt refuses to start with odd values in them.
    known.pop("TILT_PORT", None)
    known.pop("TILT_HOST", None)
    return known


def url(port: int) -> str:
    """Address of Tilt's page."""
    return f"http://{HOST}:{port}/"


def _server(port: int) -> List[str]:
    return ["--host", HOST, "--port", str(port)]


def _on(context: str) -> List[str]:
    return ["--context", context] if context else []


def _given(args: Sequence[str]) -> List[str]:
    return ["--", *args] if args else []
