# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Records the answers of a real server for the tests that have none: `python -m ….record_vault NAME ORIGIN`.

NAME is the file's, as `vault-1.21.2`; the server is the one that vault_servers finds. Tokens are replaced by those of
the tests, and mounts by their usual names.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.reading import CANARY
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.vault_servers import (
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
    with real() as vault:
        reader = login(vault, SECRET_ID)
        exchanges = [reader, login(vault, f"{CANARY}-wrong")]
        token = reader["answer"]["auth"]["client_token"]
        for path in ("app/db", *(f"app/db?version={n}" for n in (1, 2, 3, 4, 9)), "app/gone", "app/none", "other/db"):
            exchanges.append(get(vault, "root", vault.token, f"{vault.mount}/data/{path}"))
        for path in ("app/db", "app/none", "other/db"):
            exchanges.append(get(vault, "reader", token, f"{vault.mount}/data/{path}"))
        exchanges.append(get(vault, "other", f"{CANARY}-wrong", f"{vault.mount}/data/app/db"))
        exchanges += [get(vault, "root", vault.token, f"{each}/data/app/db") for each in ("nonesuch", vault.plain)]
    text = json.dumps({"origin": origin, "exchanges": exchanges}, indent=2)
    usual = {vault.mount: "secret", vault.plain: "plain", vault.approle: "approle", token: READER, vault.token: ROOT}
    for found, replacement in usual.items():
        text = text.replace(found, replacement)
    (RECORDED / f"{name}.json").write_text(text + "\n")


def get(vault: Vault, kind: str, token: str, path: str) -> Json:
    """A read with a token of a kind."""
    status, answer = ask(vault.url, token, "GET", path)
    return {"request": f"GET /v1/{path}", "token": kind, "status": status, "answer": answer}


def login(vault: Vault, secret_id: str) -> Json:
    """A login; one that is refused stands for all that are."""
    path, body = f"auth/{vault.approle}/login", {"role_id": ROLE_ID, "secret_id": secret_id}
    status, answer = ask(vault.url, "", "POST", path, body)
    return {"request": f"POST /v1/{path}", "body": body if status == 200 else None, "status": status, "answer": answer}


if __name__ == "__main__":
    main(*sys.argv[1:])
