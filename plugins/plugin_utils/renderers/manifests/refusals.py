# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What only Kubernetes cannot do with a catalog, or needs besides it."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from ...model.errors import Path, Problem
from ...model.images import Image, TakenImage
from ...model.platform import Platform
from ...model.stores import ExternalStore
from ..edge.on_cluster import edge_refusals
from ..names import METER, files_read, local_stores
from ..scaling import ranges
from ..stores import store_program
from .cluster import Cluster
from .tasks import runs_tasks

_DIGEST = re.compile(r"@[a-z0-9]+:[0-9a-f]{32,}$")
# With -tasks behind it, it is still a label (RFC 1123) of 63 characters.
_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,55}[a-z0-9])?")


def refusals(platform: Platform, cluster: Cluster) -> list[str]:
    """Problems as lines, each with the path that it is about; none is good."""
    problems = [
        *_images(platform, cluster),
        *_secrets(platform, cluster),
        *_addresses(platform),
        *edge_refusals(platform, cluster),
    ]
    return [*_namespace(cluster.namespace), *map(str, sorted(problems, key=lambda problem: problem.at))]


def _namespace(name: str) -> Iterator[str]:
    if not _NAMESPACE.fullmatch(name):
        yield f"namespace: {name!r} is not a DNS label of at most 57 characters"
    elif name == "default" or name.startswith("kube-"):
        yield f"namespace: {name} is not the platform's alone, and everything in it would be closed off"


def _images(platform: Platform, cluster: Cluster) -> Iterator[Problem]:
    for at, image in _all_images(platform).items():
        name = at[1]
        given = cluster.images.get(name)
        place, what = (_of_meter(platform), "needs queue-meter") if name == METER else ((*at, "image"), "is built here")
        if given is None and not isinstance(image, TakenImage):
            yield Problem(place, f"{what}, but images has no reference of {name} that the cluster could pull")
        elif given is not None and cluster.digests and not _DIGEST.search(given):
            yield Problem(place, f"images has {given}, expected one with a digest (@sha256:…)")


def _of_meter(platform: Platform) -> Path:
    """What the meter is there for; it stands in no catalog."""
    name = next(name for name, scaling in ranges(platform).items() if scaling.queue)
    return ("services", name, "replicas", "queue")


def _all_images(platform: Platform) -> Mapping[Path, Image | None]:
    tasks = platform.tasks if runs_tasks(platform) else {}
    return {
        **{("services", name): service.image for name, service in platform.services.items()},
        **{("tasks", name): task.image for name, task in tasks.items()},
        **{("stores", name): store.image for name, store in local_stores(platform).items()},
    }


def _secrets(platform: Platform, cluster: Cluster) -> Iterator[Problem]:
    """Without any Secrets given, their names are the catalog's; some of them only are an oversight."""
    for secret, file in sorted(_wanted_files(platform)):
        given = cluster.secrets.get(secret)
        if cluster.secrets and given is None:
            yield Problem(("secrets", secret), "secrets does not say which Secret of the cluster it is")
        elif given and given.keys is not None and file not in given.keys:
            yield Problem(("secrets", secret), f"the Secret {given.name} has no key {file}")


def _wanted_files(platform: Platform) -> set[tuple[str, str]]:
    """Secrets and the files made of them that some pod reads."""
    services = platform.services.values()
    wanted = {(secret, file) for service in services for file, secret in files_read(platform, service).items()}
    for name, store in local_stores(platform).items():
        users = store_program(platform, name, store).users
        if users:
            wanted.add((users.secret, users.file))
    return wanted


def _addresses(platform: Platform) -> Iterator[Problem]:
    for name, store in platform.stores.items():
        host = urlsplit(store.external).hostname or "" if isinstance(store, ExternalStore) else ""
        if _is_the_pod_itself(host):
            yield Problem(
                ("stores", name, "external"), f"in a pod, {host} is that pod; expected an address of the store"
            )


def _is_the_pod_itself(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
