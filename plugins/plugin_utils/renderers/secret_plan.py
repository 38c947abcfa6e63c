# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What secret_sync has to make or read, without anything that only a catalog would explain."""

from __future__ import annotations

import posixpath

from ..model.platform import Platform
from ..model.secrets import FileSecret, GeneratedSecret, Secret, SignedToken
from ..model.stores import auth_secret
from .names import local_stores

Plan = dict[str, dict[str, object]]


def secret_plan(platform: Platform, project_dir: str) -> Plan:
    """Per secret its one source (generate, env or file), `optional`, and `derived`.

    project_dir: absolute; where relative paths of files begin.

    derived: `acl`, a Redis ACL file NAME.acl made from the password; `jwt_public`, the public
    key NAME.pub that proves the token.
    """
    acl_of = {auth_secret(name, store.kind) for name, store in local_stores(platform).items() if store.kind == "redis"}
    plan: Plan = {}
    for name in sorted(platform.secrets):
        secret = platform.secrets[name]
        signed = isinstance(secret, GeneratedSecret) and isinstance(secret.generate, SignedToken)
        derived = {"acl": name in acl_of, "jwt_public": signed}
        plan[name] = {
            **_source(secret, project_dir),
            "derived": [kind for kind, wanted in derived.items() if wanted],
        }
    return plan


def _source(secret: Secret, project_dir: str) -> dict[str, object]:
    source = secret.model_dump(mode="json")
    return {**source, "file": posixpath.join(project_dir, secret.file)} if isinstance(secret, FileSecret) else source
