#!/usr/bin/python
# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

DOCUMENTATION = r"""
---
module: docker_engine_info
short_description: Tell whether a Docker engine answers here, with buildx and Compose, and how to reach it
version_added: 0.1.0
description:
  - Asks the engine and the command line once and says what is there, what is missing, and why.
  - An engine that does not answer is no error of this module, but its finding; see RV(problems).
extends_documentation_fragment:
  - bunops.platform.attributes.info
  - bunops.platform.docker
author:
  - bunops contributors
"""

EXAMPLES = r"""
- name: Ask the engine
  bunops.platform.docker_engine_info:
  register: docker_engine_info

- name: Stop here without a usable engine
  ansible.builtin.assert:
    that: docker_engine_info.usable
    fail_msg: "{{ docker_engine_info.problems | map(attribute='sentence') | join(' ') }}"
"""

RETURN = r"""
usable:
  description: Whether engine, buildx and Compose answer in versions that the collection works with.
  returned: success
  type: bool
problems:
  description: What stands in the way; empty where RV(usable) is true.
  returned: success
  type: list
  elements: dict
  contains:
    part:
      description: One of V(cli), V(engine), V(buildx), V(compose).
      type: str
    cause:
      description: One of V(missing), V(stopped), V(forbidden), V(old), V(unreachable).
      type: str
    sentence:
      description: The problem in words.
      type: str
  sample:
    - part: engine
      cause: stopped
      sentence: "The Docker engine's socket unix:///var/run/docker.sock does not exist: the engine is not running or
        not installed."
engine_version:
  description: Version of the engine; empty where none answers.
  returned: success
  type: str
  sample: 26.1.5
buildx_version:
  description: Version of buildx; empty where it is missing.
  returned: success
  type: str
  sample: 0.13.1
compose_version:
  description: Version of Compose; empty where it is missing.
  returned: success
  type: str
  sample: 2.26.1
docker_host:
  description: Address of the engine.
  returned: success
  type: str
  sample: unix:///var/run/docker.sock
socket:
  description: Path of the engine's socket; empty where it is reached over the network.
  returned: success
  type: str
  sample: /var/run/docker.sock
socket_gid:
  description: Group, as seen in a container, that may use the socket.
  returned: success
  type: int
  sample: 105
data_root:
  description: Where the engine keeps its data.
  returned: success
  type: str
  sample: /var/lib/docker
"""

import os

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.bunops.platform.plugins.module_utils import engine_info
from ansible_collections.bunops.platform.plugins.module_utils.engine import resolve_host


def socket_gid(path: str, rootless: bool) -> int:
    """The socket's group; a rootless engine's own group is 0 inside its containers."""
    if rootless or not os.path.exists(path):
        return 0
    return os.stat(path).st_gid


def main() -> None:
    module = AnsibleModule(argument_spec={"docker_host": {"type": "str"}}, supports_check_mode=True)
    host = resolve_host(module.params["docker_host"])
    found = engine_info.observe(host)
    problems = engine_info.problems(found, host)
    socket = host[len("unix://") :] if host.startswith("unix://") else ""
    module.exit_json(
        changed=False,
        usable=not problems,
        problems=[problem._asdict() for problem in problems],
        engine_version=found.engine_version,
        buildx_version=found.plugins.get("buildx", ""),
        compose_version=found.plugins.get("compose", ""),
        docker_host=host,
        socket=socket,
        socket_gid=socket_gid(socket, found.rootless),
        data_root=found.data_root,
    )


if __name__ == "__main__":
    main()
