# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Stores: what keeps state, run here or elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Tag, model_validator

from .entry import Entry, by_key, field
from .images import Image
from .limits import MEBIBYTE, Resources
from .quantities import Memory, SizeField
from .scalars import ObjectName, Port, Url

Kind = Literal["redis", "libsql"]

PORTS: Mapping[str, int] = {"redis": 6379, "libsql": 8081}
SCHEMES: Mapping[str, tuple[str, ...]] = {
    "redis": ("redis", "rediss"),
    "libsql": ("http", "https", "libsql", "ws", "wss"),
}
_AUTH_SUFFIX: Mapping[str, str] = {"redis": "_PASSWORD", "libsql": "_AUTH_TOKEN"}


class LocalStore(Entry):
    """A store that the platform runs."""

    kind: Annotated[
        Kind,
        field(
            "What it is: Redis, or libSQL server (Turso)",
            compose="image, command and health check",
            kubernetes="image, arguments and probes",
            bake="without `image`: docker/redis.Dockerfile or docker/turso.Dockerfile",
        ),
    ]
    image: Annotated[
        Image | None,
        field(
            "Another image than the collection's own; it has to run as 1000:1000",
            compose="`image`",
            kubernetes="`image`",
            bake="as for services",
        ),
    ] = None
    port: Annotated[
        Port,
        field(
            "TCP port that it listens on; 6379 for redis, 8081 for libsql",
            compose="in its command and in `<STORE>_URL`, and published on 127.0.0.1 under the same number",
            kubernetes="in its arguments and in `<STORE>_URL`; a Service of the same number",
        ),
    ] = PORTS["redis"]
    volume: Annotated[
        SizeField,
        field(
            "Size of its volume",
            compose="a named volume; Docker's own have no size, said by `compose_notes`",
            kubernetes="`volumeClaimTemplates`; what is claimed once is resized at the claim itself",
        ),
    ] = Memory(1024 * MEBIBYTE, "1Gi")
    storage_class: Annotated[
        ObjectName | None,
        field(
            "Kind of disk that its volume is on; without it the cluster's default",
            compose="nothing: Docker's volumes are all of one kind, said by `compose_notes`",
            kubernetes="`storageClassName`",
            examples=["fast-ssd"],
        ),
    ] = None
    resources: Annotated[
        Resources,
        field("Hard limits", compose="see below", kubernetes="see below"),
    ] = Resources()

    @model_validator(mode="before")
    @classmethod
    def _port_of_its_kind(cls, raw: object) -> object:
        if isinstance(raw, dict) and raw.get("kind") == "libsql":
            return {"port": PORTS["libsql"], **raw}
        return raw


class ExternalStore(Entry):
    """A store that somebody else runs."""

    kind: Annotated[Kind, field("What it is", compose="nothing", kubernetes="nothing")]
    external: Annotated[
        Url,
        field(
            "Where it is; credentials go into a secret",
            compose="`<STORE>_URL`; no container. Who uses it gets a network with a way out",
            kubernetes="`<STORE>_URL`, and a NetworkPolicy to its address and port; to its port alone where it has a "
            "name, said by `manifests_notes`",
            examples=["rediss://redis.internal:6380"],
        ),
    ]


Store = Annotated[
    Annotated[LocalStore, Tag("<kind>")] | Annotated[ExternalStore, Tag("<external>")],
    by_key("external", otherwise="kind", expected="a mapping with kind: redis or kind: libsql"),
]


def auth_secret(name: str, kind: Kind) -> str:
    """Name of the secret that protects a store, where it is declared: `REDIS_PASSWORD`."""
    return env_prefix(name) + _AUTH_SUFFIX[kind]


def env_prefix(name: str) -> str:
    """`my-store` as the beginning of a variable's name: `MY_STORE`."""
    return name.upper().replace("-", "_")
