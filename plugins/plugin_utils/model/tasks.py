# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Tasks: containers that a service starts for one job and throws away."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from .entry import NONE_OF, Entry, FrozenMap, by_shape, field
from .images import Image
from .limits import TaskResources
from .quantities import Duration, DurationField
from .scalars import EnvName, Host, Text

Egress = Annotated[
    Annotated[Literal["none", "public"], Tag("<word>")]
    | Annotated[tuple[Host, ...], Field(min_length=1), Tag("<hosts>")],
    by_shape(expected="none, public or a list of host names", word=(str,), hosts=(list, tuple)),
]


class Task(Entry):
    """Something that runs once per job."""

    image: Annotated[Image, field("Where its image comes from", compose="`image`", kubernetes="`image`")]
    env: Annotated[
        FrozenMap[EnvName, Text],
        field(
            "Environment variables; never secrets",
            compose="fixed: the Docker guard gives them to the container",
            kubernetes="a ConfigMap",
        ),
    ] = NONE_OF
    browser: Annotated[
        Literal["none", "chromium"],
        field(
            "Browser that it drives",
            compose="the seccomp profile that Chromium's own sandbox needs, 256m of /dev/shm and of /tmp",
            kubernetes="the same; the profile has to lie on the nodes, said by `manifests_notes`",
        ),
    ] = "none"
    egress: Annotated[
        Egress,
        field(
            "Whom it may call; never the platform's own networks",
            compose="`none`: an internal network of its own; else an ordinary one. A list "
            "of hosts reaches it as `EGRESS`; Compose itself cannot filter by host",
            kubernetes="a NetworkPolicy to all public addresses, or to the very addresses that are listed. Names "
            "reach it as `EGRESS`; said by `manifests_notes`",
            examples=["public", ["example.com"]],
        ),
    ] = "none"
    timeout: Annotated[
        DurationField,
        field(
            "Longest run",
            compose="`TIMEOUT_SECONDS`; the Docker guard ends what runs 10 s longer",
            kubernetes="`TIMEOUT_SECONDS`; `activeDeadlineSeconds` of the Job is 60 s longer, for it begins before the "
            "image is pulled",
        ),
    ] = Duration(30, "30s")
    resources: Annotated[TaskResources, field("Hard limits", compose="see below", kubernetes="see below")] = (
        TaskResources()
    )
