#!/usr/bin/python
# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

DOCUMENTATION = r"""
---
module: queue_info
short_description: Tell how much is in queues of BullMQ, Redis lists and Redis streams
version_added: 0.1.0
description:
  - Counts the jobs of queues by state, and says how many of them call for workers now.
  - Two round trips for all queues together. No command walks through a queue, so that a million jobs take no longer
    than ten; nothing is written, and no script runs.
  - An ACL user who may only read is enough; C(docs/queues.md) has the rules. The user C(observer) of the platform's own
    Redis is one.
  - Counts the same as the collection's queue meter, which autoscalers ask.
extends_documentation_fragment:
  - bunops.platform.attributes.info
options:
  url:
    description:
      - Address of Redis, for example V(redis://redis:6379) or V(rediss://redis.example:6380/0), where V(rediss) is TLS
        and the path the number of a database.
      - A user or a password in it is refused; see O(username) and O(password).
      - With O(sentinel) it has no host, V(rediss:///0), and may be left out for V(redis:///0).
      - With O(cluster) it is the address of any server of the cluster.
    type: str
  username:
    description:
      - User of the ACL, by default Redis's C(default).
    type: str
  password:
    description:
      - Password of O(username). Without one nobody logs in.
    type: str
  password_file:
    description:
      - Path of a file with the password, instead of O(password). White space around it does not count.
    type: path
  ca_cert:
    description:
      - Path of certificates (PEM) by which Redis is trusted, besides those that this machine trusts.
    type: path
  client_cert:
    description:
      - Path of a client certificate (PEM).
    type: path
  client_key:
    description:
      - Path of the key of O(client_cert), unless the certificate's file holds it.
    type: path
  validate_certs:
    description:
      - Whether Redis's certificate has to be trusted, and be one for the host's name.
    type: bool
    default: true
  sentinel:
    description:
      - Asks Sentinel where the Redis of a service is; over TLS too if the scheme of O(url) is V(rediss).
    type: dict
    suboptions:
      addresses:
        description:
          - Addresses of Sentinels, V(host:port), by default port V(26379). The first one that knows the service counts.
        type: list
        elements: str
        required: true
      service:
        description:
          - Name of the service, such as V(mymaster).
        type: str
        required: true
      username:
        description:
          - User of Sentinel's own ACL.
        type: str
      password:
        description:
          - Password for Sentinel. Without one nobody logs in.
        type: str
      password_file:
        description:
          - Path of a file with the password, instead of O(sentinel.password).
        type: path
  cluster:
    description:
      - Whether O(url) is part of a Redis Cluster. Each queue is measured on the server that has it.
    type: bool
    default: false
  timeout:
    description:
      - Seconds that connecting to a server may take, and each of its answers.
    type: float
    default: 5.0
  queues:
    description:
      - Queues to measure.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of a queue of BullMQ, or the key of a list or a stream.
        type: str
        required: true
      type:
        description:
          - V(bullmq) is a queue of BullMQ 4, 5 or 6. V(list) and V(stream) are keys of these types.
        type: str
        choices: [bullmq, list, stream]
        default: bullmq
      prefix:
        description:
          - What BullMQ's option C(prefix) says, by default V(bull). In a cluster it needs braces, V({bull}).
        type: str
      group:
        description:
          - Consumer group of a stream. Without one every entry counts as waiting.
        type: str
requirements:
  - Python library C(redis) 4.3 or newer, but not 5.0.0
  - Redis 6 or newer
seealso:
  - module: bunops.platform.queue_scaler
author:
  - bunops contributors
"""

EXAMPLES = r"""
- name: Measure a queue of BullMQ
  bunops.platform.queue_info:
    url: redis://127.0.0.1:6379
    username: observer
    password_file: /srv/shop/secrets/REDIS_OBSERVER_PASSWORD
    queues:
      - name: fetch
  register: measured

- name: Tell about it
  ansible.builtin.debug:
    msg: "{{ measured.queues[0].demand }} jobs call for workers, {{ measured.queues[0].failed }} have failed"

- name: Wait until nothing is left to do, over TLS
  bunops.platform.queue_info:
    url: rediss://redis.example:6380/1
    username: observer
    password: "{{ redis_observer_password }}"
    ca_cert: /etc/ssl/redis-ca.pem
    queues:
      - name: fetch
      - name: mails
        type: stream
        group: senders
  register: drained
  until: drained.queues | map(attribute='demand') | sum == 0
  retries: 60
  delay: 5

- name: Measure a list of the Redis that Sentinel names
  bunops.platform.queue_info:
    sentinel:
      addresses: [sentinel-1.example, sentinel-2.example, sentinel-3.example]
      service: shop
    username: observer
    password: "{{ redis_observer_password }}"
    queues:
      - name: todo
        type: list

- name: Measure a queue in a cluster
  bunops.platform.queue_info:
    url: redis://redis-1.example:6379
    cluster: true
    username: observer
    password: "{{ redis_observer_password }}"
    queues:
      - name: fetch
        prefix: "{bull}"
"""

RETURN = r"""
queues:
  description: What is in each queue, in the order of O(queues).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The queue's name.
      type: str
      sample: fetch
    exists:
      description:
        - Whether Redis has anything of the queue. V(false) for a key, or a stream's group, that is not there, and for a
          queue that nobody has used yet. Then every number is 0.
      type: bool
      sample: true
    waiting:
      description:
        - Jobs that a worker can take now, or could if the queue were not paused.
        - Of a stream's group, what was not delivered to it yet. Where Redis does not know that, because entries were
          deleted, 0 if the group has read to the end, else all entries.
      type: int
      sample: 2
    prioritized:
      description: Waiting jobs that have a priority; they are not among RV(queues[].waiting).
      type: int
      sample: 3
    delayed:
      description: Jobs that wait for their time, also those whose time has come.
      type: int
      sample: 5
    due_delayed:
      description: Those of RV(queues[].delayed) whose time has come by the clock of Redis. Only a worker moves them on.
      type: int
      sample: 1
    active:
      description: Jobs that workers have. Of a stream's group, entries that are not acknowledged.
      type: int
      sample: 1
    paused:
      description: Whether the queue is paused.
      type: bool
      sample: false
    failed:
      description: Jobs that have failed and are kept.
      type: int
      sample: 0
    oldest_waiting_seconds:
      description:
        - For how long a worker could have taken the job that is next, not one of the prioritized ones.
        - V(none) if none waits, or if the queue does not tell, as a list.
      type: float
      sample: 4.2
    oldest_prioritized_seconds:
      description:
        - For how long a worker could have taken the prioritized job that is next.
        - That is the oldest one of the best priority.
        - V(none) if there is none.
      type: float
      sample: 0.5
    oldest_delayed_seconds:
      description:
        - For how long the delayed job whose time came first has been due. V(0) while none is due.
        - V(none) if there is none.
      type: float
      sample: 0
    oldest_active_seconds:
      description:
        - For how long the job that was taken first has been worked on.
        - V(none) if there is none, or if the queue does not tell, as a stream.
      type: float
      sample: 12.7
    demand:
      description:
        - Jobs that call for workers now, RV(queues[].waiting), RV(queues[].prioritized), RV(queues[].due_delayed) and
          RV(queues[].active) together. Of a paused queue RV(queues[].active) alone.
      type: int
      sample: 7
"""

import traceback
from contextlib import ExitStack
from typing import Any, Dict, Iterator, List, Mapping

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.bunops.platform.plugins.module_utils.queue.addresses import passwords_in
from ansible_collections.bunops.platform.plugins.module_utils.queue.errors import QueueError
from ansible_collections.bunops.platform.plugins.module_utils.queue.locate import open_redis
from ansible_collections.bunops.platform.plugins.module_utils.queue.measure import measure
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import ARGUMENT_SPEC, wanted_of


def observe(params: Mapping[str, Any]) -> List[Dict[str, Any]]:
    """What is in the queues, in their order. Raises QueueError, ImportError."""
    wanted = wanted_of(params)
    with ExitStack() as stack:
        ask, who = open_redis(wanted, stack)
        depths = measure(wanted.queues, ask, who)
    return [{"name": queue.name, **depth._asdict()} for queue, depth in zip(wanted.queues, depths)]


def misplaced_passwords(params: Mapping[str, Any]) -> Iterator[str]:
    """Passwords in addresses: refused, and also not to be shown among the module's arguments."""
    addresses = (params["sentinel"] or {}).get("addresses") or []
    for address in (params["url"], *addresses):
        yield from passwords_in(address or "")


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    module.no_log_values.update(misplaced_passwords(module.params))
    try:
        queues = observe(module.params)
    except ImportError:
        module.fail_json(msg=missing_required_lib("redis"), exception=traceback.format_exc())
    except QueueError as problem:
        module.fail_json(msg=str(problem))
    module.exit_json(changed=False, queues=queues)


if __name__ == "__main__":
    main()
