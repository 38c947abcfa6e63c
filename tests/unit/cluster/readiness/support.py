# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Stand-ins for the cluster and for time."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness import wait

HERE = Path(__file__).parent


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The wait's clock."""
    found = Clock()
    monkeypatch.setattr(wait, "time", found)
    return found


class FakeReader:
    """Serves objects as the API does: by kind, namespace, labels and the two fields that a wait selects by.

    objects: what there is, or a function that tells. logs: by pod/container/previous. asked: each LIST, for tests.
    """

    def __init__(
        self,
        objects: Sequence[dict[str, Any]] | Callable[[], Sequence[dict[str, Any]]],
        logs: Mapping[str, str] | None = None,
    ) -> None:
        self._objects = objects if callable(objects) else lambda: objects
        self._logs = dict(logs or {})
        self.asked: list[str] = []

    def list(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        parts = (kind, namespace or "*", label_selector or "", field_selector or "")
        self.asked.append(" ".join(part for part in parts if part))
        for value in self._objects():
            if (value["apiVersion"], value["kind"]) != (api_version, kind):
                continue
            if namespace and value["metadata"].get("namespace") != namespace:
                continue
            if _labelled(value, label_selector) and _has(value, field_selector):
                yield copy.deepcopy(value)

    def text(self, path: str, query: Mapping[str, Any] | None = None) -> str:
        query = query or {}
        pod = re.search(r"/pods/([^/]+)/log", path)
        assert pod
        key = f"{pod[1]}/{query['container']}/{query.get('previous') or 'false'}"
        if key not in self._logs:
            raise ApiError(400, "BadRequest", "no such log", {})
        return "".join(self._logs[key].splitlines(keepends=True)[-int(query["tailLines"]) :])


def _labelled(value: dict[str, Any], selector: str | None) -> bool:
    labels = value["metadata"].get("labels") or {}
    return all(labels.get(key) == wanted for key, wanted in _pairs(selector))


def _has(value: dict[str, Any], selector: str | None) -> bool:
    for path, wanted in _pairs(selector):
        found: Any = value
        for key in path.split("."):
            found = found.get(key, {})
        if found != wanted:
            return False
    return True


def _pairs(selector: str | None) -> list[tuple[str, str]]:
    return [(key, wanted) for key, _, wanted in (part.partition("=") for part in (selector or "").split(",") if part)]
