# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One run at a time on a set: a Lease that a run holds while it writes.

The rules are those of client-go's leader election: clocks of different machines are not compared, a holder counts as
gone when its Lease has not changed for as long as it lasts, by the watch of the one who waits.
https://kubernetes.io/docs/concepts/architecture/leases/
"""

from __future__ import annotations

import contextlib
import datetime
import os
import socket
import threading
import time
from typing import Any, Dict, NamedTuple, Optional

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError, ClusterError

Json = Dict[str, Any]

API_VERSION = "coordination.k8s.io/v1"
# Seconds without a sign of life after which a holder counts as gone.
DURATION = 15
_INTERVAL = 0.5


class LeaseHeld(ClusterError):
    """Another run holds the Lease, and did so until the time was up."""


class LeaseLost(ClusterError):
    """This run could not renew its Lease in time, and another one is at work."""


class Sign(NamedTuple):
    """What was last seen of a Lease: who holds it ("" for nobody) and its resourceVersion ("" if there is none)."""

    holder: str
    version: str


def sign_of(lease: Optional[Json]) -> Sign:
    """The state of a Lease document."""
    if lease is None:
        return Sign("", "")
    return Sign((lease.get("spec") or {}).get("holderIdentity") or "", lease["metadata"]["resourceVersion"])


class Lease:
    """The Lease of one set, for one run."""

    def __init__(self, client: Client, namespace: str, name: str, duration: int = DURATION) -> None:
        self._client = client
        self._namespace = namespace
        self._name = name
        self._duration = duration
        self._identity = f"{socket.gethostname()}_{os.getpid()}_{os.urandom(4).hex()}"
        self._held: Optional[Json] = None
        self._renewed = 0.0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: Optional[threading.Thread] = None

    def read(self) -> Optional[Json]:
        """The Lease as it is. Raises as Client.request() does."""
        return self._client.get(API_VERSION, "Lease", self._namespace, self._name)

    def wait_until_free(self, deadline: float) -> Sign:
        """Wait until nobody holds it, at most until that moment of time.monotonic(). Raises LeaseHeld."""
        watched: Optional[Sign] = None
        since = time.monotonic()
        while True:
            lease = self.read()
            sign = sign_of(lease)
            if not sign.holder or sign.holder == self._identity:
                return sign
            now = time.monotonic()
            if sign != watched:
                watched, since = sign, now
            if now - since >= ((lease or {}).get("spec") or {}).get("leaseDurationSeconds", self._duration):
                return sign
            if now >= deadline:
                raise LeaseHeld(
                    f"Another run is at work on this set: Lease {self._namespace}/{self._name} "
                    f"is held by {sign.holder}."
                )
            time.sleep(_INTERVAL)

    def acquire(self, free: Sign, deadline: float) -> bool:
        """Take it; free: how it was when it was seen to be free. Raises LeaseHeld and as Client.request() does.

        Returns whether nobody held it in between: what was observed since then still holds as far as runs go.
        """
        untouched = True
        while not self._take(free):
            untouched = False
            free = self.wait_until_free(deadline)
        self._ended.clear()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()
        return untouched

    def check(self) -> None:
        """Make sure that this run holds it. Raises LeaseLost if another one does, and as Client.request() does."""
        if time.monotonic() - self._renewed >= self._duration:
            self._renew()

    def release(self, remove: bool = False) -> None:
        """Let it go, or remove it with the set. What goes wrong here costs the next run only some waiting."""
        self._ended.set()
        if self._thread:
            self._thread.join()
        if not self._held:
            return
        with contextlib.suppress(ClusterError):
            if remove:
                self._client.delete(API_VERSION, "Lease", self._namespace, self._name)
            else:
                self._put({**self._held, "spec": {**self._held["spec"], "holderIdentity": ""}})

    def _take(self, free: Sign) -> bool:
        now = _timestamp()
        spec = {
            "holderIdentity": self._identity,
            "leaseDurationSeconds": self._duration,
            "acquireTime": now,
            "renewTime": now,
        }
        metadata = {"name": self._name, "namespace": self._namespace}
        lease: Json = {"apiVersion": API_VERSION, "kind": "Lease", "metadata": metadata, "spec": spec}
        began = time.monotonic()
        try:
            if free.version:
                metadata["resourceVersion"] = free.version
                self._held = self._put(lease)
            else:
                self._held = self._client.request(
                    "POST", self._client.path(API_VERSION, "Lease", self._namespace), lease
                )
        except ApiError as error:
            if error.status not in (404, 409) or (error.status == 404 and not free.version):
                raise
            # Taken by another run, or by this one in a request whose answer was lost.
            current = self.read()
            if sign_of(current).holder != self._identity:
                return False
            self._held = current
        self._renewed = began
        return True

    def _keep(self) -> None:
        while not self._ended.wait(self._duration / 3):
            # What goes wrong here is met again by check(), if it lasts.
            with contextlib.suppress(ClusterError):
                self._renew()

    def _renew(self) -> None:
        with self._lock:
            began = time.monotonic()
            lease = self.read()
            if lease is None or sign_of(lease).holder != self._identity:
                self._renewed, self._held = float("-inf"), None
                raise LeaseLost(
                    f"Another run has taken Lease {self._namespace}/{self._name}, "
                    f"because this one did not renew it for {self._duration} seconds."
                )
            self._held = self._put({**lease, "spec": {**lease["spec"], "renewTime": _timestamp()}})
            self._renewed = began

    def _put(self, lease: Json) -> Json:
        path = self._client.path(API_VERSION, "Lease", self._namespace, self._name)
        return self._client.request("PUT", path, lease)


def _timestamp() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
