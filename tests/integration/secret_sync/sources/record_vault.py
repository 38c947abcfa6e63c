# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Records the answers of a real server for the tests that have none: `python -m ….record_vault NAME ORIGIN`.

NAME is the file's, as `vault-1.19.5`; the server is the one that vault_servers finds, and asks a new cluster about
service accounts. Tokens are replaced by those of the tests, and mounts and policies by their usual names.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.tests.cluster.cluster import Cluster
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.reading import CANARY
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.vault_kubernetes import (
    Tokens,
    service_accounts,
)
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.vault_servers import (
    JWT,
    READER,
    RECORDED,
    ROLE_ID,
    ROOT,
    SECRET_ID,
    Vault,
    ask,
    real,
)

Json = dict[str, Any]


def main(name: str, origin: str) -> None:
    """Write the file."""
    with (
        tempfile.TemporaryDirectory(prefix="bunops-cluster-") as root,
        Cluster.start(Path(root) / "cluster") as cluster,
        real() as vault,
        service_accounts(vault, cluster.kubeconfig) as tokens,
    ):
        logins = record_logins(vault, tokens)
        received = [each["answer"]["auth"]["client_token"] for each in logins if each["status"] == 200]
        exchanges = logins + record_reads(vault, received[0])
    text = json.dumps({"origin": origin, "exchanges": exchanges}, indent=2)
    usual = dict.fromkeys(received, READER) | {tokens.reader: JWT, vault.token: ROOT}
    usual |= {vault.mount: "secret", vault.plain: "plain", vault.approle: "approle", vault.kubernetes: "kubernetes"}
    for found, replacement in (usual | {vault.policy: "reader"}).items():
        text = text.replace(found, replacement)
    (RECORDED / f"{name}.json").write_text(text + "\n")


def record_logins(vault: Vault, tokens: Tokens) -> list[Json]:
    """One by each method, and one that is refused."""
    approle, kubernetes = f"auth/{vault.approle}/login", f"auth/{vault.kubernetes}/login"
    return [
        login(vault, approle, {"role_id": ROLE_ID, "secret_id": SECRET_ID}),
        login(vault, approle, {"role_id": ROLE_ID, "secret_id": f"{CANARY}-wrong"}),
        login(vault, kubernetes, {"role": "reader", "jwt": tokens.reader}),
        login(vault, kubernetes, {"role": "reader", "jwt": tokens.stranger}),
    ]


def record_reads(vault: Vault, reader: str) -> list[Json]:
    """What is there and what is not, with the tokens of each kind."""

    def read(kind: str, token: str, path: str) -> Json:
        status, answer = ask(vault.url, token, "GET", path)
        return {"request": f"GET /v1/{path}", "token": kind, "status": status, "answer": answer}

    everywhere = ("app/db", *(f"app/db?version={n}" for n in (1, 2, 3, 4, 9)), "app/gone", "app/none", "other/db")
    return [
        *(read("root", vault.token, f"{vault.mount}/data/{path}") for path in everywhere),
        *(read("reader", reader, f"{vault.mount}/data/{path}") for path in ("app/db", "app/none", "other/db")),
        read("other", f"{CANARY}-wrong", f"{vault.mount}/data/app/db"),
        *(read("root", vault.token, f"{mount}/data/app/db") for mount in ("nonesuch", vault.plain)),
    ]


def login(vault: Vault, path: str, body: Json) -> Json:
    """A login; one that is refused stands for all that are."""
    status, answer = ask(vault.url, "", "POST", path, body)
    return {"request": f"POST /v1/{path}", "body": body if status == 200 else None, "status": status, "answer": answer}


if __name__ == "__main__":
    main(*sys.argv[1:])
