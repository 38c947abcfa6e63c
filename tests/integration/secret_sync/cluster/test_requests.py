# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a run asks the API server, by that one's own audit log."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.space import Space, files, sync

MANY = files(**{f"SECRET_{number}": f"value {number}" for number in range(300)})


class Audit:
    """The requests of the accounts of a namespace since it was asked last."""

    def __init__(self, cluster: Any, space: Space) -> None:
        assert cluster.audit_log, "the cluster writes no audit log; `up --audit` starts one that does"
        self._path = Path(cluster.audit_log)
        self._user = f"system:serviceaccount:{space.name}:"
        self._seen = self._path.stat().st_size

    def requests(self) -> Counter[str]:
        """`list secrets`, `get /api`, … and how often; pages of a list count as one."""
        with self._path.open("rb") as file:
            file.seek(self._seen)
            content = file.read()
        self._seen += len(content)
        entries = [json.loads(line) for line in content.splitlines()]
        return Counter(
            f"{entry['verb']} {entry.get('objectRef', {}).get('resource') or entry['requestURI']}"
            for entry in entries
            if entry["user"]["username"].startswith(self._user) and "continue=" not in entry["requestURI"]
            if entry["stage"] == "ResponseComplete"
        )


DISCOVERY = {"get /api": 1, "get /apis": 1}


def test_an_unchanged_run_costs_one_list(cluster: Any, space: Space) -> None:
    sync(space.target(), MANY)
    client = space.client()
    audit = Audit(cluster, space)
    assert sync(space.target(client), MANY).actions == {}
    assert audit.requests() == {**DISCOVERY, "list secrets": 1}
    began = time.monotonic()
    sync(space.target(client), MANY)
    assert time.monotonic() - began < 0.3
    # Also with several pages of versions, and where workloads are rolled.
    changed = {name: {name: each[name] + b"!"} for name, each in MANY.items()}
    sync(space.target(client), changed, roll=True)
    audit.requests()
    sync(space.target(client), changed, roll=True)
    assert audit.requests() == {"list secrets": 1}


def test_a_change_costs_what_it_changes(cluster: Any, space: Space) -> None:
    client = space.client()
    sync(space.target(client), MANY)
    audit = Audit(cluster, space)
    sync(space.target(client), {**MANY, **files(SECRET_7="new")})
    assert audit.requests() == {"list secrets": 1, "patch secrets": 1}
    sync(space.target(client), {**MANY, **files(SECRET_7="newer")}, roll=True)
    assert audit.requests() == {
        "list secrets": 1,
        # The new version, and the note that nobody uses the former ones.
        "patch secrets": 2,
        "list deployments": 2,
        "list statefulsets": 2,
        "list daemonsets": 2,
        # Who uses the version that is above keep.
        "list pods": 1,
        "list replicationcontrollers": 1,
        "list serviceaccounts": 1,
        "list controllerrevisions": 1,
        "list replicasets": 1,
        "list cronjobs": 1,
        "list jobs": 1,
        "list ingresses": 1,
        "delete secrets": 1,
    }
