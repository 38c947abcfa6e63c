# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The kinds of sources. A new one is a file of its own, and a line here."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, NamedTuple

from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources import (
    command,
    compose,
    dotenv,
    environment,
    file,
    kubernetes,
    sops,
    vault,
)
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Source, Surroundings


class _Kind(NamedTuple):
    """options: its part of the argument spec. make: a source from a secret's name, its options and surroundings."""

    options: Dict[str, Any]
    make: Callable[[str, Any, Surroundings], Source]


_KINDS = {
    "env": _Kind(environment.OPTIONS, environment.Environment.from_options),
    "file": _Kind(file.OPTIONS, file.File.from_options),
    "dotenv": _Kind(dotenv.OPTIONS, dotenv.Dotenv.from_options),
    "sops": _Kind(sops.OPTIONS, sops.Sops.from_options),
    "vault": _Kind(vault.OPTIONS, vault.Vault.from_options),
    "kubernetes": _Kind(kubernetes.OPTIONS, kubernetes.Kubernetes.from_options),
    "compose": _Kind(compose.OPTIONS, compose.Compose.from_options),
    "command": _Kind(command.OPTIONS, command.Command.from_options),
}
# Made, not read: see resolve.
_GENERATE: Dict[str, Any] = {
    "type": "dict",
    "options": {
        "length": {"type": "int"},
        "alphabet": {"type": "str", "no_log": False},
        "jwt": {"type": "str", "choices": ["ed25519"], "no_log": False},
        "certificate": {
            "type": "dict",
            "options": {"hosts": {"type": "list", "elements": "str", "required": True}},
        },
    },
}
_OPTIONS = {**{name: kind.options for name, kind in _KINDS.items()}, "generate": _GENERATE}
ARGUMENT_SPEC: Dict[str, Any] = {
    "type": "dict",
    "options": _OPTIONS,
    "mutually_exclusive": [list(_OPTIONS)],
    "required_one_of": [list(_OPTIONS)],
}


def source_of(name: str, params: Mapping[str, Any], surroundings: Surroundings) -> Source:
    """The source of one secret. params: one kind and its options, as `{"env": "API_KEY"}`; the others may be None.

    It is not for `generate`. Nothing is read, and nothing raised: what is wrong is told when it is fetched.
    """
    kind, options = next((kind, options) for kind, options in params.items() if options is not None)
    return _KINDS[kind].make(name, options, surroundings)
