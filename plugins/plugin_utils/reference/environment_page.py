# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""docs/environment.md: every environment variable of the reference platform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..model.errors import words
from ..model.platform import Platform
from ..model.secrets import EnvSecret, FileSecret, GeneratedSecret, Password, source_of
from ..renderers.environment import Target, environment
from ..renderers.meter import with_meter
from ..renderers.names import METER
from .markdown import table

_WHERE: Mapping[Target, str] = {"compose": "under Compose", "kubernetes": "on Kubernetes"}

_HEAD = """\
# Environment variables

<!-- Generated from the catalog by `make docs`; edits here are lost. -->

What each program of the reference platform finds in its environment. `catalog` are the values
under `env`; everything else the platform makes from other fields. A value marked with ✎ may be
given by the project's `.env`, and by `.env.local` over it. Both are read by Compose: the name there
stands for that variable of every service. On Kubernetes the inventory is where values differ. Secrets
are files; the environment holds their paths.
"""


def environment_page(platform: Platform) -> str:
    lines = [_HEAD]
    rows = environment(platform)
    for name in [*platform.services, *platform.tasks]:
        kind = "service" if name in platform.services else "task"
        lines += [f"## {name} ({kind})", ""]
        lines += table(
            ("Variable", "Value", "Comes from"),
            (
                (f"`{row['name']}`", _value(row["default"], row["overridable"]), row["source"] + _where(row["targets"]))
                for row in rows
                if row["service"] == name
            ),
        )
        lines.append("")
    lines += ["## Secrets", "", "Where the values come from that the files hold.", ""]
    lines += table(("Secret", "Source", "Read by", "May be missing"), _secrets(platform))
    return "\n".join(lines) + "\n"


def _value(default: str, overridable: bool) -> str:
    return (f"`{default}`" if default else "empty") + (" ✎" if overridable else "")


def _where(targets: Sequence[Target]) -> str:
    """Nothing where it is everywhere."""
    return "" if len(targets) == len(_WHERE) else ", " + words([_WHERE[target] for target in targets])


def _secrets(platform: Platform) -> Iterator[tuple[str, str, str, str]]:
    for name, secret in platform.secrets.items():
        services = with_meter(platform).services
        readers = [_reader(key) for key, service in services.items() if name in service.secrets]
        if isinstance(secret, EnvSecret):
            source = f"the variable `{secret.env}` of the environment in which the playbook is run"
        elif isinstance(secret, FileSecret):
            source = f"the file `{secret.file}`"
        elif isinstance(secret, GeneratedSecret):
            source = _generated(secret)
        else:
            source = f"{next(iter(source_of(secret)), 'template')}, as the catalog says"
        yield f"`{name}`", source, ", ".join(readers), "yes" if secret.optional else "no"


def _reader(name: str) -> str:
    return f"{name} ({_WHERE['kubernetes']})" if name == METER else name


def _generated(secret: GeneratedSecret) -> str:
    if isinstance(secret.generate, Password):
        return f"made once, {secret.generate.length} characters"
    return f"made once, a token signed with an {secret.generate.jwt} key"
