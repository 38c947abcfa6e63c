# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Services: what runs all the time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .entry import NONE_OF, Entry, FrozenMap, field
from .health import Health
from .images import Image
from .limits import Logging, Resources
from .quantities import Duration, DurationField
from .scalars import EnvName, HttpPath, Name, Port, Text, count
from .scaling import Replicas

_NO_ROUTES = "nothing: ports are published on 127.0.0.1 instead; said by `compose_notes`"


class RateLimit(Entry):
    """Requests of one client that are let through."""

    requests: Annotated[Annotated[int, count(1, 1_000_000)], field("Requests", compose=_NO_ROUTES, examples=[20])]
    per: Annotated[Literal["second", "minute", "hour"], field("in this time", compose=_NO_ROUTES)] = "second"


class Route(Entry):
    """How the edge leads requests to a service."""

    path: Annotated[HttpPath, field("Prefix of the path", compose=_NO_ROUTES, examples=["/v1"])]
    rate_limit: Annotated[RateLimit | None, field("Rate limit", compose=_NO_ROUTES)] = None
    auth: Annotated[Literal["none", "clerk"], field("Who may pass the edge", compose=_NO_ROUTES)] = "none"


class Start(Entry):
    """Leave to start a task."""

    at_once: Annotated[
        Annotated[int, count(1, 1000)],
        field(
            "Most containers of the task at one time",
            compose="`<TASK>_AT_ONCE`, and a limit that the Docker guard keeps",
        ),
    ] = 1


class Service(Entry):
    """Something that runs all the time."""

    image: Annotated[Image, field("Where its image comes from", compose="`image`")]
    command: Annotated[
        Annotated[tuple[Text, ...], Field(min_length=1)] | None,
        field(
            "Command and arguments instead of the image's own",
            compose="`command`",
            examples=[["bun", "main.js"]],
        ),
    ] = None
    port: Annotated[
        Port | None,
        field(
            "TCP port that it listens on",
            compose="`PORT`, and published on 127.0.0.1 under the same number",
            examples=[8080],
        ),
    ] = None
    uses: Annotated[
        tuple[Name, ...],
        field(
            "Services and stores that it calls",
            compose="`depends_on` their health, a network with each, `<NAME>_URL`",
            examples=[["redis", "turso"]],
        ),
    ] = ()
    env: Annotated[
        FrozenMap[EnvName, Text],
        field(
            "Environment variables; never secrets",
            compose="`environment`; .env and .env.local override the values",
            examples=[{"LOG_LEVEL": "info"}],
        ),
    ] = NONE_OF
    secrets: Annotated[
        tuple[EnvName, ...],
        field(
            "Secrets that it reads",
            compose="a file `/run/secrets/<NAME>`, and its path in `<NAME>_FILE`",
            examples=[["REDIS_PASSWORD"]],
        ),
    ] = ()
    health: Annotated[
        Health,
        field(
            "How to tell that it works: {http: /path} or {exec: [command]}; start order, "
            "deploys and restarts wait for it",
            compose="`healthcheck`",
            examples=[{"http": "/health"}],
        ),
    ]
    resources: Annotated[Resources, field("Hard limits", compose="see below")] = Resources()
    replicas: Annotated[
        Replicas,
        field(
            "How many run: a number, or a range",
            compose="nothing: it runs one container; said by `compose_notes`",
            examples=[2, {"min": 2, "max": 10, "cpu_percent": 70}],
        ),
    ] = 1
    route: Annotated[Route | None, field("How the edge reaches it", compose=_NO_ROUTES)] = None
    starts: Annotated[
        FrozenMap[Name, Start],
        field(
            "Tasks that it may start",
            compose="`DOCKER_HOST` at the Docker guard, `<TASK>_AT_ONCE`, `<TASK>_TIMEOUT_SECONDS`",
            examples=[{"fetcher": {"at_once": 4}}],
        ),
    ] = NONE_OF
    stop_after: Annotated[
        DurationField,
        field("Time to end what it does before it is killed", compose="`stop_grace_period`"),
    ] = Duration(10, "10s")
    logging: Annotated[Logging, field("Rotation of its log", compose="`logging`")] = Logging()
    egress: Annotated[
        Literal["none", "public"],
        field(
            "Whether it may call out of the platform",
            compose="`public`: an ordinary bridge network of its own; `none`: no way out",
        ),
    ] = "none"
