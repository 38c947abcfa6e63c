#!/usr/bin/python
# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: tilt_session
short_description: Run a Tiltfile to its end, keep a Tilt running, or take it down
version_added: 0.1.0
author:
  - bunops contributors (@bunops)
description:
  - Runs C(tilt ci) and says how each resource came out, or leaves C(tilt up) running in the background, or ends it and
    removes what it has made.
  - What fails is named with its reason and the last lines of its log, as soon as it has failed. Values that look like
    secrets are masked.
  - Nothing goes to the internet on Tilt's own account, neither statistics nor a question for newer versions. Its page
    is there for this machine only.
extends_documentation_fragment:
  - bunops.platform.attributes
options:
  state:
    description:
      - V(ci) builds and starts everything, waits until it is healthy, and ends Tilt. What it has started stays. It is a
        change each time.
      - V(up) has a Tilt running that keeps everything current. It outlives the task. One that runs already with
        O(tiltfile) on O(port) is kept, and given other O(args) where they differ.
      - V(down) ends that Tilt and removes the containers, networks and objects of the Tiltfile. Volumes and namespaces
        stay. It is a change if a Tilt was running or something was there to remove.
    type: str
    choices: [ci, up, down]
    required: true
  tiltfile:
    description:
      - Path of the Tiltfile. Tilt runs in its directory.
    type: path
    required: true
  args:
    description:
      - Arguments for the Tiltfile, by default names of the resources to run. For V(down) the same as for V(up).
    type: list
    elements: str
    default: []
  wait:
    description:
      - Whether O(state=up) waits until all resources that start by themselves are ready, and fails if one cannot be.
      - Without it the task ends when Tilt has read the Tiltfile.
    type: bool
    default: true
  timeout:
    description:
      - Seconds that a run may take in all.
    type: int
    default: 1800
  port:
    description:
      - Port of Tilt's page on this machine's loopback address. A Tilt is found again by it.
    type: int
    default: 10350
  context:
    description:
      - Context of the kubeconfig, for a Tiltfile with objects for a cluster. The default is its current one.
      - A Tilt that runs keeps the one that it was started with.
    type: str
    default: ""
requirements:
  - Tilt 0.37 or newer on the PATH
  - Docker command line with Compose, for a Tiltfile with C(docker_compose)
  - Python library C(PyYAML), for V(down) of a Tiltfile with objects for a cluster
notes:
  - Engine and kubeconfig are those that the environment names (E(DOCKER_HOST), E(KUBECONFIG)).
  - A Tilt that was started with V(up) stays when a resource fails, so that a mended source is taken up. It is ended
    again if it cannot use the Tiltfile or the cluster.
  - It writes what it prints to C(.bunops/tilt.log) beside the Tiltfile, which only its owner may read. No C(deps) of a
    resource may include that directory.
  - For V(down), Tilt has to read the Tiltfile, in check mode too. What it calls with C(local) is run.
  - V(down) cannot tell what is left of objects that the Tiltfile removes with a command of its own, and counts as a
    change then.
"""

EXAMPLES = r"""
- name: Prove that everything builds and gets healthy
  bunops.platform.tilt_session:
    state: ci
    tiltfile: /srv/shop/Tiltfile
    timeout: 600

- name: Have Tilt running while somebody develops
  bunops.platform.tilt_session:
    state: up
    tiltfile: /srv/shop/Tiltfile
    args: [api, worker]

- name: End it and remove its containers
  bunops.platform.tilt_session:
    state: down
    tiltfile: /srv/shop/Tiltfile
    args: [api, worker]
"""

RETURN = r"""
url:
  description: Address of Tilt's page.
  returned: O(state=up)
  type: str
  sample: http://localhost:10350/
log:
  description: File with what Tilt prints.
  returned: O(state=up)
  type: str
  sample: /srv/shop/.bunops/tilt.log
resources:
  description: How each resource stands after the run (before it, in check mode).
  returned: O(state=ci) and O(state=up)
  type: list
  elements: dict
  contains:
    name:
      description: Name of the resource.
      type: str
      sample: api
    kind:
      description: V(compose), V(kubernetes) or V(local).
      type: str
      sample: compose
    build:
      description: >-
        How its last build or command came out: V(ok), V(error), V(pending), V(none) as long as nobody asks for it, or
        V(not_applicable).
      type: str
      sample: ok
    runtime:
      description: How what it runs stands, V(ok), V(error), V(pending), V(none) or V(not_applicable).
      type: str
      sample: ok
    health:
      description: V(healthy), V(unhealthy) or V(starting) for a container with a health check, else empty.
      type: str
      sample: healthy
    error:
      description: Error of its last build or of what it runs, else empty.
      type: str
    built_at:
      description: When its last build or command ended, null if none has.
      type: str
      sample: "2026-11-27T20:15:00.000000Z"
msg:
  description: The plan, one operation a line, or why there was nothing to do; for a failed run what went wrong.
  returned: always
  type: str
  sample: "start Tilt with /srv/shop/Tiltfile: none runs on port 10350"
failures:
  description: What has failed or is not ready in time. The Tiltfile itself and the cluster stand in brackets.
  returned: failure
  type: list
  elements: dict
  contains:
    resource:
      description: Name of the resource.
      type: str
    part:
      description: V(build) or V(runtime).
      type: str
    cause:
      description: Why it counts as failed, mostly in Tilt's words.
      type: str
    log:
      description: The last log lines of that part.
      type: list
      elements: str
"""

import os
from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.bunops.platform.plugins.module_utils.runner import RunnerError
from ansible_collections.bunops.platform.plugins.module_utils.tilt.model import TiltError
from ansible_collections.bunops.platform.plugins.module_utils.tilt.report import GaveUp
from ansible_collections.bunops.platform.plugins.module_utils.tilt.run import Options, Outcome, run


def argument_spec() -> Dict[str, Any]:
    """The module's options."""
    return {
        "state": {"type": "str", "choices": ["ci", "up", "down"], "required": True},
        "tiltfile": {"type": "path", "required": True},
        "args": {"type": "list", "elements": "str", "default": []},
        "wait": {"type": "bool", "default": True},
        "timeout": {"type": "int", "default": 1800},
        "port": {"type": "int", "default": 10350},
        "context": {"type": "str", "default": ""},
    }


def main() -> None:
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    params = module.params
    options = Options(
        state=params["state"],
        tiltfile=os.path.abspath(params["tiltfile"]),
        args=params["args"],
        wait=params["wait"],
        timeout=params["timeout"],
        port=params["port"],
        check=module.check_mode,
        context=params["context"],
    )
    outcome = Outcome()
    failure: Dict[str, Any] = {}
    try:
        run(options, outcome)
    except GaveUp as error:
        failure = {"msg": str(error), "failures": error.failures}
    except (TiltError, RunnerError) as error:
        failure = {"msg": str(error)}
    except OSError as error:
        failure = {"msg": f"{error.filename or 'Tilt'}: {error.strerror}."}
    result: Dict[str, Any] = {"changed": outcome.changed, "msg": outcome.msg}
    if options.state != "down":
        result["resources"] = outcome.resources
    if options.state == "up":
        result.update(url=outcome.url, log=outcome.log)
    if outcome.diff:
        result["diff"] = outcome.diff
    if failure:
        module.fail_json(**{**result, **failure})
    module.exit_json(**result)


if __name__ == "__main__":
    main()
