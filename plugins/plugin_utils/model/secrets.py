# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets: where each value comes from, never the value."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Tag

from .entry import Entry, by_key, field
from .scalars import Flag, SecretPath, SourceName, count

_KEY = "a key of its Secret"


class Password(Entry):
    """Random letters and digits."""

    length: Annotated[
        Annotated[int, count(16, 256, "a length")],
        field(
            "Number of characters",
            compose="made once, kept in the secrets directory",
            kubernetes="made once, kept in the cluster",
        ),
    ] = 32


class SignedToken(Entry):
    """A JSON Web Token and the public key that proves it."""

    jwt: Annotated[
        Literal["ed25519"],
        field(
            "Kind of the key",
            compose="two files: the token, and `<NAME>.pub`",
            kubernetes="two keys: the token, and `<NAME>.pub`",
        ),
    ]


Generator = Annotated[
    Annotated[Password, Tag("<length>")] | Annotated[SignedToken, Tag("<jwt>")],
    by_key("jwt", otherwise="length", expected="{length: 32} or {jwt: ed25519}"),
]


class _Secret(Entry):
    optional: Annotated[
        Flag,
        field(
            "Whether it may be missing",
            compose="a missing one is an empty file; programs treat it as not set",
            kubernetes="a missing one is an empty key",
        ),
    ] = False


class GeneratedSecret(_Secret):
    """Made once and kept."""

    generate: Annotated[
        Generator,
        field(
            "What to make",
            compose="a file",
            kubernetes=_KEY,
            examples=[{"length": 32}, {"jwt": "ed25519"}],
        ),
    ]


class EnvSecret(_Secret):
    """Read from the environment of the run, .env included."""

    env: Annotated[
        SourceName,
        field(
            "Variable that holds the value",
            compose="a file",
            kubernetes=_KEY,
            examples=["OPENAI_API_KEY"],
        ),
    ]


class FileSecret(_Secret):
    """Read from a file."""

    file: Annotated[
        SecretPath,
        field(
            "File that holds the value, relative to the project or absolute",
            compose="a file",
            kubernetes=_KEY,
            examples=["secrets/clerk.pem"],
        ),
    ]


Secret = Annotated[
    Annotated[GeneratedSecret, Tag("<generate>")]
    | Annotated[EnvSecret, Tag("<env>")]
    | Annotated[FileSecret, Tag("<file>")],
    by_key("generate", "env", "file", expected="{generate: …}, {env: NAME} or {file: path}"),
]
