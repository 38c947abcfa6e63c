# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Secrets: where each value comes from, never the value."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, Tag

from .entry import Entry, Refused, Scalar, by_key, field
from .scalars import Flag, SecretPath, SourceName, Text, count, parse_text
from .secret_sources import ClusterSource, CommandSource, ComposeSource, DotenvSource, SopsSource, VaultSource

_FILE, _KEY = "a file", "a key of its Secret"
_CHECKED = "checked by `secret_sync` before anything is changed"


def parse_alphabet(value: object) -> str:
    """Characters of which at least two are different. Never shown: somebody may have written the value."""
    alphabet = parse_text(value)
    if len(set(alphabet)) < 2:
        raise Refused("a string is not an alphabet (at least two different characters)")
    return alphabet


def parse_template(value: object) -> str:
    """A text that is not empty: it would make an empty secret, which no program takes."""
    template = parse_text(value)
    if not template:
        raise Refused("an empty string is not a template")
    return template


Alphabet = Annotated[str, Scalar(parse_alphabet, {"type": "string", "minLength": 2, "x-type": "characters"})]
Template = Annotated[str, Scalar(parse_template, {"type": "string", "minLength": 1, "x-type": "template"})]


class Password(Entry):
    """Random letters and digits, or characters of another alphabet."""

    length: Annotated[
        Annotated[int, count(16, 256, "a length")],
        field(
            "Number of characters",
            compose="made once, kept in the secrets directory",
            kubernetes="made once, kept in the cluster",
        ),
    ] = 32
    alphabet: Annotated[
        Alphabet | None,
        field(
            "Characters to choose from; by default letters and digits",
            compose="of these it is made",
            kubernetes="of these it is made",
            examples=["abcdefghjkmnpqrstuvwxyz23456789"],
        ),
    ] = None


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


class Rules(Entry):
    """What a value has to look like. A message never shows it."""

    min_length: Annotated[
        Annotated[int, count(0, 1_000_000)] | None,
        field("Fewest bytes", compose=_CHECKED, kubernetes=_CHECKED, examples=[16]),
    ] = None
    pattern: Annotated[
        Text | None,
        field("Regular expression of Python for the whole value", compose=_CHECKED, kubernetes=_CHECKED),
    ] = None
    format: Annotated[
        Literal["pem", "url", "base64", "json"] | None,
        field("Its form", compose=_CHECKED, kubernetes=_CHECKED),
    ] = None


class _Secret(Entry):
    optional: Annotated[
        Flag,
        field(
            "Whether it may be missing",
            compose="a missing one is an empty file; programs treat it as not set",
            kubernetes="a missing one is an empty key",
        ),
    ] = False
    # The catalog's word `validate` is a method of all pydantic models.
    rules: Annotated[
        Rules | None,
        field("What its value has to look like", compose=_CHECKED, kubernetes=_CHECKED, examples=[{"min_length": 16}]),
        Field(alias="validate"),
    ] = None
    grace: Annotated[
        Literal["none", "both"],
        field(
            "Whether the former value stays beside a new one, for secrets that need an overlap",
            compose="`both`: a second file `<NAME>.previous`, empty before the first change",
            kubernetes="`both`: a second key `<NAME>.previous`, empty before the first change",
        ),
    ] = "none"


class _ReadSecret(_Secret):
    template: Annotated[
        Template | None,
        field(
            "Text made with it: `${value}` is what the source gave, `${NAME}` another secret, `$$` a dollar",
            compose="its file holds the text",
            kubernetes="its key holds the text",
            examples=["Bearer ${value}"],
        ),
    ] = None


class GeneratedSecret(_Secret):
    """Made once and kept."""

    generate: Annotated[
        Generator,
        field("What to make", compose=_FILE, kubernetes=_KEY, examples=[{"length": 32}, {"jwt": "ed25519"}]),
    ]


class EnvSecret(_ReadSecret):
    """Read from the environment of the run, .env included."""

    env: Annotated[
        SourceName,
        field("Variable that holds the value", compose=_FILE, kubernetes=_KEY, examples=["OPENAI_API_KEY"]),
    ]


class FileSecret(_ReadSecret):
    """Read from a file."""

    file: Annotated[
        SecretPath,
        field(
            "File that holds the value, relative to the project or absolute",
            compose=_FILE,
            kubernetes=_KEY,
            examples=["secrets/clerk.pem"],
        ),
    ]


class DotenvSecret(_ReadSecret):
    """Read from a dotenv file."""

    dotenv: Annotated[DotenvSource, field("The file and the variable", compose=_FILE, kubernetes=_KEY)]


class SopsSecret(_ReadSecret):
    """Read from a file that SOPS has encrypted."""

    sops: Annotated[SopsSource, field("The file and the place in it", compose=_FILE, kubernetes=_KEY)]


class VaultSecret(_ReadSecret):
    """Read from HashiCorp Vault or OpenBao."""

    vault: Annotated[VaultSource, field("The secret there and its key", compose=_FILE, kubernetes=_KEY)]


class ClusterSecret(_ReadSecret):
    """Read from a cluster."""

    kubernetes: Annotated[ClusterSource, field("The Secret there and its key", compose=_FILE, kubernetes=_KEY)]


class ComposeSecret(_ReadSecret):
    """Read from where a Compose file says."""

    compose: Annotated[ComposeSource, field("The file and its secret", compose=_FILE, kubernetes=_KEY)]


class CommandSecret(_ReadSecret):
    """Printed by a program."""

    command: Annotated[CommandSource, field("The program", compose=_FILE, kubernetes=_KEY)]


class TemplateSecret(_Secret):
    """Made of other secrets."""

    template: Annotated[
        Template,
        field(
            "Text with the values of other secrets in it: `${NAME}`, or `${NAME|urlencode}`; `$$` is a dollar",
            compose=_FILE,
            kubernetes=_KEY,
            examples=["postgres://shop:${DB_PASSWORD|urlencode}@db/shop"],
        ),
    ]


Secret = Annotated[
    Annotated[GeneratedSecret, Tag("<generate>")]
    | Annotated[EnvSecret, Tag("<env>")]
    | Annotated[FileSecret, Tag("<file>")]
    | Annotated[DotenvSecret, Tag("<dotenv>")]
    | Annotated[SopsSecret, Tag("<sops>")]
    | Annotated[VaultSecret, Tag("<vault>")]
    | Annotated[ClusterSecret, Tag("<kubernetes>")]
    | Annotated[ComposeSecret, Tag("<compose>")]
    | Annotated[CommandSecret, Tag("<command>")]
    | Annotated[TemplateSecret, Tag("<template>")],
    by_key(
        "generate",
        "env",
        "file",
        "dotenv",
        "sops",
        "vault",
        "kubernetes",
        "compose",
        "command",
        # Beside a source it belongs to that.
        "template",
        expected="a source (generate, env, file, dotenv, sops, vault, kubernetes, compose or command) or a template",
    ),
]


def source_of(secret: Secret) -> dict[str, Any]:
    """The kind of its source and what that needs, as plain data: `{"env": "API_KEY"}`; empty with a template alone."""
    common = {*_ReadSecret.model_fields, *TemplateSecret.model_fields}
    return secret.model_dump(mode="json", exclude=common, exclude_none=True)
