#!/usr/bin/python
# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: k8s_kinds_info
short_description: Tell which kinds of objects a Kubernetes cluster serves
version_added: 0.1.0
description:
  - Says which of some kinds the API server serves, so that what an operator would act on can be left out where there is
    none.
  - Two requests, however many kinds are asked about. Nothing is read but which kinds there are, which everybody who is
    logged in may.
extends_documentation_fragment:
  - bunops.platform.attributes.info
  - bunops.platform.kubernetes
options:
  kinds:
    description:
      - Kinds to ask about.
    type: list
    elements: dict
    required: true
    suboptions:
      api_version:
        description:
          - Group and version, as objects name them.
        type: str
        required: true
      kind:
        description:
          - The kind.
        type: str
        required: true
seealso:
  - module: bunops.platform.k8s_set
author:
  - bunops contributors (@bunops)
"""

EXAMPLES = r"""
- name: Look whether the Prometheus Operator is here
  bunops.platform.k8s_kinds_info:
    kinds:
      - {api_version: monitoring.coreos.com/v1, kind: PodMonitor}
      - {api_version: monitoring.coreos.com/v1, kind: PrometheusRule}
  register: operator

- name: Say what is left out
  ansible.builtin.debug:
    msg: "{{ operator.missing | map(attribute='kind') | join(', ') }}"
"""

RETURN = r"""
served:
  description: Those that the cluster serves, in the order in which they were asked about.
  returned: success
  type: list
  elements: dict
  contains:
    api_version:
      description: Group and version.
      type: str
      sample: monitoring.coreos.com/v1
    kind:
      description: The kind.
      type: str
      sample: PodMonitor
missing:
  description: The others, in the same form.
  returned: success
  type: list
  elements: dict
"""

from typing import Any, Dict, List

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import ARGUMENT_SPEC, options_of
from ansible_collections.bunops.platform.plugins.module_utils.cluster.discovery import Discovery, group_of
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError

Kinds = List[Dict[str, Any]]


def argument_spec() -> Dict[str, Any]:
    """The module's options."""
    named = {"api_version": {"type": "str", "required": True}, "kind": {"type": "str", "required": True}}
    return {**ARGUMENT_SPEC, "kinds": {"type": "list", "elements": "dict", "required": True, "options": named}}


def told(discovery: Discovery, kinds: Kinds) -> Dict[str, Kinds]:
    """What the module returns. Raises ClusterError if the server cannot tell of a kind just now."""
    served = [kind for kind in kinds if discovery.serves(kind["api_version"], kind["kind"])]
    missing = [kind for kind in kinds if kind not in served]
    for kind in missing:
        if discovery.is_unreadable(group_of(kind["api_version"])):
            raise ClusterError(f"The API server cannot tell just now whether it serves {kind['kind']}.")
    return {"served": served, "missing": missing}


def main() -> None:
    module = AnsibleModule(argument_spec=argument_spec(), supports_check_mode=True)
    try:
        with Client.connect(options_of(module.params)) as client:
            result = told(client.discovery(), module.params["kinds"])
    except ClusterError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
