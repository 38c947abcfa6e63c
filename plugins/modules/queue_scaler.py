#!/usr/bin/python
# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: queue_scaler
short_description: Have a workload scaled by the depth of a queue, CPU and request rate
version_added: 0.1.0
author:
  - bunops contributors (@bunops)
description:
  - Makes the object that scales a Deployment or StatefulSet. That is a ScaledObject where the cluster has KEDA, else a
    HorizontalPodAutoscaler with an external metric.
  - How deep a queue is, an HTTP endpoint in the cluster says, the queue meter. KEDA and this module ask the same one.
  - Before anything is changed, all that stands in the way is found and reported at once. The target is not there or has
    no CPU requests, somebody else scales it already, nobody measures the queue, the queue does not exist, or the kinds
    that are needed are not served.
  - Never changes how many replicas there are. A target that has had a fixed number keeps it until the autoscaler
    changes it, also when that number is left out of what is applied later.
extends_documentation_fragment:
  - bunops.platform.attributes
  - bunops.platform.kubernetes
options:
  target:
    description:
      - What is scaled.
    type: dict
    required: true
    suboptions:
      kind:
        description:
          - Its kind.
        type: str
        choices: [Deployment, StatefulSet]
        default: Deployment
      name:
        description:
          - Its name.
        type: str
        required: true
  namespace:
    description:
      - Namespace of the target, of the scaler's object and of the queue meter.
      - By default the context's, else V(default).
    type: str
  name:
    description:
      - Name of the scaler and of its object, by default the target's.
    type: str
  state:
    description:
      - V(present) has the target scaled. V(absent) removes what the scaler has made; the replicas stay as many as they
        are, and whoever gives a number next may do so.
    type: str
    choices: [present, absent]
    default: present
  backend:
    description:
      - What scales. V(auto) takes KEDA where the cluster serves its kinds, else an HPA.
    type: str
    choices: [auto, keda, hpa]
    default: auto
  queue:
    description:
      - The queue, as the queue meter knows it.
      - The module asks it through the API server, so it needs no way into the cluster.
    type: dict
    suboptions:
      store:
        description:
          - Name of the store that holds the queue.
        type: str
        required: true
      name:
        description:
          - Name of the queue.
        type: str
        required: true
      service:
        description:
          - Name of the queue meter's Service.
        type: str
        default: queue-meter
      port:
        description:
          - Port of that Service.
        type: int
        default: 8080
      must_exist:
        description:
          - Whether a queue of which the store has nothing is an error. It most likely has another name.
          - A Redis list without entries is not there, so a list needs V(false).
        type: bool
        default: true
  jobs_per_replica:
    description:
      - For how many jobs that wait or run one replica is there.
    type: int
  metric:
    description:
      - The jobs of the whole queue as a metric of C(external.metrics.k8s.io), for O(backend=hpa).
    type: dict
    suboptions:
      name:
        description:
          - Name of the metric.
        type: str
        required: true
      selector:
        description:
          - Labels that its series have to have.
        type: dict
        default: {}
  cpu_percent:
    description:
      - Use of the CPU to aim at, as a percentage of what the target's containers request.
    type: int
  requests_per_second:
    description:
      - Requests per second to aim at.
    type: dict
    suboptions:
      per_replica:
        description:
          - How many one replica is there for.
        type: int
        required: true
      address:
        description:
          - URL of Prometheus, for KEDA.
        type: str
      query:
        description:
          - Query that gives the requests per second of the whole target, for KEDA.
        type: str
      metric:
        description:
          - The same number as a metric of C(external.metrics.k8s.io), for O(backend=hpa).
        type: dict
        suboptions:
          name:
            description:
              - Name of the metric.
            type: str
            required: true
          selector:
            description:
              - Labels that its series have to have.
            type: dict
            default: {}
  min_replicas:
    description:
      - Fewest replicas. V(0) needs O(queue), O(metric) or O(requests_per_second).
      - An HPA goes to zero from Kubernetes 1.37 on.
    type: int
    default: 1
  max_replicas:
    description:
      - Most replicas. Needed for O(state=present).
    type: int
  longest_job:
    description:
      - How many seconds a job may take. For so long less has to be enough before replicas go, and the queue has to be
        empty before the last one goes.
      - By default the grace period of the target's pods. A worker that is told to stop has no longer for its job.
    type: int
  up:
    description:
      - How fast replicas come. By default at once.
    type: dict
    suboptions:
      pods:
        description:
          - Most pods that are added in O(up.period).
        type: int
        default: 100
      period:
        description:
          - Seconds, 1 to 1800.
        type: int
        default: 15
      stabilization:
        description:
          - For how many seconds more has to be called for, 0 to 3600.
        type: int
        default: 0
  down:
    description:
      - How fast replicas go.
    type: dict
    suboptions:
      pods:
        description:
          - Most pods that are taken away in O(down.period), by default any number.
        type: int
      period:
        description:
          - Seconds, 1 to 1800.
        type: int
        default: 15
      stabilization:
        description:
          - For how many seconds less has to be enough, 0 to 3600. By default O(longest_job), 3600 at the most.
        type: int
  polling_interval:
    description:
      - How many seconds KEDA waits before it looks again whether a target with no replicas is needed.
    type: int
    default: 1
  wait:
    description:
      - Whether to wait until KEDA has taken up what was applied.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait for that, and for what is removed.
    type: int
    default: 60
notes:
  - Leave C(spec.replicas) out of what is applied to the target once it is scaled. With M(bunops.platform.k8s_set) the
    order does not matter. With others run this module first; the other way round the number falls to 1 for a moment.
  - Needed rights are C(get) for the target, for C(apiservices.apiregistration.k8s.io) (without it the module does not
    know who serves metrics) and for C(services/proxy) of the queue meter; C(list) for C(horizontalpodautoscalers),
    C(scaledobjects.keda.sh) and, with O(cpu_percent), C(limitranges); C(get), C(create), C(patch) and C(delete) for the
    kind that the backend uses; C(patch) for the target, whose number is handed over; for O(backend=hpa) C(get) for the
    metrics in C(external.metrics.k8s.io).
seealso:
  - module: bunops.platform.k8s_set
  - name: KEDA
    description: What scales on events.
    link: https://keda.sh/docs/latest/
"""

EXAMPLES = r"""
- name: Scale the worker by its queue, down to zero
  bunops.platform.queue_scaler:
    target: {name: worker}
    namespace: atlas
    queue: {store: redis, name: fetch}
    jobs_per_replica: 10
    min_replicas: 0
    max_replicas: 10

- name: Scale the API by CPU and by its requests
  bunops.platform.queue_scaler:
    target: {name: api}
    namespace: atlas
    cpu_percent: 70
    requests_per_second:
      per_replica: 100
      address: http://prometheus.monitoring:9090
      query: sum(rate(http_requests_total{job="api"}[1m]))
    min_replicas: 2
    max_replicas: 10

- name: Scale without KEDA, by a metric that an adapter serves
  bunops.platform.queue_scaler:
    target: {name: worker}
    namespace: atlas
    backend: hpa
    queue: {store: redis, name: fetch}
    metric: {name: queue_demand, selector: {store: redis, queue: fetch}}
    jobs_per_replica: 10
    max_replicas: 10

- name: Scale it no more
  bunops.platform.queue_scaler:
    target: {name: worker}
    namespace: atlas
    state: absent
"""

RETURN = r"""
scaler:
  description: What scales the target.
  returned: success and O(state=present)
  type: dict
  contains:
    backend:
      description: V(keda) or V(hpa).
      type: str
      sample: keda
    why:
      description: Why that one.
      type: str
      sample: KEDA is in the cluster
    kind:
      description: Kind of the scaler's object.
      type: str
      sample: ScaledObject
    name:
      description: Its name.
      type: str
      sample: worker
    namespace:
      description: Its namespace.
      type: str
      sample: atlas
would_do_now:
  description: What the scaler would do at this moment.
  returned: success and O(state=present)
  type: dict
  contains:
    depth:
      description: What the queue meter says, by state; null without O(queue).
      type: dict
      sample: {exists: true, waiting: 100, prioritized: 0, delayed: 3, due_delayed: 0, active: 20, paused: false}
    demand:
      description: Jobs that call for replicas now; null where no queue decides.
      type: float
      sample: 120
    current_replicas:
      description: How many replicas the target is told to have.
      type: int
      sample: 4
    wanted_replicas:
      description: How many it would be told to have; null where no queue decides.
      type: int
      sample: 10
    why:
      description: Why so many.
      type: str
      sample: 120 jobs call for 12 replicas at 10 each; max_replicas is 10
msg:
  description: What was done, or would be, a line each; what went wrong, if anything.
  returned: always
  type: str
  sample: "create ScaledObject atlas/worker: not there"
problems:
  description: What stands in the way, one sentence each.
  returned: failure
  type: list
  elements: str
  sample: ["max_replicas: 2 is below min_replicas, which is 3; expected 3 or more"]
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client, Limits
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import ARGUMENT_SPEC, options_of
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.scaler import spec
from ansible_collections.bunops.platform.plugins.module_utils.scaler.observe import Clients
from ansible_collections.bunops.platform.plugins.module_utils.scaler.run import Modes, Outcome, absent, present

ARGUMENTS: Dict[str, Any] = {**ARGUMENT_SPEC, **spec.ARGUMENT_SPEC}
# What does not answer behind the API server is soon reported, and not taken for trouble of that server.
MEASURING = Limits(connections=1, patience=3.0, answer=15.0)


def result_of(outcome: Outcome) -> Dict[str, Any]:
    """What the module returns if nothing goes wrong."""
    result: Dict[str, Any] = {"changed": outcome.changed, "msg": "\n".join(outcome.lines)}
    if outcome.scaler:
        result.update(scaler=outcome.scaler, would_do_now=outcome.would_do_now)
    if outcome.diffs:
        result["diff"] = outcome.diffs
    return result


def run_module(module: AnsibleModule) -> Outcome:
    """Raises ClusterError."""
    params = module.params
    connection = options_of(params)
    modes = Modes(module.check_mode, module._diff, params["wait"], params["wait_timeout"])
    with Client.connect(connection) as api, Client.connect(connection, MEASURING) as measuring:
        clients = Clients(api, measuring)
        wanted = spec.wanted_of(params, api.namespace or "default")
        if params["state"] == "absent":
            return absent(clients, wanted, modes)
        return present(clients, wanted, modes)


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        outcome = run_module(module)
    except ClusterError as error:
        problems = [str(problem) for problem in getattr(error, "problems", [])] or [str(error)]
        module.fail_json(msg=str(error), problems=problems)
    for warning in outcome.warnings:
        module.warn(warning)
    module.exit_json(**result_of(outcome))


if __name__ == "__main__":
    main()
