#!/usr/bin/python
# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: k8s_set
short_description: Apply a set of Kubernetes objects, wait until they work, and remove what is not in the set any more
version_added: 0.1.0
author:
  - bunops contributors (@bunops)
description:
  - Applies a list of objects with server-side apply, many at a time, waits once for all of them, and then removes the
    objects that earlier runs applied and that are not in the list any more.
  - Which objects belong to the set is written down in the cluster itself, as an ApplySet (KEP-3659). Its parent is the
    ConfigMap C(<name>-applyset) in O(namespace), its members carry the label C(applyset.kubernetes.io/part-of).
  - Objects are applied in an order that needs no thought. Namespaces come first, then custom resource definitions until
    they are served, policies, identities and configuration, workloads, and webhooks in the end.
  - A set that has not changed costs one list a kind and namespace. Whether an object changes is decided exactly; what
    the API server fills in, rewrites or lets webhooks rewrite is no change.
  - A number of replicas that only this module has given stays as it is when it is left out, for an autoscaler to take
    it.
  - Only one run at a time works on a set. It holds the Lease C(<name>-apply); others wait.
  - An API server that is overloaded, restarting or cut off is asked again for half a minute before the run fails. The
    next run goes on from there.
extends_documentation_fragment:
  - bunops.platform.attributes
  - bunops.platform.kubernetes
options:
  name:
    description:
      - Name of the set, unique in its namespace.
    type: str
    required: true
  namespace:
    description:
      - Namespace in which the set keeps its records, and of namespaced objects that name none.
      - It has to be there or among O(objects). By default the context's, else V(default).
    type: str
  objects:
    description:
      - The objects, each a dictionary. Lists (kinds that end in C(List) and have C(items)) are expanded and empty
        documents left out, so that the output of the filter P(ansible.builtin.from_yaml_all#filter) can be given.
      - All that is wrong with them is reported at once, before anything is applied as far as it can be known by then.
      - Values under C(stringData) of a Secret are applied as C(data).
    type: list
    elements: raw
    default: []
  state:
    description:
      - V(present) applies O(objects); V(absent) removes all members of the set, whatever O(objects) says.
    type: str
    choices: [present, absent]
    default: present
  prune:
    description:
      - Whether V(present) removes members that are not among O(objects), once the others are ready.
    type: bool
    default: true
  prune_limit:
    description:
      - How many members a run may prune. If there are more, nothing is changed and the run fails with their list.
      - Does not hold for O(state=absent).
    type: int
    default: 20
  volumes:
    description:
      - Whether volume claims may be removed, those that a removed StatefulSet made too. Their data may be lost.
      - Otherwise they stay, and so do namespaces that hold any.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait until the objects are ready, and removed ones gone.
      - The wait ends at once when something cannot become ready by itself, such as an image that cannot be pulled, and
        says why.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds after its start a run goes on waiting, for another run, for custom resource definitions, for
        readiness and for deletions in all.
    type: int
    default: 300
  conditions:
    description:
      - Conditions to wait for besides what is usual for a kind.
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description:
          - Kind of the objects.
        type: str
        required: true
      name:
        description:
          - Name of the object, by default all of that kind.
        type: str
      type:
        description:
          - Type of the condition, for example V(Programmed).
        type: str
        required: true
      status:
        description:
          - Status that it has to have.
        type: str
        default: "True"
  rollback:
    description:
      - Whether a run that fails after it has begun to apply brings the former state of the set back. Fields get the
        values that they had, new objects are removed again (volume claims stay).
    type: bool
    default: false
  force_conflicts:
    description:
      - Whether to take over fields that somebody else manages and has given other values. Without it, such conflicts
        are reported field by field.
    type: bool
    default: false
  connections:
    description:
      - How many requests may be under way at once.
    type: int
    default: 8
notes:
  - Namespaces are removed only if the set has made them.
  - Fields are applied under the field manager C(bunops-platform).
  - O(objects) appear in no log and not in the result's C(invocation). In the diff, values of Secrets and of environment
    variables and ConfigMap entries with names like C(PASSWORD), C(TOKEN) or C(KEY) are masked.
  - Needed rights are C(get), C(list), C(create), C(patch) and C(delete) for the kinds of the set and for C(configmaps),
    and C(get), C(create), C(update) and C(delete) for C(leases.coordination.k8s.io) in O(namespace).
seealso:
  - name: ApplySet specification
    description: How the members of a set are known.
    link: https://github.com/kubernetes/enhancements/blob/master/keps/sig-cli/3659-kubectl-apply-prune/README.md
"""

EXAMPLES = r"""
- name: Apply a platform from its catalog
  bunops.platform.k8s_set:
    name: atlas
    namespace: atlas
    objects: "{{ platform | bunops.platform.manifests(images=images) }}"
    rollback: true

- name: Apply the objects in a file
  bunops.platform.k8s_set:
    name: shop
    namespace: shop
    objects: "{{ lookup('ansible.builtin.file', 'shop.yml') | ansible.builtin.from_yaml_all | list }}"
    context: staging

- name: Wait for a condition of a custom resource, too
  bunops.platform.k8s_set:
    name: edge
    namespace: edge
    objects: "{{ gateway_objects }}"
    conditions:
      - kind: Gateway
        type: Programmed

- name: Remove everything with its data
  bunops.platform.k8s_set:
    name: shop
    namespace: shop
    state: absent
    volumes: true
"""

RETURN = r"""
objects:
  description: The objects of the set and what was done with each (before a rollback); in check mode what would be.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: Kind.
      type: str
      sample: Deployment
    namespace:
      description: Namespace, empty for kinds that have none.
      type: str
      sample: atlas
    name:
      description: Name.
      type: str
      sample: api
    action:
      description: V(created), V(changed), V(unchanged) or V(pruned).
      type: str
      sample: changed
    cause:
      description: Why, empty for unchanged ones.
      type: str
      sample: spec.template.spec.containers[api].image differs
summary:
  description: How many objects there are of each action.
  returned: always
  type: dict
  sample: {created: 0, changed: 1, unchanged: 24, pruned: 0}
msg:
  description: The same in words, with the members that stay though they are not wanted; what went wrong, if anything.
  returned: always
  type: str
  sample: 1 changed, 24 unchanged
kept:
  description: Members that are not wanted any more and stay, with the reason.
  returned: always
  type: list
  elements: str
  sample: ["PersistentVolumeClaim atlas/data stays: it holds data, and volumes is false"]
rolled_back:
  description: Whether the former state of the set was brought back.
  returned: always
  type: bool
problems:
  description: What is wrong, object by object.
  returned: failure
  type: list
  elements: dict
  contains:
    kind:
      description: Kind.
      type: str
    namespace:
      description: Namespace.
      type: str
    name:
      description: Name.
      type: str
    field:
      description: The field that was refused, if one was.
      type: str
      sample: .spec.replicas
    reason:
      description: A word for programs.
      type: str
      sample: Conflict
    message:
      description: What is wrong.
      type: str
      sample: kubectl-edit manages it
    pod:
      description: The pod in which it shows, for objects that did not become ready.
      type: str
    container:
      description: The container in which it shows.
      type: str
    log:
      description: Its last log lines.
      type: list
      elements: str
"""

import base64
from typing import Any, Dict, List

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client, Limits
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import ARGUMENT_SPEC, options_of
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Expectation
from ansible_collections.bunops.platform.plugins.module_utils.cluster.run import Options, Outcome, run

ACTIONS = ("created", "changed", "unchanged", "pruned")
# Shorter values cannot be told from ordinary text.
_SHORTEST_SECRET = 4


def argument_spec() -> Dict[str, Any]:
    """The module's options."""
    condition = {
        "kind": {"type": "str", "required": True},
        "name": {"type": "str"},
        "type": {"type": "str", "required": True},
        "status": {"type": "str", "default": "True"},
    }
    return {
        **ARGUMENT_SPEC,
        "name": {"type": "str", "required": True},
        "namespace": {"type": "str"},
        "objects": {"type": "list", "elements": "raw", "default": []},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "prune": {"type": "bool", "default": True},
        "prune_limit": {"type": "int", "default": 20},
        "volumes": {"type": "bool", "default": False},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 300},
        "conditions": {"type": "list", "elements": "dict", "default": [], "options": condition},
        "rollback": {"type": "bool", "default": False},
        "force_conflicts": {"type": "bool", "default": False},
        "connections": {"type": "int", "default": 8},
    }


def set_options(params: Dict[str, Any], namespace: str, check: bool, diff: bool) -> Options:
    """The parameters as the module's parts take them; namespace: what to use without one."""
    same = {name: params[name] for name in Options._fields if name in params}
    same["conditions"] = [
        Expectation(entry["kind"], entry["type"], entry["status"], entry["name"]) for entry in params["conditions"]
    ]
    same["namespace"] = params["namespace"] or namespace
    return Options(**same, check=check, diff=diff)


def result_of(outcome: Outcome, params: Dict[str, Any]) -> Dict[str, Any]:
    """What the module returns, if nothing goes wrong."""
    objects = [
        {"kind": key.kind, "namespace": key.namespace, "name": key.name, "action": action.name, "cause": action.cause}
        for key, action in sorted(outcome.actions.items())
    ]
    summary = {name: sum(entry["action"] == name for entry in objects) for name in ACTIONS}
    words = ", ".join(f"{count} {name}" for name, count in summary.items() if count) or "the set is empty"
    result: Dict[str, Any] = {
        "changed": outcome.changed,
        "objects": objects,
        "summary": summary,
        "msg": "\n".join([words, *outcome.kept]),
        "kept": outcome.kept,
        "rolled_back": outcome.rolled_back,
        # Objects may hold secrets, and thousands of them make a result slow.
        "invocation": {"module_args": {**shown(params), "objects": f"{len(params['objects'])} objects"}},
    }
    if outcome.diffs:
        result["diff"] = outcome.diffs
    return result


def shown(params: Dict[str, Any]) -> Dict[str, Any]:
    """The parameters without the values that the argument spec calls secret."""
    secret = [name for name, spec in argument_spec().items() if spec.get("no_log")]
    return {
        name: "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" if name in secret and value else value
        for name, value in params.items()
    }


def failure_of(error: ClusterError, outcome: Outcome, objects: List[Any]) -> Dict[str, Any]:
    """What the module returns besides if it fails. The log of a container may tell a secret, this does not."""
    from ansible_collections.bunops.platform.plugins.module_utils.runner import redact

    problems: List[Any] = [
        problem.as_dict() for problem in getattr(error, "problems", []) if hasattr(problem, "as_dict")
    ]
    text = str(error)
    if outcome.rollback_text:
        text = f"{text}\n{outcome.rollback_text}"
    secrets = secret_values(objects)
    for problem in problems:
        problem["message"] = redact(problem.get("message") or "", secrets)
        problem["log"] = [redact(line, secrets) for line in problem.get("log") or []]
    return {"msg": redact(text, secrets), "problems": problems}


def secret_values(objects: List[Any]) -> List[str]:
    """The values of the Secrets among the objects, as they are and in base64."""
    values: List[str] = []
    for entry in objects:
        if not isinstance(entry, dict) or entry.get("kind") != "Secret":
            continue
        plain = [str(value) for value in (entry.get("stringData") or {}).values()]
        encoded = [str(value) for value in (entry.get("data") or {}).values()]
        values += [*plain, *encoded, *map(_decoded, encoded)]
        values += [base64.b64encode(value.encode()).decode() for value in plain]
    return [value for value in values if len(value) >= _SHORTEST_SECRET]


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value).decode()
    except ValueError:
        return ""


def main() -> None:
    # no_log: no copy of the objects to the system's log.
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True, no_log=True)
    outcome = Outcome()
    failure: Dict[str, Any] = {}
    try:
        # One more than there are threads, so that the Lease is renewed however busy they are.
        limits = Limits(connections=module.params["connections"] + 1)
        with Client.connect(options_of(module.params), limits) as client:
            namespace = client.namespace or "default"
            run(client, set_options(module.params, namespace, module.check_mode, module._diff), outcome)
    except ClusterError as error:
        failure = failure_of(error, outcome, module.params["objects"])
    result = result_of(outcome, module.params)
    if failure:
        module.fail_json(**{**result, **failure})
    module.exit_json(**result)


if __name__ == "__main__":
    main()
