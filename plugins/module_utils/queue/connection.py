# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One connection to a Redis or a Sentinel, by the Python library `redis`; its failures are one clear sentence each.

https://redis.readthedocs.io/en/stable/connections.html
"""

from __future__ import annotations

import contextlib
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.queue import trouble
from ansible_collections.bunops.platform.plugins.module_utils.queue.answers import Command, Refused
from ansible_collections.bunops.platform.plugins.module_utils.queue.errors import QueueError
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import Login, Tls
from ansible_collections.bunops.platform.plugins.module_utils.queue.trouble import Server


class Access(NamedTuple):
    """How to connect. tls: None for none. timeout: seconds for connecting, and for each answer."""

    login: Login
    tls: Optional[Tls]
    database: int
    timeout: float


class Link:
    """Connects when it is asked first; sends nothing on its own but AUTH, and SELECT for a database other than 0."""

    def __init__(self, server: Server, access: Access) -> None:
        """Raises ImportError without the library."""
        import redis

        self.server = server
        self._access = access
        connection: Any = redis.SSLConnection if access.tls else redis.Connection
        self._connection = connection(
            host=server.address.host,
            port=server.address.port,
            db=access.database,
            username=access.login.username,
            password=access.login.password,
            socket_timeout=access.timeout,
            socket_connect_timeout=access.timeout,
            encoding_errors="surrogateescape",
            **_quiet(),
            **(_tls_arguments(access.tls) if access.tls else {}),
        )

    def __enter__(self) -> Link:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.disconnect()

    def ask(self, commands: Sequence[Command]) -> List[Any]:
        """Send all at once; a Refused stands for what was refused. Raises QueueError."""
        with self._errors():
            self._connection.connect()
            self._connection.send_packed_command(self._connection.pack_commands(commands))
            return [self._answer(command) for command in commands]

    def _answer(self, command: Command) -> Any:
        from redis.exceptions import ResponseError

        try:
            return self._connection.read_response(disable_decoding=True)
        except ResponseError as error:
            return Refused(command, _as_sent(error))

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn what the library raises into QueueError."""
        from redis import exceptions

        try:
            yield
        except exceptions.BusyLoadingError:
            raise QueueError(trouble.loading(self.server)) from None
        except (exceptions.AuthenticationError, exceptions.ResponseError) as error:
            # Of AUTH or SELECT: all others come as answers.
            raise QueueError(self._refusal(_as_sent(error))) from None
        except (exceptions.RedisError, OSError, UnicodeError) as error:
            tls, timeout = self._access.tls is not None, self._access.timeout
            raise QueueError(trouble.unreachable(self.server, error, tls, timeout)) from None

    def _refusal(self, text: str) -> str:
        """Why the connection is of no use. text: what Redis says."""
        login, database = self._access.login, self._access.database
        if not database or "password" in text or "Authentication" in text:
            return trouble.refused_login(self.server, login.username, login.option, text)
        expected = 'expected one that is there, and the ACL rule "+select"'
        return f"url: {self.server} refuses database {database}: {text}; {expected}"


def _quiet() -> Dict[str, Any]:
    """RESP2, and nothing about the library itself: CLIENT SETINFO is no command that a measurer may use.

    The library's versions differ: before 5 it did neither, since 7.2 one option says all about itself.
    """
    import redis

    if int(redis.__version__.partition(".")[0]) < 5:
        return {}
    if not hasattr(redis, "DriverInfo"):
        return {"protocol": 2, "lib_name": None, "lib_version": None}
    # To some versions None means the default.
    return {"protocol": 2, "driver_info": redis.DriverInfo(name="", lib_version="")}


def _tls_arguments(tls: Tls) -> Dict[str, Any]:
    return {
        "ssl_ca_certs": tls.ca_cert,
        "ssl_certfile": tls.client_cert,
        "ssl_keyfile": tls.client_key,
        "ssl_cert_reqs": "required" if tls.verify else "none",
        "ssl_check_hostname": tls.verify,
    }


def _as_sent(error: Exception) -> str:
    """An error in Redis's words: from those that it has a class for, the library takes the code away."""
    from redis import exceptions

    codes = {
        "NOPERM": exceptions.NoPermissionError,
        "MOVED": exceptions.MovedError,
        "ASK": exceptions.AskError,
        "TRYAGAIN": exceptions.TryAgainError,
        "CROSSSLOT": exceptions.ClusterCrossSlotError,
        "MASTERDOWN": exceptions.MasterDownError,
        "CLUSTERDOWN": exceptions.ClusterDownError,
    }
    code = next((code for code, kind in codes.items() if isinstance(error, kind)), "")
    text = str(error)
    return text if text.startswith(code) else f"{code} {text}"
