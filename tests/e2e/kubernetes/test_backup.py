# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The stores of a deployment are backed up through the API server, and nothing of that is left behind."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.module_utils.backup import snapshot_libsql
from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.model import Store
from ansible_collections.bunops.platform.plugins.module_utils.backup.sources import Cluster, opened
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options, resolve
from ansible_collections.bunops.platform.plugins.module_utils.cluster.port_forward import forwarded
from ansible_collections.bunops.platform.tests.e2e.kubernetes.deployment import NAME, Deployment
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import ROOT, command
from ansible_collections.bunops.platform.tests.e2e.results import JOBS, results, statements
from ansible_collections.bunops.platform.tests.e2e.secrets.processes import Processes
from ansible_collections.bunops.platform.tests.integration.cluster.rights import await_no_rights, await_rights
from ansible_collections.bunops.platform.tests.integration.run_module import Module, result_of

BACKUP = Module("store_backup")
SECRETS = ("REDIS_BACKUP_PASSWORD", "TURSO_AUTH_TOKEN")
RESULTS = results(500, 3_000)
Sql = Callable[[str], Any]


def secret(deployment: Deployment, name: str) -> str:
    """The newest version, as the module has to find it."""
    found = deployment.client.list(
        "v1", "Secret", deployment.namespace, label_selector=f"bunops.platform/secret={name}"
    )
    newest = max(found, key=lambda item: int(item["metadata"]["labels"]["bunops.platform/version"]))
    return base64.b64decode(newest["data"][name]).decode()


def options(deployment: Deployment, directory: Path, **others: Any) -> dict[str, Any]:
    """Those of the module, as the playbook gives them."""
    of_redis, of_turso = ({"set": deployment.namespace, "name": name} for name in SECRETS)
    return {
        "name": deployment.namespace,
        "directory": str(directory),
        "namespace": deployment.namespace,
        "kubeconfig": str(deployment.kubeconfig),
        "stores": [
            {
                "name": "redis",
                "kind": "redis",
                "url": "redis://redis:6379",
                "username": "backup",
                "secret": of_redis,
            },
            {"name": "turso", "kind": "libsql", "url": "http://turso:8081", "secret": of_turso},
        ],
        **others,
    }


def scratch(deployment: Deployment) -> str:
    return command("docker", "ps", "-aq", "--filter", f"label=io.bunops.scratch={deployment.namespace}")


@pytest.fixture(scope="module")
def sql(deployment: Deployment) -> Iterator[Sql]:
    """Runs a statement in the database, which has the results of 1,000 jobs."""
    headers = {"Authorization": f"Bearer {secret(deployment, 'TURSO_AUTH_TOKEN')}"}
    with forwarded(deployment.client, deployment.namespace, "turso-0", 8081, 60) as forward:

        def run(statement: str) -> Any:
            url = f"http://127.0.0.1:{forward.port}"
            return snapshot_libsql.query("turso", url, headers, statement, 60)

        for statement in statements(RESULTS):
            run(statement)
        yield run
        run(f"DELETE FROM jobs WHERE id BETWEEN '{RESULTS[0].identifier}' AND '{RESULTS[-1].identifier}'")


@pytest.fixture
def backups(deployment: Deployment, sql: Sql) -> Iterator[Path]:  # noqa: ARG001 - there is something to back up
    """A directory for backups, and nothing of scratch instances afterwards."""
    directory = deployment.directory / "backups-of-a-test"
    yield directory
    assert scratch(deployment) == ""
    if directory.exists():
        shutil.rmtree(directory)


def listening(pid: int) -> set[str]:
    """The addresses that a process listens at, as the kernel writes them."""
    sockets = set()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        # It may be closed meanwhile.
        with suppress(FileNotFoundError):
            sockets.add(str(path.readlink()))
    lines = [
        line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
    ]
    return {line[1].partition(":")[0] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in sockets}


def test_the_playbook_backs_up_what_runs_in_the_cluster(deployment: Deployment, sql: Sql) -> None:
    canaries = [secret(deployment, name) for name in SECRETS]
    canaries += [token for token in [resolve(Options(kubeconfig=str(deployment.kubeconfig))).user.token] if token]
    before = int(sql("SELECT count(*) FROM jobs")[0][0]["value"])
    assert before >= JOBS

    with Processes() as processes:
        played = deployment.play("-vvv", "--diff", playbook="backup.yml")

    (backup,) = (deployment.directory / ".bunops/cluster-backups" / deployment.namespace).glob("2*")
    manifest = json.loads((backup / "manifest.json").read_text())
    redis, turso = manifest["stores"]
    assert sum(redis["contents"]["keys"].values()) > 0
    assert turso["contents"]["rows"]["jobs"] == before
    # Checked by what the cluster runs.
    assert turso["image"] == deployment.pods("turso")[0]["spec"]["containers"][0]["image"]
    with sqlite3.connect(":memory:") as restored:
        restored.executescript((backup / "turso.sql").read_text())
        rows = restored.execute("SELECT id, text, screenshot FROM jobs WHERE text LIKE 'It''s %' ORDER BY id")
        assert [tuple(row) for row in rows] == [tuple(each) for each in RESULTS]

    told = played.output + "".join(path.read_text(errors="replace") for path in backup.iterdir())
    told += b"\n".join(processes.seen["arguments"]).decode(errors="replace")
    assert "store_backup" in told
    assert [canary for canary in canaries if canary in told] == []
    assert scratch(deployment) == ""


def test_restoring_is_refused_before_anything_is_touched(deployment: Deployment) -> None:
    refused = deployment.play(playbook="restore.yml", check=False)
    assert refused.rc != 0
    assert "store_backup_target: is kubernetes; expected compose" in refused.output
    assert refused.changed == 0


def test_the_rights_in_the_documentation_are_what_it_takes(deployment: Deployment, backups: Path) -> None:
    client, namespace, name = deployment.client, deployment.namespace, "backup-of-a-test"
    text = (ROOT / "docs/backups.md").read_text()
    role = next(
        yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", text, re.S) if "kind: Role" in block
    )
    role["metadata"] = {"name": name}
    binding = {
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
    }
    made = [
        ("v1", "ServiceAccount", {"metadata": {"name": name}}),
        ("rbac.authorization.k8s.io/v1", "Role", role),
        ("rbac.authorization.k8s.io/v1", "RoleBinding", binding),
    ]
    access = resolve(Options(kubeconfig=str(deployment.kubeconfig)))
    ca = deployment.directory / "ca.crt"
    ca.write_text(access.tls.ca or "")
    try:
        for api_version, kind, body in made:
            client.request("POST", client.path(api_version, kind, namespace), body)
        await_rights(client, namespace, name, role["rules"][0])
        path = client.path("v1", "ServiceAccount", namespace, name) + "/token"
        token = client.request("POST", path, {"spec": {"expirationSeconds": 600}})["status"]["token"]
        as_that = options(deployment, backups, kubeconfig=None, host=access.host, ca_cert=str(ca), api_key=token)

        foreseen = BACKUP.ok(**as_that, check=True)
        assert [line.split(" to ")[0] for line in foreseen["msg"].splitlines()] == [
            "back up redis (redis)",
            "back up turso (libsql)",
        ]
        assert not backups.exists()
        taken = BACKUP.ok(**as_that)
        assert taken["stores"][1]["contents"]["rows"]["jobs"] >= JOBS
        assert token not in json.dumps([foreseen, taken])

        forwarding = next(rule for rule in role["rules"] if rule["resources"] == ["pods/portforward"])
        role["rules"].remove(forwarding)
        client.request("PUT", client.path(*made[1][:2], namespace, name), role)
        await_no_rights(client, namespace, name, forwarding)
        refused = BACKUP.failing(**as_that)["msg"]
        assert refused.startswith(f"redis: the cluster forwards port 6379 of pod {namespace}/redis-0 no more: pods ")
        assert "forbidden" in refused
        assert token not in refused
    finally:
        for api_version, kind, _unused in made:
            client.delete(api_version, kind, namespace, name)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": "http://sql:8081"}, f"the url of turso is http://sql:8081; there is no Service {NAME}/sql"),
        ({"url": "http://turso"}, "the url of turso is http://turso; its Service has the ports 8081"),
        (
            {"secret": {"set": NAME, "name": "OTHER"}},
            f"the secret of turso: the namespace {NAME} has no OTHER of the set {NAME}; expected what secret_sync",
        ),
    ],
)
def test_what_is_not_there_is_named(deployment: Deployment, changed: Any, said: str) -> None:
    turso = Store(**options(deployment, Path("/"))["stores"][1])._replace(**changed)
    cluster = Cluster(Options(kubeconfig=str(deployment.kubeconfig)), deployment.namespace)
    with pytest.raises(BackupError, match=re.escape(said)), opened([turso], cluster, 10):
        pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_backup_leaves_nothing(deployment: Deployment, backups: Path, number: signal.Signals) -> None:
    running = BACKUP.start(**options(deployment, backups))
    work = backups / deployment.namespace
    # A store is being read.
    while not (addresses := listening(running.pid)):
        assert running.poll() is None, result_of(running)
        time.sleep(0.002)
    assert addresses == {"0100007F"}
    assert list(work.glob(".new-*"))
    os.kill(running.pid, number)
    running.communicate(timeout=60)
    assert running.returncode != 0
    if number == signal.SIGTERM:
        assert [path.name for path in work.iterdir()] == [".lock"]
    assert scratch(deployment) == ""
