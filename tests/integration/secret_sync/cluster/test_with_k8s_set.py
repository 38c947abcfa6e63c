# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A set of objects that k8s_set keeps, and whose workloads are rolled between its runs."""

from __future__ import annotations

from typing import Any

from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Holding
from ansible_collections.bunops.platform.tests.integration.run_module import Module
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster.space import Space, files, sync


def objects(space: Space, image: str, held: Holding) -> list[dict[str, Any]]:
    """A workload of each kind that names two secrets in all ways."""
    found = []
    for kind in ("Deployment", "StatefulSet", "DaemonSet"):
        item = space.workload(kind.lower(), image, held["A"].place, held["B"].place, kind=kind)
        spec = item["spec"]["template"]["spec"]
        reference = {"name": held["B"].place, "key": "B"}
        spec["containers"][0]["env"] = [{"name": "B1", "valueFrom": {"secretKeyRef": reference}}]
        spec["imagePullSecrets"] = [{"name": held["A"].place}]
        spec["volumes"] = [
            {"name": "a", "secret": {"secretName": held["A"].place, "defaultMode": 0o400}},
            {"name": "b", "projected": {"sources": [{"secret": {"name": held["B"].place}}]}},
        ]
        found.append(item)
    return found


def test_its_next_run_changes_nothing_and_later_ones_do_not_conflict(space: Space, image: str) -> None:
    k8s_set = Module("k8s_set")
    options = {"name": "shop", "namespace": space.name, "kubeconfig": space.kubeconfig, "wait_timeout": 60}
    held = sync(space.target(), files(A="1", B="1")).held
    assert k8s_set.ok(objects=objects(space, image, held), **options)["changed"]
    held = sync(space.target(), files(A="2", B="2"), roll=True).held
    again = k8s_set.ok(objects=objects(space, image, held), **options)
    assert (again["changed"], again["summary"]["unchanged"]) == (False, 3)
    # From here on the set goes first, then the roll again.
    held = sync(space.target(), files(A="3", B="2")).held
    assert k8s_set.ok(objects=objects(space, image, held), **options)["summary"]["changed"] == 3
    assert sync(space.target(), files(A="3", B="2"), roll=True).rolled == []
    held = sync(space.target(), files(A="3", B="4"), roll=True).held
    assert not k8s_set.ok(objects=objects(space, image, held), **options)["changed"]
    # What is removed from the set by then is not held by a field that was left behind.
    assert k8s_set.ok(objects=[], **options)["summary"]["pruned"] == 3
