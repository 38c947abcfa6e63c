# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What secret_sync has to make or read, without anything that only a catalog would explain."""

from __future__ import annotations

import posixpath

from ..model.platform import Platform
from ..model.secrets import FileSecret, GeneratedSecret, Secret, SignedToken
from ..model.stores import auth_secret
from .names import local_stores

Plan = list[dict[str, object]]


def secret_plan(platform: Platform, project_dir: str) -> Plan:
    """The option `secrets` of secret_sync, in the order of the secrets' names.

    project_dir: absolute; where relative paths of files begin.
    """
    acl_of = {auth_secret(name, store.kind) for name, store in local_stores(platform).items() if store.kind == "redis"}
    return [_planned(name, platform.secrets[name], name in acl_of, project_dir) for name in sorted(platform.secrets)]


def _planned(name: str, secret: Secret, has_acl: bool, project_dir: str) -> dict[str, object]:
    signed = isinstance(secret, GeneratedSecret) and isinstance(secret.generate, SignedToken)
    derived = {"acl": has_acl, "jwt_public": signed}
    return {
        "name": name,
        "source": _source(secret, project_dir),
        "optional": secret.optional,
        "derived": [kind for kind, wanted in derived.items() if wanted],
    }


def _source(secret: Secret, project_dir: str) -> dict[str, object]:
    source = secret.model_dump(mode="json", exclude={"optional"})
    return {**source, "file": posixpath.join(project_dir, secret.file)} if isinstance(secret, FileSecret) else source
