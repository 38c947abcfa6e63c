# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What things are called in Docker, in one place for all targets."""

from __future__ import annotations

from ..model.images import BuiltImage, Image
from ..model.platform import Platform
from ..model.services import Service
from ..model.stores import LocalStore

GUARD = "docker-guard"
METER = "queue-meter"
PROMETHEUS = "prometheus"
ALERTMANAGER = "alertmanager"
NODE_EXPORTER = "node-exporter"
EDGE = "edge"
LOG_COLLECTOR = "log-collector"
# The key of its certificate. No secret of a catalog has such a name.
TLS_SECRET = "edge-tls"  # noqa: S105 - a name
USER = "1000:1000"
# The only writable directory of a container, in memory.
SCRATCH = "/tmp"  # noqa: S108 - nothing here opens it
SCRATCH_BYTES = 64 * 2**20


def repository(platform: Platform, name: str) -> str:
    """An image that is built here, without a tag: `atlas/api`."""
    return f"{platform.name}/{name}"


def local_tag(platform: Platform, name: str) -> str:
    """The tag of an image that is built here: `atlas/api:local`."""
    return f"{repository(platform, name)}:local"


def dev_tag(platform: Platform, name: str) -> str:
    """The tag of an image of the stage `dev`."""
    return f"{repository(platform, name)}:dev"


def image_of(platform: Platform, name: str, image: Image | None) -> str:
    """The image that a container runs; stores without one run the collection's own."""
    if image is None or isinstance(image, BuiltImage):
        return local_tag(platform, name)
    return image.ref


def has_guard(platform: Platform) -> bool:
    """Whether the Docker guard runs: somebody starts tasks, and not by the socket itself."""
    return platform.docker == "guard" and any(s.starts for s in platform.services.values())


def is_published(platform: Platform, name: str) -> bool:
    """Whether Compose publishes the port of a service: the edge leads to those with a route, where it runs."""
    service = platform.services[name]
    led_to = service.route is not None and EDGE in platform.services
    # What only tells metrics is for programs of this machine no more than other metrics are.
    return service.port is not None and name not in (METER, NODE_EXPORTER) and not led_to


def files_read(platform: Platform, service: Service) -> dict[str, str]:
    """The files that it reads in its folder of secrets, and the secret that each is of."""
    files: dict[str, str] = {}
    for secret in service.secrets:
        files[secret] = secret
        if platform.secrets[secret].grace == "both":
            files[f"{secret}.previous"] = secret
    return files


def local_stores(platform: Platform) -> dict[str, LocalStore]:
    """The stores that run here."""
    return {name: store for name, store in platform.stores.items() if isinstance(store, LocalStore)}
