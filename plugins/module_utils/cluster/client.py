# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A client of the Kubernetes API on the standard library: one discovery, kept connections, retries.

The library `kubernetes` takes 0.3 s and 45 MB to import; a run that changes nothing is shorter than that.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Tuple
from urllib.parse import urlencode, urlsplit

from ansible_collections.bunops.platform.plugins.module_utils.cluster.answer import Answer
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options, resolve
from ansible_collections.bunops.platform.plugins.module_utils.cluster.discovery import ACCEPT, PATHS, Discovery
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError, ClusterError, Unreachable
from ansible_collections.bunops.platform.plugins.module_utils.cluster.kubeconfig import Access
from ansible_collections.bunops.platform.plugins.module_utils.cluster.patience import RETRIED, Patience, pause_before
from ansible_collections.bunops.platform.plugins.module_utils.cluster.pool import Pool
from ansible_collections.bunops.platform.plugins.module_utils.cluster.stream import Refused, Stream

Json = Dict[str, Any]

JSON = "application/json"
APPLY = "application/apply-patch+yaml"
MERGE_PATCH = "application/merge-patch+json"
_NAMES_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_PAGE = 500


class Limits(NamedTuple):
    """connections: how many at once; patience: seconds of trouble before giving up; answer: seconds an answer takes.

    An answer may take longer than the 60 s that the API server gives a request, so that its own error is seen.
    """

    connections: int = 8
    patience: float = 30.0
    answer: float = 65.0


_DEFAULT_LIMITS = Limits()


class Client:
    """Talks to one API server; may be used by many threads."""

    def __init__(self, access: Access, limits: Limits = _DEFAULT_LIMITS) -> None:
        self.host = access.host.rstrip("/")
        self.namespace = access.namespace
        self._prefix = urlsplit(self.host).path
        self._pool = Pool(access, limits.connections, limits.answer)
        self._patience = Patience(limits.patience)
        self._discovery: Optional[Discovery] = None
        self._discovery_lock = threading.Lock()

    @classmethod
    def connect(cls, options: Options, limits: Limits = _DEFAULT_LIMITS) -> Client:
        """A client for the connection options of a module; sends nothing yet. Raises ConfigError."""
        return cls(resolve(options), limits)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_unused: object) -> None:
        self.close()

    def close(self) -> None:
        """End all idle connections."""
        self._pool.close()

    def request(
        self,
        method: str,
        path: str,
        body: Optional[Any] = None,
        query: Optional[Mapping[str, Any]] = None,
        content_type: str = JSON,
        accept: str = JSON,
    ) -> Json:
        """Send one request, and again while the server is in trouble; the JSON document that it answers.

        path: from the host on, see path(). body: JSON-like. query: parameters, those that are None are left out.
        Raises ApiError (a refusal, or trouble that lasted), Unreachable, ConfigError (no credentials).
        A POST whose answer was lost is sent again, too: the caller may get 409 AlreadyExists for its own object.
        """
        headers, content = [f"Accept: {accept}"], b""
        if body is not None:
            content = json.dumps(body, separators=(",", ":")).encode()
            headers += [f"Content-Type: {content_type}", f"Content-Length: {len(content)}"]
        return self._persist(method, self._target(path, query), headers, content)[1]

    def text(self, path: str, query: Optional[Mapping[str, Any]] = None) -> str:
        """What a GET answers as text: logs. Raises as request() does."""
        answer, _unused = self._persist("GET", self._target(path, query), ["Accept: */*"], b"", parse=False)
        return answer.body.decode("utf-8", "replace")

    def stream(self, path: str, query: Mapping[str, Any], protocol: str) -> Stream:
        """A WebSocket of a pod: port forward, exec. It is asked for once. Raises as request() does.

        Needs the Python library `websocket-client`: raises ImportError.
        """
        try:
            connection, headers = self._pool.dedicated()
            return Stream.open(connection, self.host, path + "?" + urlencode(query, doseq=True), headers, protocol)
        except Refused as error:
            raise refusal(error.answer, f"GET {path}") from None
        except ssl.SSLCertVerificationError as error:
            raise Unreachable(f"The certificate of {self.host} is not trusted: {error.verify_message}.") from error
        except OSError as error:
            raise Unreachable(f"The API server {self.host} gives no answer: {_sentence(error)}.") from error

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: Optional[str] = None,
        label_selector: Optional[str] = None,
        field_selector: Optional[str] = None,
        names_only: bool = False,
    ) -> Iterator[Json]:
        """The objects of a kind, of all namespaces without one; page by page, so that few are in memory at once.

        names_only: only apiVersion, kind and metadata. Raises as request() does, and UnknownKind.
        """
        path = self.path(api_version, kind, namespace)
        query = {"limit": _PAGE, "labelSelector": label_selector, "fieldSelector": field_selector}
        going_on: Optional[str] = ""
        while going_on is not None:
            page = self._page(path, {**query, "continue": going_on or None}, _NAMES_ONLY if names_only else JSON)
            for item in page.get("items") or []:
                # Items of a list do not say what they are.
                item["apiVersion"], item["kind"] = api_version, kind
                yield item
            going_on = (page.get("metadata") or {}).get("continue") or None

    def get(self, api_version: str, kind: str, namespace: Optional[str], name: str) -> Optional[Json]:
        """One object, None if there is none. Raises as request() does, and UnknownKind."""
        try:
            return self.request("GET", self.path(api_version, kind, namespace, name))
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def delete(self, api_version: str, kind: str, namespace: Optional[str], name: str) -> None:
        """Remove one object; none of that name is fine. Raises as request() does, and UnknownKind."""
        try:
            self.request("DELETE", self.path(api_version, kind, namespace, name), {"propagationPolicy": "Background"})
        except ApiError as error:
            if error.status != 404:
                raise

    def path(self, api_version: str, kind: str, namespace: Optional[str] = None, name: Optional[str] = None) -> str:
        """Path of an object or of a collection (of all namespaces, without one). Raises UnknownKind."""
        return self.discovery().resource(api_version, kind).path(namespace, name)

    def discovery(self, fresh: bool = False) -> Discovery:
        """The kinds that the server serves; asked once, or anew with fresh (after new CRDs)."""
        with self._discovery_lock:
            if self._discovery is None or fresh:
                self._discovery = Discovery([self.request("GET", path, accept=ACCEPT) for path in PATHS])
            return self._discovery

    def _page(self, path: str, query: Mapping[str, Any], accept: str) -> Json:
        try:
            return self.request("GET", path, query=query, accept=accept)
        except ApiError as error:
            # The first page is older than the server remembers: it says how to go on with the others.
            if error.status != 410 or not error.metadata.get("continue"):
                raise
            return {"metadata": error.metadata}

    def _target(self, path: str, query: Optional[Mapping[str, Any]]) -> str:
        pairs = [(key, value) for key, value in (query or {}).items() if value is not None]
        return self._prefix + path + ("?" + urlencode(pairs) if pairs else "")

    def _persist(
        self, method: str, target: str, headers: List[str], content: bytes, parse: bool = True
    ) -> Tuple[Answer, Json]:
        failures = 0
        while True:
            said: Mapping[str, str] = {}
            failure: ClusterError
            try:
                answer = self._pool.exchange(method, target, headers, content)
                document = json.loads(answer.body) if parse and answer.status < 400 else {}
                if answer.status < 400:
                    if failures:
                        self._patience.recovered()
                    return answer, document
                failure = refusal(answer, f"{method} {target.partition('?')[0]}")
                if answer.status not in RETRIED or is_final(failure):
                    raise failure
                said = answer.headers
            except ssl.SSLCertVerificationError as error:
                raise Unreachable(f"The certificate of {self.host} is not trusted: {error.verify_message}.") from error
            except (OSError, ValueError) as error:
                failure = Unreachable(f"The API server {self.host} gives no answer: {_sentence(error)}.")
                failure.__cause__ = error
            failures += 1
            pause = pause_before(failures, said)
            if not self._patience.allows(pause):
                raise failure
            time.sleep(pause)


def refusal(answer: Answer, request: str) -> ApiError:
    """An answer that is no success, as an exception. Not every one is a Status: proxies answer, too."""
    try:
        status = json.loads(answer.body)
        if not isinstance(status, dict) or status.get("kind") != "Status":
            raise ValueError
    except ValueError:
        text = " ".join(answer.body[:300].decode("utf-8", "replace").split())
        return ApiError(answer.status, "", text or "no explanation", {}, request)
    return ApiError(
        answer.status,
        status.get("reason") or "",
        status.get("message") or "no explanation",
        status.get("details") or {},
        request,
        status.get("metadata") or {},
    )


def is_final(failure: ApiError) -> bool:
    """Whether the server answers 500 for what is the request's fault: an object that does not fit its schema."""
    return failure.status == 500 and not failure.reason and failure.message.startswith("failed to ")


def _sentence(error: BaseException) -> str:
    if isinstance(error, ValueError):
        return "its answers end in the middle"
    if isinstance(error, (socket.timeout, TimeoutError)):
        return "it takes too long"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
