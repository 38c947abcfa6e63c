# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Tasks: a template for the Jobs that services make of them, and leave to make just those."""

from __future__ import annotations

from collections.abc import Iterator

from ...model.platform import Platform
from ...model.quantities import Cpu
from ...model.scaling import Scaling
from ...model.tasks import Task
from ..tasks import task_environment
from .cluster import Cluster
from .parts import Object, Part, part_of, platform_part
from .pods import container, cpu_request, identity, image_of, pod, service_account, variables
from .quantities import bytes_text, count_text, cpu_text
from .services import env_from, env_map, starts_jobs
from .volumes import task_scratch

# The 31st of February: the CronJob is suspended, and would start nothing even if it were not.
_NEVER = "0 0 31 2 *"
# The Job's time begins when it is made: a node may have to be found and the image to be pulled. Who started it gives up
# sooner; this ends the Jobs of those that are gone.
_BEFORE_ITS_START_SECONDS = 90
_KEPT_SECONDS = 60
# A task is thrown away: nothing in it is worth waiting for.
_STOP_SECONDS = 1
# A pod counts until it is gone, and its Job no longer does. Jobs run out first: those are refused where they are made.
_PODS_PER_JOB = 2


def runs_tasks(platform: Platform) -> bool:
    """Whether there is a namespace for tasks."""
    return bool(platform.tasks) and platform.docker == "guard"


def task_objects(platform: Platform, cluster: Cluster) -> Iterator[Object]:
    """What is in the namespace of the tasks, besides its network."""
    for name, task in platform.tasks.items():
        part = part_of(platform, cluster, name)
        yield service_account(part)
        yield _template_of_jobs(platform, cluster, part, task)
        if task.env:
            yield env_map(part, task.env)
    for name, service in platform.services.items():
        if starts_jobs(platform, service):
            yield from _leave_to_start(platform, cluster, name)
    yield platform_part(platform, cluster, cluster.tasks_namespace).object(
        "v1", "ResourceQuota", {"spec": {"hard": _room(platform)}}, name="tasks"
    )


def _template_of_jobs(platform: Platform, cluster: Cluster, part: Part, task: Task) -> Object:
    """A CronJob that never runs by itself: `kubectl create job --from` makes Jobs of it by hand."""
    job = {
        "activeDeadlineSeconds": task.timeout.seconds + _BEFORE_ITS_START_SECONDS,
        # Who starts a task decides whether it is tried again.
        "backoffLimit": 0,
        "template": _pod(platform, cluster, part, task),
        "ttlSecondsAfterFinished": _KEPT_SECONDS,
    }
    spec = {
        "concurrencyPolicy": "Allow",
        "jobTemplate": {"metadata": {"labels": part.labels}, "spec": job},
        "schedule": _NEVER,
        "suspend": True,
    }
    return part.object("batch/v1", "CronJob", {"spec": spec})


def _pod(platform: Platform, cluster: Cluster, part: Part, task: Task) -> Object:
    volumes = task_scratch(task)
    given = {key: value for key, value in task_environment(platform, part.name).items() if key not in task.env}
    program = {
        **container(part, image_of(cluster, part.name, task.image), task.resources, volumes),
        "env": variables(given),
        "envFrom": env_from(part, task.env),
    }
    profile = cluster.chrome_profile if task.browser != "none" else ""
    return pod(
        part,
        program,
        volumes,
        restartPolicy="Never",
        securityContext=identity(seccomp_profile=profile),
        terminationGracePeriodSeconds=_STOP_SECONDS,
    )


def _leave_to_start(platform: Platform, cluster: Cluster, name: str) -> list[Object]:
    """A Role in the tasks' namespace, for the service account of the service alone."""
    service = part_of(platform, cluster, name)
    part = Part(name, "service", cluster.tasks_namespace, service.instance, service.platform)
    role_ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name}
    subject = {"kind": "ServiceAccount", "name": name, "namespace": service.namespace}
    api = "rbac.authorization.k8s.io/v1"
    return [
        part.object(api, "Role", {"rules": _rules(sorted(platform.services[name].starts))}),
        part.object(api, "RoleBinding", {"roleRef": role_ref, "subjects": [subject]}),
    ]


def _rules(tasks: list[str]) -> list[Object]:
    return [
        {"apiGroups": ["batch"], "resources": ["cronjobs"], "resourceNames": tasks, "verbs": ["get"]},
        {
            "apiGroups": ["batch"],
            "resources": ["jobs"],
            "verbs": ["create", "delete", "get", "list"],
        },
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch"]},
        {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
    ]


def _room(platform: Platform) -> Object:
    """As much as all Jobs need that may run at once. https://kubernetes.io/docs/concepts/policy/resource-quotas/"""
    jobs, cpu, cpu_asked, memory = 0, 0, 0, 0
    for name, task in platform.tasks.items():
        at_once = _most_at_once(platform, name)
        pods = at_once * _PODS_PER_JOB
        jobs += at_once
        cpu += pods * task.resources.cpu.millicores
        cpu_asked += pods * cpu_request(task.resources.cpu).millicores
        memory += pods * task.resources.memory.bytes
    return {
        "count/jobs.batch": count_text(jobs),
        "limits.cpu": cpu_text(Cpu(cpu)),
        "limits.memory": bytes_text(memory),
        "pods": count_text(jobs * _PODS_PER_JOB),
        "requests.cpu": cpu_text(Cpu(cpu_asked)),
        "requests.memory": bytes_text(memory),
    }


def _most_at_once(platform: Platform, task: str) -> int:
    """By all replicas of all services that start it, and by the one more that an update runs; else one by hand."""
    most = 0
    for service in platform.services.values():
        if task in service.starts:
            replicas = service.replicas.max if isinstance(service.replicas, Scaling) else service.replicas
            most += service.starts[task].at_once * (replicas + 1)
    return most or 1
