# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Services: what runs all the time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from .entry import NONE_OF, Entry, FrozenMap, by_shape, field
from .health import Health
from .images import Image
from .limits import Logging, Resources
from .objectives import Metrics, Objectives
from .quantities import Duration, DurationField, Memory, SizeField
from .scalars import EnvName, Flag, HeaderName, HttpPath, Name, Port, Text, count
from .scaling import Replicas

_NO_ROUTES = "acted on where the edge runs (`edge=true`); else nothing, said by `compose_notes`"


class HeaderKey(Entry):
    """Clients told apart by what they send."""

    header: Annotated[
        HeaderName,
        field(
            "Header whose value is the client; requests without it are told apart by address",
            compose=_NO_ROUTES,
            kubernetes="rule with a Distinct header in a BackendTrafficPolicy",
            examples=["X-Api-Key"],
        ),
    ]


RateLimitKey = Annotated[
    Annotated[Literal["client_address"], Tag("<word>")] | Annotated[HeaderKey, Tag("<header>")],
    by_shape(expected="client_address, or a mapping with header", word=(str,), header=(dict, HeaderKey)),
]


class RateLimit(Entry):
    """Requests of one client that are let through."""

    requests: Annotated[
        Annotated[int, count(1, 1_000_000)],
        field(
            "Requests",
            compose=_NO_ROUTES,
            kubernetes="`requests` of a local rate limit, which each proxy counts for itself",
            examples=[20],
        ),
    ]
    per: Annotated[
        Literal["second", "minute", "hour"],
        field("in this time", compose=_NO_ROUTES, kubernetes="`unit` of it"),
    ] = "second"
    key: Annotated[
        RateLimitKey,
        field(
            "What makes requests those of one client",
            compose=_NO_ROUTES,
            kubernetes="its `clientSelectors`",
            examples=["client_address", {"header": "X-Api-Key"}],
        ),
    ] = "client_address"


class Route(Entry):
    """How the edge leads requests to a service."""

    path: Annotated[
        HttpPath,
        field("Prefix of the path", compose=_NO_ROUTES, kubernetes="`PathPrefix` of an HTTPRoute", examples=["/v1"]),
    ]
    rate_limit: Annotated[
        RateLimit | None,
        field(
            "Rate limit",
            compose=_NO_ROUTES,
            kubernetes="local rate limit of a BackendTrafficPolicy, and `Retry-After` on its answers; how few clients "
            "that remembers is said by `manifests_notes`",
        ),
    ] = None
    auth: Annotated[
        Literal["none", "clerk"],
        field(
            "Who may come in; the service itself checks it. `clerk` needs the secret `CLERK_JWT_KEY`",
            compose="`AUTH`; with `clerk` also `CLERK_AUTHORIZED_PARTIES`, and where `edge.host` is a loopback name "
            "the service may do without keys. The edge asks a service with `CLERK_SECRET_KEY` at `/edge-auth`, and "
            "verifies the tokens for others itself",
            kubernetes="the same, by SecurityPolicies or, of an Ingress, by a Middleware. An Ingress verifies no "
            "tokens, and where the run does not see the key, a Gateway verifies none; said by `manifests_notes`",
        ),
    ] = "none"
    body_limit: Annotated[
        SizeField,
        field(
            "Largest body of a request",
            compose=_NO_ROUTES,
            kubernetes="`requestBuffer` of a BackendTrafficPolicy; with `streams` nothing, said by `manifests_notes`",
            examples=["10Mi"],
        ),
    ] = Memory(2**20, "1Mi")
    timeout: Annotated[
        DurationField,
        field(
            "Time in which the service has to answer whole", compose=_NO_ROUTES, kubernetes="`timeouts` of an HTTPRoute"
        ),
    ] = Duration(30, "30s")
    streams: Annotated[
        Flag,
        field(
            "Whether answers may go on for as long as both sides like (server-sent events, WebSockets), whatever "
            "the timeout",
            compose=_NO_ROUTES,
            kubernetes="no timeouts, and `httpUpgrade` for WebSockets",
        ),
    ] = False


class Start(Entry):
    """Leave to start a task."""

    at_once: Annotated[
        Annotated[int, count(1, 1000)],
        field(
            "Most containers of the task at one time",
            compose="`<TASK>_AT_ONCE`, and a limit that the Docker guard keeps",
            kubernetes="`<TASK>_AT_ONCE` of each replica; the ResourceQuota has room for all of them",
        ),
    ] = 1


class Service(Entry):
    """Something that runs all the time."""

    image: Annotated[Image, field("Where its image comes from", compose="`image`", kubernetes="`image`")]
    command: Annotated[
        Annotated[tuple[Text, ...], Field(min_length=1)] | None,
        field(
            "Command and arguments instead of the image's own",
            compose="`command`",
            kubernetes="`args`: the image's entry point stays, as under Compose",
            examples=[["bun", "main.js"]],
        ),
    ] = None
    port: Annotated[
        Port | None,
        field(
            "TCP port that it listens on",
            compose="`PORT`, and published on 127.0.0.1 under the same number, unless the edge leads to it",
            kubernetes="`PORT`, `containerPort`, and a Service of the same number",
            examples=[8080],
        ),
    ] = None
    headless: Annotated[
        Flag,
        field(
            "Whether its name stands for the addresses of all its replicas, for clients that choose among them, "
            "instead of one address that does",
            compose="nothing to choose from: it runs one container",
            kubernetes="`clusterIP: None`",
        ),
    ] = False
    uses: Annotated[
        tuple[Name, ...],
        field(
            "Services and stores that it calls",
            compose="`depends_on` their health, a network with each, `<NAME>_URL`",
            kubernetes="NetworkPolicies of both, `<NAME>_URL`",
            examples=[["redis", "turso"]],
        ),
    ] = ()
    env: Annotated[
        FrozenMap[EnvName, Text],
        field(
            "Environment variables; never secrets",
            compose="`environment`; .env and .env.local override the values",
            kubernetes="a ConfigMap; a change of it rolls the Deployment",
            examples=[{"LOG_LEVEL": "info"}],
        ),
    ] = NONE_OF
    secrets: Annotated[
        tuple[EnvName, ...],
        field(
            "Secrets that it reads",
            compose="a file `/run/secrets/<NAME>`, and its path in `<NAME>_FILE`",
            kubernetes="the same",
            examples=[["REDIS_PASSWORD"]],
        ),
    ] = ()
    health: Annotated[
        Health,
        field(
            "How to tell that it works: {http: /path} or {exec: [command]}; start order, "
            "deploys and restarts wait for it",
            compose="`healthcheck`",
            kubernetes="startup, readiness and liveness probe",
            examples=[{"http": "/health"}],
        ),
    ]
    resources: Annotated[Resources, field("Hard limits", compose="see below", kubernetes="see below")] = Resources()
    replicas: Annotated[
        Replicas,
        field(
            "How many run: a number, or a range",
            compose="nothing: it runs one container; said by `compose_notes`",
            kubernetes="`replicas`; of a range nothing: `queue_scaler` makes what owns the number; what that needs is "
            "said by `manifests_notes`",
            examples=[2, {"min": 2, "max": 10, "cpu_percent": 70}],
        ),
    ] = 1
    metrics: Annotated[
        Metrics | None,
        field(
            "Where Prometheus finds its metrics",
            compose="see below",
            kubernetes="see below",
            examples=[{"port": 9464}],
        ),
    ] = None
    objectives: Annotated[
        Objectives,
        field(
            "What its users may expect; alerts tell when that is in danger",
            compose="alerts where `monitoring` is on",
            kubernetes="rules of the filter `alerts`",
            examples=[{"availability": 99.9}],
        ),
    ] = Objectives()
    route: Annotated[
        Route | None,
        field(
            "How the edge reaches it",
            compose="where the edge runs (`edge=true`), the only way to it from outside; else nothing: its port is "
            "published on 127.0.0.1, said by `compose_notes`",
            kubernetes="an HTTPRoute, and a NetworkPolicy that lets the edge in; where `edge.host` is a loopback name, "
            "only a NetworkPolicy that lets everybody in",
        ),
    ] = None
    starts: Annotated[
        FrozenMap[Name, Start],
        field(
            "Tasks that it may start",
            compose="`DOCKER_HOST` at the Docker guard, `<TASK>_AT_ONCE`, `<TASK>_TIMEOUT_SECONDS`",
            kubernetes="a Role, a token of the API server, `TASK_RUNNER`, `TASKS_NAMESPACE`, `<TASK>_AT_ONCE`, "
            "`<TASK>_TIMEOUT_SECONDS`",
            examples=[{"fetcher": {"at_once": 4}}],
        ),
    ] = NONE_OF
    stop_after: Annotated[
        DurationField,
        field(
            "Time to end what it does before it is killed",
            compose="`stop_grace_period`",
            kubernetes="`terminationGracePeriodSeconds`, after 5 s in which requests still arrive at a port",
        ),
    ] = Duration(10, "10s")
    logging: Annotated[Logging, field("Rotation of its log", compose="`logging`", kubernetes="see below")] = Logging()
    egress: Annotated[
        Literal["none", "public"],
        field(
            "Whether it may call out of the platform",
            compose="`public`: an ordinary bridge network of its own; `none`: no way out",
            kubernetes="`public`: a NetworkPolicy to all public addresses",
        ),
    ] = "none"
