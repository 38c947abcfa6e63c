# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One run at a time, against an API server that knows nothing but one Lease."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError, Unreachable
from ansible_collections.bunops.platform.plugins.module_utils.cluster.lease import Lease, LeaseHeld, LeaseLost, Sign


class OneLease:
    """Keeps one Lease as an API server does: every write needs the version that it was read with."""

    def __init__(self) -> None:
        self.lease: dict[str, Any] | None = None
        self.down = False
        self.lose_answers = 0
        self._version = 0
        self._lock = threading.Lock()

    def path(self, *_unused: object) -> str:
        return "/lease"

    def get(self, *_unused: object) -> dict[str, Any] | None:
        if self.down:
            raise Unreachable("down")
        return copy.deepcopy(self.lease)

    def delete(self, *_unused: object) -> None:
        self.lease = None

    def request(self, method: str, _path: str, body: dict[str, Any]) -> dict[str, Any]:
        if self.down:
            raise Unreachable("down")
        with self._lock:
            for _ in range(2 if self.lose_answers else 1):
                self._write(method, copy.deepcopy(body))
            return copy.deepcopy(cast(dict[str, Any], self.lease))

    def _write(self, method: str, body: dict[str, Any]) -> None:
        """Raises as the server does; a client whose first answer was lost meets what it wrote itself."""
        current = (self.lease or {"metadata": {"resourceVersion": ""}})["metadata"]["resourceVersion"]
        if method == "POST" and self.lease:
            raise ApiError(409, "AlreadyExists", "exists", {})
        if method == "PUT" and not self.lease:
            raise ApiError(404, "NotFound", "not found", {})
        if method == "PUT" and body["metadata"]["resourceVersion"] != current:
            raise ApiError(409, "Conflict", "changed", {})
        self._version += 1
        body["metadata"]["resourceVersion"] = str(self._version)
        self.lease = body


@pytest.fixture
def api() -> OneLease:
    return OneLease()


@pytest.fixture
def one(api: OneLease) -> Iterator[Lease]:
    yield from _lease(api)


@pytest.fixture
def other(api: OneLease) -> Iterator[Lease]:
    yield from _lease(api)


def _lease(api: OneLease) -> Iterator[Lease]:
    lease = Lease(cast(Client, api), "atlas", "shop-apply", duration=1)
    yield lease
    api.down = False
    lease.release()


def soon(seconds: float = 10) -> float:
    return time.monotonic() + seconds


def holder(api: OneLease) -> str:
    return str((api.lease or {}).get("spec", {}).get("holderIdentity"))


@pytest.mark.parametrize("lose_answers", [0, 1])
def test_take_and_release(api: OneLease, one: Lease, lose_answers: int) -> None:
    api.lose_answers = lose_answers
    assert one.acquire(one.wait_until_free(soon()), soon())
    one.check()
    assert holder(api) not in ("", "None")
    one.release()
    assert holder(api) == ""
    assert one.acquire(one.wait_until_free(soon()), soon())


def test_another_run_waits_and_names_the_holder(api: OneLease, one: Lease, other: Lease) -> None:
    one.acquire(one.wait_until_free(soon()), soon())
    with pytest.raises(LeaseHeld, match=f"Lease atlas/shop-apply is held by {holder(api)}"):
        other.wait_until_free(soon(2.5))
    one.release()
    assert other.acquire(other.wait_until_free(soon()), soon())


def test_what_was_seen_before_another_run_counts_no_more(one: Lease, other: Lease) -> None:
    seen = other.wait_until_free(soon())
    one.acquire(one.wait_until_free(soon()), soon())
    one.release()
    assert not other.acquire(seen, soon())
    other.check()


def test_a_holder_that_is_gone_is_followed(api: OneLease, one: Lease) -> None:
    spec = {"holderIdentity": "gone", "leaseDurationSeconds": 1}
    api.lease = {"metadata": {"name": "shop-apply", "resourceVersion": "7"}, "spec": spec}
    began = time.monotonic()
    free = one.wait_until_free(soon())
    assert free == Sign("gone", "7")
    assert time.monotonic() - began >= 1
    assert one.acquire(free, soon())
    assert holder(api) != "gone"


def test_a_lease_that_vanished_is_made_anew(one: Lease) -> None:
    assert not one.acquire(Sign("", "99"), soon())
    one.check()


def test_a_run_keeps_it_through_an_outage(api: OneLease, one: Lease) -> None:
    one.acquire(one.wait_until_free(soon()), soon())
    time.sleep(1.5)
    one.check()
    api.down = True
    time.sleep(1.5)
    with pytest.raises(Unreachable):
        one.check()
    api.down = False
    one.check()


def test_a_run_that_was_followed_stops_and_leaves_the_other_alone(api: OneLease, one: Lease) -> None:
    one.acquire(one.wait_until_free(soon()), soon())
    assert api.lease
    api.lease["spec"]["holderIdentity"] = "another"
    time.sleep(0.6)
    with pytest.raises(LeaseLost, match="Another run has taken Lease atlas/shop-apply"):
        one.check()
    one.release()
    assert holder(api) == "another"


def test_the_lease_goes_with_the_set(api: OneLease, one: Lease) -> None:
    one.acquire(one.wait_until_free(soon()), soon())
    one.release(remove=True)
    assert api.lease is None


def test_refusals_are_told(api: OneLease, one: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_unused: object) -> dict[str, Any]:
        raise ApiError(403, "Forbidden", "leases is forbidden", {})

    monkeypatch.setattr(api, "request", forbidden)
    with pytest.raises(ApiError, match="leases is forbidden"):
        one.acquire(Sign("", ""), soon())
