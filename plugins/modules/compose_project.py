#!/usr/bin/python
# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: compose_project
short_description: Bring a Docker Compose project to a state and wait until it works
version_added: 0.1.0
author:
  - bunops contributors (@bunops)
description:
  - Starts, changes, stops or removes a Compose project, from a definition given as a dictionary or from a directory
    with Compose files.
  - Changes only what differs. Containers are recreated when their image, their settings, the content of their configs
    and secrets or their networks changed, when they are unhealthy or restart in a loop; stopped ones are started.
    An unchanged project takes one look.
  - Waits until every service runs and is healthy, and gives up as soon as one of them has given up, with its exit code,
    last health output and last log lines.
  - A service that ends by itself with exit code 0 (a migration, for example) counts as done and is not run again until
    it changes. A service counts as one that keeps running if its restart policy is V(always) or V(unless-stopped), or
    if it has a health check or a published port, and no other service waits for its completion.
  - A project that was started by hand with C(docker compose up) is taken over; containers that match are left alone.
extends_documentation_fragment:
  - bunops.platform.attributes
  - bunops.platform.docker
requirements:
  - Python library C(docker)
  - Docker command line with Compose 2.26 or newer
options:
  name:
    description:
      - Name of the Compose project.
      - Needed unless the definition or the Compose files say it.
    type: str
  definition:
    description:
      - The project as a dictionary, in the format of a Compose file.
      - Paths in it have to be absolute.
    type: dict
  project_src:
    description:
      - Directory with the Compose files; Compose's own rules say which ones are used.
    type: path
  env_files:
    description:
      - Files with environment variables for the interpolation of the definition, later ones win.
      - Files that do not exist are left out.
      - Without any, Compose's own rules hold for O(project_src) (C(.env)), and no file is read for O(definition).
    type: list
    elements: path
    default: []
  state:
    description:
      - V(present) makes the services run, V(stopped) stops them and keeps the containers, V(absent) removes containers
        and networks, and with O(volumes=true) the data.
    type: str
    choices: [present, stopped, absent]
    default: present
  services:
    description:
      - Services to act on, for V(present) with the services that they depend on. All of them by default.
    type: list
    elements: str
    default: []
  wait:
    description:
      - Whether to wait until the services run and are healthy.
    type: bool
    default: true
  wait_timeout:
    description:
      - Seconds that a run may take in all.
    type: int
    default: 120
  volumes:
    description:
      - Whether O(state=absent) removes the named volumes of the project, too. Their data is lost.
    type: bool
    default: false
  remove_orphans:
    description:
      - Whether O(state=present) removes containers of services that are not in the definition any more.
    type: bool
    default: true
  project_file:
    description:
      - Where to write the project as it is run, as a Compose file in JSON, for people to read and to use by hand.
      - C(docker compose --file) with it finds the containers unchanged.
      - It is readable for its owner only. Writing it is no change of its own.
    type: path
  expected_images:
    description:
      - References of images that a task before this one would have built; only check mode looks at them.
      - Services with such an image are then foreseen as recreated, and it is no error that the image is not there yet.
    type: list
    elements: str
    default: []
notes:
  - Existing volumes are never recreated, because that loses data; a definition that differs gives a warning.
  - Images are not built. Missing ones are pulled unless the service's C(pull_policy) says otherwise; with the policy
    C(always) check mode cannot know what a pull would bring.
  - In the diff and in a container label, values of environment variables with names like C(PASSWORD), C(TOKEN) or
    C(KEY) and credentials in URLs stand as short digests.
"""

EXAMPLES = r"""
- name: Run a project from its catalog
  bunops.platform.compose_project:
    definition: "{{ platform | bunops.platform.compose(project_dir=project_dir, secrets_dir=secrets_dir) }}"
    env_files: [/srv/atlas/.env, /srv/atlas/.env.local]

- name: Run a project from a directory with Compose files
  bunops.platform.compose_project:
    project_src: /srv/shop
    wait_timeout: 60

- name: Stop the project and keep its data
  bunops.platform.compose_project:
    name: shop
    state: stopped

- name: Remove the project with its data
  bunops.platform.compose_project:
    name: shop
    state: absent
    volumes: true
"""

RETURN = r"""
services:
  description: How each service stands after the run (before it, in check mode).
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the service.
      type: str
    state:
      description: State of its worst container, V(absent) without one.
      type: str
      sample: running
    health:
      description: V(healthy), V(unhealthy) or V(starting); empty without a health check.
      type: str
      sample: healthy
    exit_code:
      description: Exit code of a container that has ended.
      type: int
    image:
      description: Image reference.
      type: str
      sample: atlas/api:local
    ports:
      description: Published ports.
      type: list
      elements: dict
      contains:
        host_ip:
          description: Address on the host.
          type: str
          sample: 127.0.0.1
        host_port:
          description: Port on the host.
          type: int
          sample: 8080
        container_port:
          description: Port in the container.
          type: int
          sample: 8080
        protocol:
          description: V(tcp), V(udp) or V(sctp).
          type: str
          sample: tcp
actions:
  description: What was changed, found by comparing before and after; in check mode what would be.
  returned: always
  type: list
  elements: dict
  contains:
    resource:
      description: V(service), V(network), V(volume) or V(task).
      type: str
    name:
      description: Name of the service, network, volume or task container.
      type: str
    service:
      description: Name of the service, empty for other resources.
      type: str
    action:
      description: V(created), V(recreated), V(started), V(stopped) or V(removed).
      type: str
    cause:
      description: Why.
      type: str
      sample: environment.LOG_LEVEL changed
msg:
  description: The plan, one operation a line, or why there was nothing to do; for a failed run what went wrong.
  returned: always
  type: str
  sample: "recreate api: environment.LOG_LEVEL changed"
failures:
  description: Services that have given up or are not ready in time.
  returned: failure
  type: list
  elements: dict
  contains:
    service:
      description: Name of the service.
      type: str
    container:
      description: Name of the container.
      type: str
    cause:
      description: Why it counts as failed.
      type: str
    exit_code:
      description: Its exit code, if it has ended.
      type: int
    oom_killed:
      description: Whether it was killed because of its memory limit.
      type: bool
    health:
      description: Exit code and output of the last health check.
      type: str
    log:
      description: Its last log lines.
      type: list
      elements: str
"""

from typing import Any, Dict, Optional

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.bunops.platform.plugins.module_utils.compose.client import Source
from ansible_collections.bunops.platform.plugins.module_utils.compose.load import existing
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import ComposeError
from ansible_collections.bunops.platform.plugins.module_utils.compose.report import GaveUp
from ansible_collections.bunops.platform.plugins.module_utils.compose.run import Options, Outcome, run
from ansible_collections.bunops.platform.plugins.module_utils.engine import EngineError, LibraryMissing
from ansible_collections.bunops.platform.plugins.module_utils.runner import RunnerError


def argument_spec() -> Dict[str, Any]:
    """The module's options."""
    return {
        "name": {"type": "str"},
        "definition": {"type": "dict"},
        "project_src": {"type": "path"},
        "env_files": {"type": "list", "elements": "path", "default": []},
        "state": {"type": "str", "choices": ["present", "stopped", "absent"], "default": "present"},
        "services": {"type": "list", "elements": "str", "default": []},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 120},
        "volumes": {"type": "bool", "default": False},
        "remove_orphans": {"type": "bool", "default": True},
        "project_file": {"type": "path"},
        "expected_images": {"type": "list", "elements": "str", "default": []},
        "docker_host": {"type": "str"},
    }


def options_of(params: Dict[str, Any], check: bool) -> Options:
    """The parameters as the module's parts take them."""
    definition: Optional[Dict[str, Any]] = params["definition"]
    name = params["name"] or (definition or {}).get("name")
    env_files = existing(params["env_files"])
    source = None
    if definition is not None:
        # No directory may add files of its own to a definition that is complete.
        source = Source(name, "/", True, env_files or ["/dev/null"])
    elif params["project_src"] is not None:
        source = Source(name, params["project_src"], False, env_files)
    return Options(
        name=name,
        definition=definition,
        source=source,
        state=params["state"],
        services=params["services"],
        wait=params["wait"],
        wait_timeout=params["wait_timeout"],
        volumes=params["volumes"],
        remove_orphans=params["remove_orphans"],
        docker_host=params["docker_host"],
        project_file=params["project_file"],
        expected_images=params["expected_images"],
        check=check,
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec=argument_spec(),
        supports_check_mode=True,
        mutually_exclusive=[("definition", "project_src")],
        required_one_of=[("name", "definition", "project_src")],
        required_if=[("state", "present", ("definition", "project_src"), True)],
    )
    outcome = Outcome()
    failure: Dict[str, Any] = {}
    try:
        run(options_of(module.params, module.check_mode), outcome)
    except LibraryMissing as error:
        failure = {"msg": missing_required_lib("docker"), "exception": error.trace}
    except GaveUp as error:
        failure = {"msg": str(error), "failures": error.failures}
    except (ComposeError, EngineError, RunnerError) as error:
        failure = {"msg": str(error)}
    for warning in outcome.warnings:
        module.warn(warning)
    result: Dict[str, Any] = {
        "changed": outcome.changed,
        "actions": outcome.actions,
        "services": outcome.services,
        "msg": outcome.msg,
    }
    if outcome.diff:
        result["diff"] = outcome.diff
    if failure:
        module.fail_json(**{**result, **failure})
    module.exit_json(**result)


if __name__ == "__main__":
    main()
