#!/usr/bin/python
# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: store_restore
short_description: Restore volumes of Redis and libSQL servers from a backup
version_added: 0.1.0
author:
  - bunops contributors (@bunops)
description:
  - Brings back what M(bunops.platform.store_backup) has kept, into Docker volumes that no container has.
  - Checksums are compared before anything is touched, in check mode too; from O(s3) the files are read for that. Each
    store is loaded into a scratch instance beside the former data and compared with the manifest; only then the volumes
    get it.
  - The former data is kept until all volumes have the new. If something fails, it comes back. If a run is killed, the
    next one begins with it.
  - Redis gets an append-only file, which a Redis with V(appendonly yes) reads.
extends_documentation_fragment:
  - bunops.platform.attributes
  - bunops.platform.docker
  - bunops.platform.s3
options:
  name:
    description:
      - Name of the platform, a directory in O(directory).
    type: str
    required: true
  directory:
    description:
      - Where backups are kept. With O(s3) they are kept there, and this is where they are made or downloaded; nothing
        of them stays here.
    type: path
    required: true
  backup:
    description:
      - Name of a backup, such as V(20261128T031500Z).
    type: str
    default: newest
  stores:
    description:
      - What is restored.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the store in the backup.
        type: str
        required: true
      kind:
        description:
          - What it is.
        type: str
        choices: [redis, libsql]
        required: true
      image:
        description:
          - Image of the store, for the scratch instance. It has to be there.
        type: str
        required: true
      volume:
        description:
          - Volume that gets the data. Redis has it at C(/data), libSQL at C(/var/lib/sqld), its database in C(data).
        type: str
        required: true
      labels:
        description:
          - Labels of a volume that is created. One that is replaced keeps its own.
        type: dict
        default: {}
  replace:
    description:
      - Whether volumes that are there may be replaced. Without it they are an error.
    type: bool
    default: false
  timeout:
    description:
      - Seconds that each step of a store may take.
    type: int
    default: 300
requirements:
  - Python libraries C(docker) and C(redis), and C(boto3) for O(s3)
  - Redis 7 or newer, libSQL server 0.24
notes:
  - Runs on the host of the Docker engine, whose containers it reaches by their addresses.
  - Always changed, since every run restores.
seealso:
  - module: bunops.platform.store_backup
"""

EXAMPLES = r"""
- name: Restore the newest backup after the volumes were lost
  bunops.platform.store_restore:
    name: "{{ platform.name }}"
    directory: /srv/backups
    stores: "{{ platform | bunops.platform.restore_stores }}"

- name: Restore on another machine what is in a bucket
  bunops.platform.store_restore:
    name: "{{ platform.name }}"
    directory: /var/lib/atlas/backups
    s3:
      endpoint: https://s3.eu-central-1.amazonaws.com
      region: eu-central-1
      bucket: example-backups
      prefix: production
      access_key_file: /etc/atlas/s3.access
      secret_key_file: /etc/atlas/s3.secret
    stores: "{{ platform | bunops.platform.restore_stores }}"

- name: Go back to an earlier state of one store
  bunops.platform.store_restore:
    name: shop
    directory: /srv/backups
    backup: 20261128T031500Z
    stores:
      - name: orders
        kind: libsql
        image: ghcr.io/tursodatabase/libsql-server:v0.24.32
        volume: shop_orders
    replace: true
"""

RETURN = r"""
backup:
  description: Name of the backup.
  returned: success
  type: str
  sample: 20261128T031500Z
stores:
  description: What was restored, as its manifest says; see M(bunops.platform.store_backup).
  returned: success
  type: list
  elements: dict
msg:
  description: The plan, one operation a line; for a failed run what went wrong.
  returned: always
  type: str
  sample: "create volume atlas_turso: turso of 20261128T031500Z, 1000 rows"
"""

from typing import Any, Dict

from ansible_collections.bunops.platform.plugins.module_utils.backup.module import run_module
from ansible_collections.bunops.platform.plugins.module_utils.backup.run_restore import Options, run
from ansible_collections.bunops.platform.plugins.module_utils.backup.spec import COMMON, STORE, place_of, stores_of


def argument_spec() -> Dict[str, Any]:
    """The module's options."""
    store = {**STORE, "volume": {"type": "str", "required": True}, "labels": {"type": "dict", "default": {}}}
    return {
        **COMMON,
        "backup": {"type": "str", "default": "newest"},
        "stores": {"type": "list", "elements": "dict", "required": True, "options": store},
        "replace": {"type": "bool", "default": False},
    }


def options_of(params: Dict[str, Any], check: bool) -> Options:
    """The parameters as the module's parts take them. Raises BackupError."""
    return Options(
        platform=params["name"],
        stores=stores_of(params),
        place=place_of(params),
        backup=params["backup"],
        replace=params["replace"],
        timeout=params["timeout"],
        docker_host=params["docker_host"],
        check=check,
    )


def main() -> None:
    run_module(argument_spec(), lambda params, check: run(options_of(params, check)))


if __name__ == "__main__":
    main()
