#!/usr/bin/python
# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: store_backup
short_description: Back up running Redis and libSQL servers, and check the backup by restoring it
version_added: 0.1.0
author:
  - bunops contributors (@bunops)
description:
  - Takes a snapshot of each store while it runs, and holds up no writer. Redis gives its RDB by the replication
    protocol, libSQL its dump, which is read in one transaction.
  - Each snapshot is loaded into a scratch instance, a container of the store's own image in a network without a way
    out, which is removed afterwards. Of libSQL the instance has to dump the same bytes; of Redis the manifest keeps how
    many keys there are and a digest of them. Only then the backup counts.
  - A backup is a directory C(<directory>/<name>/<time>), in UTC, with a file a store and a C(manifest.json). It appears
    whole or not at all. Nobody but its owner may read it. Or it is that in a bucket; see O(s3).
  - Redis is read before libSQL. What programs write to the database first, and then to the queue, is then in the
    database if it is in the queue.
  - Stores in a Kubernetes cluster are reached by ports that the API server forwards, each to a port of this machine's
    loopback address for as long as the store is read; see O(namespace).
extends_documentation_fragment:
  - bunops.platform.attributes
  - bunops.platform.docker
  - bunops.platform.kubernetes
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
  namespace:
    description:
      - Namespace of a Kubernetes cluster that the stores run in. Without it the other options of a cluster mean
        nothing, and the stores are reached at their URLs.
      - It takes the rights to C(get) Services, to C(list) Pods and Secrets, and to C(get) and C(create)
        C(pods/portforward).
    type: str
  stores:
    description:
      - What is backed up.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the store, by which it is found when it is restored.
        type: str
        required: true
      kind:
        description:
          - What it is.
        type: str
        choices: [redis, libsql]
        required: true
      url:
        description:
          - Where it is, V(redis://host:port), V(rediss://host:port), V(http://host:port) or V(https://host:port).
          - With O(namespace) the host is a Service in it, V(redis://service:port) or V(http://service:port). Of its
            pods that are ready the first by name is read.
        type: str
        required: true
      username:
        description:
          - User of Redis, by default C(default). It needs the right to C(SYNC).
        type: str
      secret_file:
        description:
          - Path of a file with the password of Redis, or libSQL's token. Without it, and without O(stores[].secret),
            nobody logs in.
        type: path
      secret:
        description:
          - What holds the password or the token in O(namespace), instead of a file. It is one that
            M(bunops.platform.secret_sync) keeps there; the newest version is read.
        type: dict
        suboptions:
          set:
            description:
              - Name of the set.
            type: str
            required: true
          name:
            description:
              - Name of the secret, such as V(REDIS_BACKUP_PASSWORD).
            type: str
            required: true
      image:
        description:
          - Image of the scratch instance. It has to be there, and to have C(redis-server) or C(sqld) on its path.
          - With O(namespace), by default that of the store's pod. It is pulled if it is not there.
          - Required without O(namespace).
        type: str
  keep:
    description:
      - How many backups stay. Older ones are removed once this one has succeeded.
    type: int
    default: 7
  metrics_file:
    description:
      - Where to write when the last backup was, for the textfile collector of Prometheus' node exporter. By default
        C(metrics.prom) in O(directory), with the name of the platform as its folder.
    type: path
  timeout:
    description:
      - Seconds that each step of a store may take.
    type: int
    default: 300
requirements:
  - Python libraries C(docker) and C(redis), C(boto3) for O(s3), C(websocket-client) for O(namespace)
  - Redis 7 or newer, libSQL server 0.24
notes:
  - Runs on the host of the Docker engine, whose containers it reaches by their addresses.
  - Always changed, since every run makes a backup.
seealso:
  - module: bunops.platform.store_restore
"""

EXAMPLES = r"""
- name: Back up the stores of a catalog
  bunops.platform.store_backup:
    name: "{{ platform.name }}"
    directory: /srv/backups
    stores: "{{ platform | bunops.platform.backup_stores(secrets_dir='/srv/atlas/.bunops/secrets') }}"
    keep: 14

- name: Keep backups in a bucket
  bunops.platform.store_backup:
    name: "{{ platform.name }}"
    directory: /var/lib/atlas/backups
    s3:
      endpoint: https://s3.eu-central-1.amazonaws.com
      region: eu-central-1
      bucket: example-backups
      prefix: production
      access_key_file: /etc/atlas/s3.access
      secret_key_file: /etc/atlas/s3.secret
    stores: "{{ platform | bunops.platform.backup_stores(secrets_dir='/srv/atlas/.bunops/secrets') }}"

- name: Back up the stores of a catalog that runs in a cluster
  bunops.platform.store_backup:
    name: "{{ platform.name }}"
    directory: /srv/backups
    context: atlas-prod
    namespace: atlas
    stores: "{{ platform | bunops.platform.backup_stores(secret_set='atlas') }}"

- name: Back up a database that has no catalog
  bunops.platform.store_backup:
    name: shop
    directory: /srv/backups
    stores:
      - name: orders
        kind: libsql
        url: https://orders.example
        secret_file: /etc/shop/orders.token
        image: ghcr.io/tursodatabase/libsql-server:v0.24.32
    metrics_file: /var/lib/node_exporter/shop.prom
"""

RETURN = r"""
backup:
  description: Name of the backup, its time in UTC.
  returned: success
  type: str
  sample: 20261128T031500Z
path:
  description: Its directory, or V(s3://bucket/prefix/name/time).
  returned: success, but not in check mode
  type: str
  sample: /srv/backups/atlas/20261128T031500Z
removed:
  description: Names of what was removed.
  returned: success
  type: list
  elements: str
stores:
  description: What is in it, as the manifest says.
  returned: success, but not in check mode
  type: list
  elements: dict
  contains:
    store:
      description: Name of the store.
      type: str
      sample: turso
    kind:
      description: V(redis) or V(libsql).
      type: str
      sample: libsql
    file:
      description: Name of the file.
      type: str
      sample: turso.sql
    bytes:
      description: Its size.
      type: int
    sha256:
      description: Its checksum.
      type: str
    image:
      description: Image of the scratch instance that it was checked with.
      type: str
    contents:
      description: What the scratch instance had, rows by table, or keys that stay by database and their digest.
      type: dict
      sample: {rows: {jobs: 1000}}
last_success_timestamp_seconds:
  description: When it was begun, in seconds since 1970; the same as the metric.
  returned: success, but not in check mode
  type: int
msg:
  description: The plan, one operation a line; for a failed run what went wrong.
  returned: always
  type: str
"""

from pathlib import Path
from typing import Any, Dict

from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.module import run_module
from ansible_collections.bunops.platform.plugins.module_utils.backup.run_backup import Options, run
from ansible_collections.bunops.platform.plugins.module_utils.backup.sources import Cluster
from ansible_collections.bunops.platform.plugins.module_utils.backup.spec import COMMON, STORE, place_of, stores_of
from ansible_collections.bunops.platform.plugins.module_utils.cluster import connection

SECRET = {"set": {"type": "str", "required": True}, "name": {"type": "str", "required": True}}


def argument_spec() -> Dict[str, Any]:
    """The module's options."""
    store = {
        **STORE,
        "image": {"type": "str"},
        "url": {"type": "str", "required": True},
        "username": {"type": "str"},
        "secret_file": {"type": "path", "no_log": False},
        "secret": {"type": "dict", "no_log": False, "options": SECRET},
    }
    return {
        **COMMON,
        **connection.ARGUMENT_SPEC,
        "namespace": {"type": "str"},
        "stores": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": store,
            "mutually_exclusive": [["secret_file", "secret"]],
        },
        "keep": {"type": "int", "default": 7},
        "metrics_file": {"type": "path"},
    }


def options_of(params: Dict[str, Any], check: bool) -> Options:
    """The parameters as the module's parts take them. Raises BackupError."""
    if params["keep"] < 1:
        raise BackupError("keep: is %d; expected 1 or more" % params["keep"])
    namespace = params["namespace"]
    return Options(
        platform=params["name"],
        stores=stores_of(params),
        place=place_of(params),
        keep=params["keep"],
        metrics_file=Path(params["metrics_file"]) if params["metrics_file"] else None,
        timeout=params["timeout"],
        docker_host=params["docker_host"],
        check=check,
        cluster=None if namespace is None else Cluster(connection.options_of(params), namespace),
    )


def main() -> None:
    run_module(argument_spec(), lambda params, check: run(options_of(params, check)))


if __name__ == "__main__":
    main()
