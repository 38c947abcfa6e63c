"""The values of the secrets are in the cluster's Secrets and nowhere else."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.tests.e2e.kubernetes.deployment import Deployment
from ansible_collections.bunops.platform.tests.e2e.test_secrets import read

CANARY = "canary-8b1f0c-\"'$#"


def test_no_value_is_printed_or_stored_outside_the_secrets(deployment: Deployment, tmp_path: Path) -> None:
    deployment.patch.setdefault("secrets", {})["OPENAI_API_KEY"] = {"env": None, "file": str(tmp_path / "canary")}
    (tmp_path / "canary").write_text(CANARY)
    try:
        places = {"check": deployment.play("-vvv", "--diff", "--check").output}
        places["run"] = deployment.play("-vvv", "--diff").output
    finally:
        del deployment.patch["secrets"]["OPENAI_API_KEY"]
    for api_version, kind in (
        ("v1", "ConfigMap"),
        ("v1", "Pod"),
        ("v1", "Event"),
        ("apps/v1", "Deployment"),
        ("apps/v1", "ReplicaSet"),
        ("apps/v1", "StatefulSet"),
    ):
        places[kind] = json.dumps(list(deployment.items(api_version, kind)))
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        places[f"arguments {process}"] = read(process)

    values = secret_values(deployment)
    assert CANARY in values.values()
    needles = {name: written(value) for name, value in values.items()}
    found = [(place, name) for place, text in places.items() for name in needles for n in needles[name] if n in text]
    assert found == []
    deployment.play()


def written(value: str) -> set[str]:
    """A value as it may stand somewhere: plain, in JSON, in a Secret's data."""
    return {value, json.dumps(value)[1:-1], base64.b64encode(value.encode()).decode()}


def secret_values(deployment: Deployment) -> dict[str, str]:
    return secret_values_of(deployment.client, deployment.namespace)


def secret_values_of(client: Client, namespace: str) -> dict[str, str]:
    """Of all versions; what is public, like the key of a token, is left out."""
    return {
        f"{item['metadata']['name']}/{key}": value
        for item in client.list("v1", "Secret", namespace)
        for key, data in (item.get("data") or {}).items()
        if "." not in key and (value := base64.b64decode(data).decode())
    }
