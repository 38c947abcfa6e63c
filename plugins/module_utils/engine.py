# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The Docker engine: which one, a connection to it, and its failures as one clear sentence each."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import traceback
from typing import TYPE_CHECKING, Dict, Iterator, Mapping, Optional
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from docker import DockerClient

DEFAULT_HOST = "unix:///var/run/docker.sock"
# Seconds that one answer of the engine may take.
ANSWER_LIMIT = 60


class EngineError(Exception):
    """The engine cannot be used or refused a request; the text is one sentence for people."""


class LibraryMissing(EngineError):
    """The Python library `docker` is not installed; trace holds the failed import."""

    def __init__(self) -> None:
        super().__init__("The Python library 'docker' is not installed.")
        self.trace = traceback.format_exc()


def resolve_host(docker_host: Optional[str], environment: Optional[Mapping[str, str]] = None) -> str:
    """Address of the engine: the option, else DOCKER_HOST, else the default socket."""
    known = os.environ if environment is None else environment
    return docker_host or known.get("DOCKER_HOST") or DEFAULT_HOST


def cli_environment(docker_host: Optional[str], environment: Optional[Mapping[str, str]] = None) -> Dict[str, str]:
    """Environment for the docker command line, so that it talks to the same engine as connect()."""
    known = dict(os.environ if environment is None else environment)
    known["DOCKER_HOST"] = resolve_host(docker_host, known)
    # DOCKER_CONTEXT would win over DOCKER_HOST.
    known.pop("DOCKER_CONTEXT", None)
    return known


def connect(docker_host: Optional[str] = None, timeout: float = ANSWER_LIMIT) -> DockerClient:
    """A client of the engine, its API version agreed on.

    docker_host: unix://, tcp://, http(s):// or ssh:// address (default: see resolve_host); DOCKER_TLS_VERIFY
    and DOCKER_CERT_PATH are honoured. Raises EngineError: no socket, no rights, refused, no answer;
    LibraryMissing without the Python library.
    """
    host = resolve_host(docker_host)
    try:
        from docker.utils import kwargs_from_env

        import docker
    except ImportError:
        raise LibraryMissing() from None
    probe(host, timeout)
    settings = kwargs_from_env(environment={**os.environ, "DOCKER_HOST": host})
    with engine_errors(host):
        return docker.DockerClient(
            version="auto", timeout=int(timeout), use_ssh_client=host.startswith("ssh://"), **settings
        )


@contextlib.contextmanager
def engine_errors(docker_host: Optional[str] = None) -> Iterator[None]:
    """Turn the library's exceptions into EngineError."""
    import docker.errors
    import requests

    try:
        yield
    except docker.errors.APIError as error:
        raise EngineError(f"The Docker engine refused: {error.explanation or error}") from error
    except (docker.errors.DockerException, requests.RequestException, OSError) as error:
        raise EngineError(_sentence(resolve_host(docker_host), error)) from error


def probe(host: str, timeout: float) -> None:
    """Connect once by hand, or raise EngineError: the library wraps the system's error beyond recognition."""
    parts = urlsplit(host)
    try:
        if parts.scheme in ("unix", "http+unix"):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                probe.settimeout(timeout)
                probe.connect(parts.path)
        elif parts.scheme in ("tcp", "http", "https") and parts.hostname:
            port = parts.port or 2375
            socket.create_connection((parts.hostname, port), timeout=min(timeout, 10)).close()
    except (OSError, ValueError) as error:
        raise EngineError(_sentence(host, error)) from error


def _sentence(host: str, error: BaseException) -> str:
    cause = _system_error(error)
    if isinstance(cause, FileNotFoundError):
        return f"The Docker engine's socket {host} does not exist: the engine is not running or not installed."
    if isinstance(cause, PermissionError):
        return (
            f"No permission to use the Docker engine at {host}: run as root, "
            "or as a user in the socket's group (usually 'docker')."
        )
    if isinstance(cause, ConnectionRefusedError):
        return f"Nothing answers at {host}: the Docker engine is not running."
    if isinstance(cause, (socket.timeout, TimeoutError)) or "timed out" in str(error).lower():
        return f"The Docker engine at {host} did not answer in time."
    if isinstance(cause, (ConnectionError, BrokenPipeError)):
        return f"The Docker engine at {host} closed the connection: it was stopped or is restarting."
    if isinstance(cause, OSError) and cause.errno in (errno.ENAMETOOLONG, errno.ENOTSOCK):
        return f"{host} is not a socket of a Docker engine."
    return f"The Docker engine at {host} cannot be used: {error}"


def _system_error(error: Optional[BaseException]) -> Optional[BaseException]:
    """The first OSError of the system in a chain of wrapped exceptions."""
    seen = 0
    while error is not None and seen < 10:
        # An end without an answer (http.client.RemoteDisconnected) has no number, but a type that says it.
        if isinstance(error, ConnectionError) or (isinstance(error, OSError) and error.errno is not None):
            return error
        inner = next((part for part in error.args if isinstance(part, BaseException)), None)
        error = inner or getattr(error, "reason", None) or error.__cause__ or error.__context__
        error = error if isinstance(error, BaseException) else None
        seen += 1
    return error
