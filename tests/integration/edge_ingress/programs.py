# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The programs behind the edge: they run in this process, and tell what has reached them."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

# As a program that is strict about itself says it.
OWN_HEADERS = {"Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}
TICK = 0.4
# What a program does that leads browsers to sign-in, when it is asked who may come in.
ASKED_AT = "/edge-auth"
SESSION, FAILING_SESSION = "session=good", "session=of a program that fails"
SIGN_IN, TRIES = "/account/sign-in?from=here", "tries=1; Path=/; HttpOnly"


@dataclass(frozen=True)
class Question:
    """What it was asked."""

    method: str
    headers: dict[str, str]


class Program(ThreadingHTTPServer):
    """An HTTP server at an address of this machine. `?wait=2` is answered after 2 s, `?ticks=3` in as many parts."""

    daemon_threads = True

    def __init__(self, name: str, address: str) -> None:
        super().__init__((address, 0), _Handler)
        self.name = name
        self.requests = 0
        self.questions: list[Question] = []
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)

    def __enter__(self) -> Program:
        self._thread.start()
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Program

    def do_GET(self) -> None:
        if self.path == ASKED_AT:
            self._say_who_may_come_in()
            return
        self.server.requests += 1
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        asked = {key: float(values[0]) for key, values in parse_qs(urlsplit(self.path).query).items()}
        if self.headers.get("upgrade"):
            self._switch()
        elif "ticks" in asked:
            self._tick(int(asked["ticks"]))
        else:
            time.sleep(asked.get("wait", 0))
            self._tell(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""

    def _say_who_may_come_in(self) -> None:
        self.server.questions.append(Question(self.command, self._headers()))
        session = self.headers.get("cookie")
        if session == FAILING_SESSION:
            self.close_connection = True
            return
        self.send_response(200 if session == SESSION else 307)
        if session != SESSION:
            self.send_header("Location", SIGN_IN)
            self.send_header("Set-Cookie", TRIES)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _headers(self) -> dict[str, str]:
        return {key.lower(): value for key, value in self.headers.items()}

    def _tell(self, body: bytes) -> None:
        told = {"from": self.server.name, "path": self.path, "headers": self._headers(), "body": len(body)}
        text = json.dumps(told).encode()
        self.send_response(200)
        for key, value in {**OWN_HEADERS, "Content-Type": "application/json", "Content-Length": len(text)}.items():
            self.send_header(key, str(value))
        self.end_headers()
        self.wfile.write(text)

    def _switch(self) -> None:
        self.send_response(101)
        for key in ("Upgrade", "Connection"):
            self.send_header(key, self.headers[key])
        self.end_headers()
        self.close_connection = True

    def _tick(self, times: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for number in range(times):
            self.wfile.write(f"data: {number}\n\n".encode())
            self.wfile.flush()
            time.sleep(TICK)
