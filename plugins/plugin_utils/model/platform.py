# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog as a whole."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from .checks import ALL_CHECKS
from .draft import Draft, declared_names
from .edge import Edge
from .entry import NONE_OF, Entry, FrozenMap, field
from .errors import CatalogError
from .plain import plain
from .reading import read
from .scalars import EnvName, Name, Registry
from .secrets import Secret
from .services import Service
from .stores import Store
from .tasks import Task


class Platform(Entry):
    """A platform: its services, tasks and stores, and what they share."""

    name: Annotated[
        Name,
        field(
            "Name of the platform",
            compose="project name, prefix of image tags",
            kubernetes="label `app.kubernetes.io/part-of`, and the namespace where no other is given",
            bake="prefix of tags",
            examples=["atlas"],
        ),
    ]
    registry: Annotated[
        Registry | None,
        field(
            "Registry that images are pushed to",
            compose="nothing: images are built where they run",
            kubernetes="where the images are pulled from",
            bake="prefix of the tags of images that are pushed",
            examples=["registry.example.com/atlas"],
        ),
    ] = None
    docker: Annotated[
        Literal["guard", "socket"],
        field(
            "How services with `starts` reach Docker: through the guard, which starts only "
            "their tasks, or by the socket itself, which is root on the host",
            compose="`guard`: a container docker-guard; `socket`: the socket is mounted",
            kubernetes="`guard`: tasks are Jobs, started through a Role; `socket`: the node's socket is mounted, and "
            "the namespace is labelled `privileged`; said by `manifests_notes`",
            bake="`guard`: builds docker-guard, if a service has `starts`",
        ),
    ] = "guard"
    images_from: Annotated[
        Literal["auto", "registry", "packages"],
        field(
            "Where base images come from",
            compose="nothing",
            kubernetes="nothing",
            bake="nothing; the images role hands over the bases that it made",
        ),
    ] = "auto"
    services: Annotated[
        FrozenMap[Name, Service],
        field(
            "What runs all the time, by name",
            compose="a service each",
            kubernetes="a Deployment, ServiceAccount and PodDisruptionBudget each; Service, ConfigMap and "
            "NetworkPolicy as its fields ask for them",
            bake="a target each",
        ),
    ]
    tasks: Annotated[
        FrozenMap[Name, Task],
        field(
            "What runs once per job, by name",
            compose="a service of scale 0 each, for its networks and for runs by hand",
            kubernetes="a suspended CronJob each in the namespace `<namespace>-tasks`, which Jobs are made from",
            bake="a target each",
        ),
    ] = NONE_OF
    stores: Annotated[
        FrozenMap[Name, Store],
        field(
            "What keeps state, by name",
            compose="a service each",
            kubernetes="a StatefulSet and a headless Service each",
            bake="a target each",
        ),
    ] = NONE_OF
    secrets: Annotated[
        FrozenMap[EnvName, Secret],
        field(
            "Where each secret comes from, by name",
            compose="`secrets`, as files",
            kubernetes="a Secret each, made by `secret_sync`",
        ),
    ] = NONE_OF
    edge: Annotated[
        Edge | None,
        field(
            "Where clients reach it",
            compose="where the edge runs (`edge=true`), Envoy with HTTPS in front of the services with routes; else "
            "nothing: their ports are published on 127.0.0.1, said by `compose_notes`",
            kubernetes="a Gateway where the host is no loopback name and a service has a route; else nothing: Services "
            "have addresses in the cluster alone, said by `manifests_notes`",
        ),
    ] = None

    @classmethod
    def parse(cls, raw: object) -> Self:
        """The typed catalog. Raises CatalogError with all problems, one line each."""
        data = plain(raw)
        reading = read(cls, data)
        problems = list(reading.problems)
        if reading.model is not None:
            draft = Draft(reading.model, declared_names(data), reading.broken)
            found = [problem for check in ALL_CHECKS for problem in check(draft)]
            problems += draft.worth_telling(found)
        if problems or reading.model is None:
            ordered = sorted(problems, key=lambda problem: (problem.at, problem.text))
            raise CatalogError(dict.fromkeys(map(str, ordered)))
        return reading.model

    def normalised(self) -> dict[str, object]:
        """The catalog with every default written out, as plain YAML data."""
        return self.model_dump(mode="json", exclude_none=True, by_alias=True)
