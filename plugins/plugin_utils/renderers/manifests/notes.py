# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a catalog says and Kubernetes does not act on, or only with help: said, never dropped in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ...model.errors import words
from ...model.images import TakenImage
from ...model.platform import Platform
from ..edge.on_cluster import edge_notes, edge_of
from ..meter import with_meter
from ..names import local_stores
from ..scalers import Autoscaling, scaled_services
from ..scaling import ranges
from .cluster import MONITOR_KIND, MONITORING_KINDS, RULE_KIND, SecretObject, Watching
from .network import called_by_name, hosts_by_name
from .services import starts_jobs
from .tasks import runs_tasks


def manifests_notes(
    platform: Platform,
    autoscaling: Autoscaling,
    watching: Watching | None = None,
    secrets: Mapping[str, SecretObject] | None = None,
) -> list[str]:
    """One sentence per field, with the names it concerns. secrets: as a Cluster has them."""
    return [
        *_replicas(platform, autoscaling),
        *_requests(platform, autoscaling),
        *_metrics(platform, watching),
        *_edge(platform, secrets or {}),
        *_pids(platform),
        *_logging(platform),
        *_log_store(platform),
        *_uses(platform),
        *_egress(with_meter(platform)),
        *_starts(platform),
        *_browsers(platform),
        *_images(platform),
        *_socket(platform),
    ]


def _replicas(platform: Platform, autoscaling: Autoscaling) -> Iterator[str]:
    scaled = scaled_services(platform, autoscaling)
    texts = {name: f"{name} ({scaling.min} to {scaling.max})" for name, scaling in ranges(platform).items()}
    if scaled:
        yield (
            f"replicas: the cluster has to bring what scales {words([texts[name] for name in scaled])}: KEDA, or a "
            "server of external metrics, for queues; metrics-server for the CPU"
        )
    left = [text for name, text in texts.items() if name not in scaled]
    if left:
        yield (
            f"replicas: nothing scales {words(left)}; one starts of each, and the number that somebody else sets is "
            "left alone"
        )


def _requests(platform: Platform, autoscaling: Autoscaling) -> Iterator[str]:
    asking = [name for name, scaling in ranges(platform).items() if scaling.requests_per_second]
    if not asking or autoscaling.knows_requests or autoscaling.backend == "none":
        return
    missing = (
        "KEDA, which asks Prometheus" if autoscaling.prometheus_url else "a Prometheus (k8s_platform_prometheus_url)"
    )
    yield f"requests_per_second: without {missing}, the requests of {words(asking)} are not acted upon"


def _metrics(platform: Platform, watching: Watching | None) -> Iterator[str]:
    telling = [f"{name} ({service.metrics.port})" for name, service in platform.services.items() if service.metrics]
    if not telling:
        return
    if watching is None:
        yield f"metrics: nobody may call the metrics of {words(telling)}; a NetworkPolicy of yours lets Prometheus in"
        return
    missing = [kind for kind in MONITORING_KINDS if kind not in watching.kinds]
    if missing:
        yield (
            f"metrics: the cluster serves no {words(missing)} (of the Prometheus Operator), so {_left_out(missing)}; a "
            f"Prometheus in the namespace {watching.namespace} may read the metrics of {words(telling)} all the same"
        )


def _left_out(missing: list[str]) -> str:
    texts = {
        MONITOR_KIND: "no Prometheus is told what to read",
        RULE_KIND: "the rules of the filter `alerts` are for you to bring there",
    }
    return words([texts[kind] for kind in missing])


def _edge(platform: Platform, secrets: Mapping[str, SecretObject]) -> Iterator[str]:
    routed = [f"{name} ({service.route.path})" for name, service in platform.services.items() if service.route]
    edge = edge_of(platform)
    if edge:
        yield from edge_notes(platform, edge, secrets)
    elif routed:
        where = f"{platform.edge.host} leads to no cluster" if platform.edge else "the catalog has no edge"
        yield (
            f"route: {where}, so nothing is made for the routes, limits and timeouts of {words(routed)}; every pod of "
            "the cluster may call them"
        )
    elif platform.edge:
        yield f"edge: no service has a route, so nothing is made for {platform.edge.host}"


def _pids(platform: Platform) -> Iterator[str]:
    limits = {
        **{name: service.resources for name, service in platform.services.items()},
        **{name: store.resources for name, store in local_stores(platform).items()},
        **({name: task.resources for name, task in platform.tasks.items()} if runs_tasks(platform) else {}),
    }
    asked = _grouped((str(limit.pids), name) for name, limit in limits.items())
    yield f"pids: the kubelet limits the processes of a pod (podPidsLimit), not the pod itself; asked for are {asked}"


def _logging(platform: Platform) -> Iterator[str]:
    asked = _grouped(
        (f"{service.logging.max_files} files of {service.logging.max_size.text}", name)
        for name, service in platform.services.items()
    )
    if asked:
        yield (
            "logging: the kubelet rotates the logs of all pods of a node (containerLogMaxSize, containerLogMaxFiles); "
            f"asked for are {asked}"
        )


def _log_store(platform: Platform) -> Iterator[str]:
    if platform.log_store:
        yield (
            "log_store: a collector that runs on the nodes ships the logs of pods, with rights that this namespace "
            f"does not have; nothing here sends any to {platform.log_store.url}"
        )


def _uses(platform: Platform) -> Iterator[str]:
    if any(service.uses for service in platform.services.values()):
        yield "uses: NetworkPolicies keep everybody else out, where the cluster's network acts on them; some do not"


def _egress(platform: Platform) -> Iterator[str]:
    for name in platform.services:
        outside = called_by_name(platform, name)
        if outside:
            yield (
                f"egress: a NetworkPolicy knows no names, so {name} can call any address at the port of "
                f"{words(outside)}, which runs elsewhere"
            )
    for name, task in platform.tasks.items():
        hosts = hosts_by_name(task) if runs_tasks(platform) else []
        if hosts:
            yield (
                f"egress: a NetworkPolicy knows no names, so {name} itself has to keep to {words(hosts)}, which it "
                "reads from EGRESS; it can call all public addresses, and private ones that are listed as addresses"
            )


def _starts(platform: Platform) -> Iterator[str]:
    starters = [name for name, service in platform.services.items() if starts_jobs(platform, service)]
    if starters:
        yield (
            f"starts: {words(starters)} can call any address at the ports 443 and 6443: where the API server is "
            "differs by cluster"
        )


def _browsers(platform: Platform) -> Iterator[str]:
    browsers = [name for name, task in platform.tasks.items() if task.browser != "none" and runs_tasks(platform)]
    if browsers:
        yield (
            f"browser: {words(browsers)} needs the seccomp profile chrome.json in the kubelet's folder on every node; "
            "the playbook puts it on those of the group kubernetes_nodes"
        )


def _images(platform: Platform) -> Iterator[str]:
    images = {
        **{name: service.image for name, service in platform.services.items()},
        **({name: task.image for name, task in platform.tasks.items()} if runs_tasks(platform) else {}),
        **{name: store.image for name, store in local_stores(platform).items()},
    }
    loose = [
        f"{name} ({image.ref})"
        for name, image in images.items()
        if isinstance(image, TakenImage) and "@" not in image.ref
    ]
    if loose:
        yield f"image: without a digest, nodes may run different versions of {words(loose)}"


def _socket(platform: Platform) -> Iterator[str]:
    starters = [name for name, service in platform.services.items() if service.starts]
    if platform.docker == "socket":
        yield (
            f"docker: {words(starters)} holds the socket of its node's Docker engine, which is as good as root there; "
            f"the namespace is labelled privileged for it, and {words(list(platform.tasks))} runs outside of "
            "Kubernetes, beyond its limits and policies"
        )


def _grouped(pairs: Iterable[tuple[str, str]]) -> str:
    """`128 (api and worker) and 256 (fetcher)`."""
    names_of: dict[str, list[str]] = {}
    for value, name in pairs:
        names_of.setdefault(value, []).append(name)
    return words([f"{value} ({words(names)})" for value, names in names_of.items()])
