"""An instance of Clerk on this machine, as far as browsers and the dashboard meet one: its keys, its sign-in page, and
the handshake of its Frontend API, over TLS under a name that only the test's browser resolves."""

from __future__ import annotations

import base64
import datetime
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

FRONTEND_API = "clerk.platform.test"
SECRET_KEY = "sk_live_c4n4ryOfTheSecretKey"
PUBLISHABLE_KEY = f"pk_live_{base64.b64encode(f'{FRONTEND_API}$'.encode()).decode()}"
SIGN_IN_PORT = 29333
FRONTEND_PORT = 29334
SIGN_IN_URL = f"http://127.0.0.1:{SIGN_IN_PORT}/sign-in"
HANDSHAKE = f"https://{FRONTEND_API}/v1/client/handshake"
# The browser finds the Frontend API here, and believes its certificate.
BROWSER_FLAGS = (f"--host-resolver-rules=MAP {FRONTEND_API} 127.0.0.1:{FRONTEND_PORT}", "--ignore-certificate-errors")


class Clerk:
    """`asked`: the paths and queries of what browsers asked for."""

    def __init__(self, origin: str, directory: Path) -> None:
        self.origin = origin
        self.asked: list[str] = []
        self._key = rsa.generate_private_key(65537, 2048)
        self._directory = directory
        self._servers: list[ThreadingHTTPServer] = []

    @property
    def jwt_key(self) -> str:
        form = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()

    def session(self, seconds: float = 60, **changes: object) -> str:
        """A session token that expires after so many seconds; a claim that is None is left out."""
        return self._signed(self._claims(seconds, changes))

    def unsigned(self) -> str:
        """A session token that says of itself that nobody has signed it."""
        return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(self._claims(60, {}))}."

    def _claims(self, seconds: float, changes: dict[str, object]) -> dict[str, object]:
        now = time.time()
        claims = {
            "iss": f"https://{FRONTEND_API}",
            "azp": self.origin,
            "sub": "user_1",
            "sid": "sess_1",
            "iat": int(now) - 60,
            "nbf": int(now) - 60,
            "exp": int(now + seconds),
        }
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def cookies(self, session: str) -> list[Any]:
        """Those of a browser in which somebody is signed in."""
        values = {"__session": session, "__client_uat": str(int(time.time()) - 3600)}
        return [{"name": name, "value": value, "url": self.origin} for name, value in values.items()]

    def __enter__(self) -> Clerk:
        certificate, key = self._certificate()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        for port in (SIGN_IN_PORT, FRONTEND_PORT):
            server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
            if port == FRONTEND_PORT:
                server.socket = context.wrap_socket(server.socket, server_side=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self._servers.append(server)
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        clerk = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                clerk.asked.append(self.path)
                path = urlsplit(self.path).path
                if path == "/v1/client/handshake":
                    self._answer(307, location=clerk.after_handshake(self.path))
                else:
                    self._answer(200 if path == "/sign-in" else 404)

            def _answer(self, status: int, location: str | None = None) -> None:
                body = b"<!doctype html><title>Sign in</title><h1>Sign in here</h1>"
                self.send_response(status)
                if location:
                    self.send_header("location", location)
                self.send_header("content-type", "text/html")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def after_handshake(self, path: str) -> str:
        """Back to where the browser came from, with new cookies in a signed token."""
        query = parse_qs(urlsplit(path).query)
        cookies = [
            f"{cookie['name']}={cookie['value']}; Path=/; SameSite=Lax" for cookie in self.cookies(self.session())
        ]
        return f"{query['redirect_url'][0]}?__clerk_handshake={self._signed({'handshake': cookies})}"

    def _signed(self, claims: dict[str, object]) -> str:
        text = f"{_part({'alg': 'RS256', 'typ': 'JWT', 'kid': 'ins_1'})}.{_part(claims)}"
        return f"{text}.{_base64url(self._key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def _certificate(self) -> tuple[Path, Path]:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, FRONTEND_API)])
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self._key.public_key())
        builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(hours=1))
        made = builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        certificate, key = self._directory / "clerk.crt", self._directory / "clerk.key"
        certificate.write_bytes(made)
        key.write_bytes(self._key.private_bytes(serialization.Encoding.PEM, form, plain))
        return certificate, key


def _part(content: dict[str, Any]) -> str:
    return _base64url(json.dumps(content).encode())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
