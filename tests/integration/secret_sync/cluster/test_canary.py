# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Values are nowhere but in the Secrets."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import RolloutError
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.space import (
    Space,
    eventually,
    files,
    sync,
)

CANARIES: dict[str, str | bytes] = {
    "PLAIN": "canary-plain-5f0c1d",
    "ODD": "canary-odd-'\"$#\\`%{}ü\t5f0c1d",
    "LINES": "canary-first-5f0c1d\ncanary-second-5f0c1d\n\ncanary-third-5f0c1d",
    "LONG": "canary-long-" + "5f0c1d" * 100,
    "BYTES": b"canary-bytes-\xff\xfe\x00-5f0c1d",
}
# What a careless program does with its variables before it ends.
LEAKS = 'echo "$PLAIN"; echo "$ODD"; echo "$LINES"; echo "v=$LONG"; printf %s "$ODD" | base64; echo; exit 1'


def forms() -> Iterator[str]:
    """What to look for: every line, in base64, and in JSON."""
    for value in CANARIES.values():
        content = value.encode() if isinstance(value, str) else value
        yield base64.b64encode(content).decode()
        for line in content.decode("utf-8", "replace").split("\n"):
            if line:
                yield line[:20]
                yield json.dumps(line)[1:-1]


def hits(text: str) -> list[str]:
    return [form for form in forms() if form in text]


def everything(space: Space) -> Iterator[dict[str, Any]]:
    """All objects of the namespace, of every kind; of Secrets all but what they hold."""
    for api_version in ("v1", "apps/v1", "events.k8s.io/v1", "coordination.k8s.io/v1", "rbac.authorization.k8s.io/v1"):
        prefix = "/api" if api_version == "v1" else "/apis"
        for entry in space.admin.request("GET", f"{prefix}/{api_version}")["resources"]:
            if entry["namespaced"] and "list" in entry["verbs"] and "/" not in entry["name"]:
                for item in space.admin.list(api_version, entry["kind"], space.name):
                    if entry["kind"] == "Secret":
                        item.pop("data")
                    yield item


def test_no_value_is_in_any_object_message_or_audit_log(space: Space, cluster: Any, image: str) -> None:
    mark = Path(cluster.audit_log).stat().st_size
    held = sync(space.target(), files(**dict.fromkeys(CANARIES, "harmless"), GO="well")).held
    check = f'test "$GO" = well || {{ {LEAKS}; }}'
    names = [each.place for name, each in held.items() if name != "BYTES"]
    item = space.workload("app", image, *names, check=check)
    volume = {"name": "bytes", "secret": {"secretName": held["BYTES"].place}}
    item["spec"]["template"]["spec"]["volumes"] = [volume]
    space.apply(item)
    space.await_ready("app")
    sync(space.target(), files(**CANARIES, GO="well"), roll=True)
    with pytest.raises(RolloutError) as caught:
        sync(space.target(), files(**CANARIES, GO="wrong"), roll=True)
    said = str(caught.value)
    assert "v=********" in said
    assert hits(said) == []
    sync(space.target(), {}, keep=1)
    # Events come a moment later.
    eventually(lambda: any(item["kind"] == "Event" for item in everything(space)))
    time.sleep(2)
    objects = list(everything(space))
    assert {"Deployment", "Event", "Pod", "ReplicaSet", "Secret"} <= {item["kind"] for item in objects}
    assert hits(json.dumps(objects, ensure_ascii=False)) == []
    with Path(cluster.audit_log).open("rb") as file:
        file.seek(mark)
        log = file.read().decode()
    assert space.name in log
    assert hits(log) == []
    # The search finds what is there.
    assert hits(json.dumps([item["data"] for item in space.listed("Secret").values()])) != []
