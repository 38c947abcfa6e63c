# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Where a container's image comes from: built from a Dockerfile, or taken as it is."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Tag

from .entry import NONE_OF, Entry, FrozenMap, by_key, field
from .scalars import EnvName, ImageReference, ProjectPath, Text, Word


class BuiltImage(Entry):
    """An image built from a Dockerfile of the project."""

    dockerfile: Annotated[
        ProjectPath,
        field(
            "Dockerfile, relative to the project",
            compose="runs the tag `<platform>/<name>:local`, never pulled",
            kubernetes="runs the digest that was pushed",
            bake="`dockerfile`, as an absolute path",
            examples=["docker/api.Dockerfile"],
        ),
    ]
    context: Annotated[
        ProjectPath,
        field(
            "Build context, relative to the project",
            compose="nothing",
            kubernetes="nothing",
            bake="`context`, as an absolute path",
            examples=["examples/platform"],
        ),
    ]
    target: Annotated[
        Word,
        field("Stage of the Dockerfile", compose="nothing", kubernetes="nothing", bake="`target`"),
    ] = "production"
    watch: Annotated[
        Annotated[tuple[ProjectPath, ...], Field(min_length=1)],
        field(
            "What is edited while developing, relative to the context; the container has it at the same place below "
            "`/app`. `.` is all of the context",
            compose="only for development: a mount, or for `.` a rule of `develop.watch`",
            kubernetes="only for development: a `sync` of Tilt's",
            bake="nothing",
            examples=[["api/src", "shared/src"]],
        ),
    ] = (".",)
    args: Annotated[
        FrozenMap[EnvName, Text],
        field(
            "Build arguments. They can be read from the image: never secrets",
            compose="nothing",
            kubernetes="nothing",
            bake="`args`",
            examples=[{"BUN_VERSION": "1.4.5"}],
        ),
    ] = NONE_OF


class TakenImage(Entry):
    """An image that exists in a registry or on the host."""

    ref: Annotated[
        ImageReference,
        field(
            "Reference of an existing image, best with tag and digest",
            compose="`image`, pulled where it is missing",
            kubernetes="`image`, pulled where it is missing; without a digest said by `manifests_notes`",
            bake="nothing: it is not built here",
            examples=["nginx:1.27@sha256:" + "0123456789abcdef" * 4],
        ),
    ]


Image = Annotated[
    Annotated[BuiltImage, Tag("<dockerfile>")] | Annotated[TakenImage, Tag("<ref>")],
    by_key("ref", otherwise="dockerfile", expected="{dockerfile: …, context: …} or {ref: …}"),
]
