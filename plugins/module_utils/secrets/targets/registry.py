# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The kinds of targets. A new one is a file of its own, and a line or two here."""

from __future__ import annotations

from typing import Any, Callable, Collection, Dict, List, Mapping, NamedTuple, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets import (
    directory,
    dotenv,
    external_secrets,
    kubernetes,
)
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Target

_OPTIONS: Dict[str, Any] = {
    "directory": directory.OPTIONS,
    "dotenv": dotenv.OPTIONS,
    "kubernetes": kubernetes.OPTIONS,
    "external_secrets": external_secrets.OPTIONS,
}
ARGUMENT_SPEC: Dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "required": True,
    "options": {kind: {"type": "dict", "no_log": False, "options": options} for kind, options in _OPTIONS.items()},
    "mutually_exclusive": [list(_OPTIONS)],
    "required_one_of": [list(_OPTIONS)],
}


class Surroundings(NamedTuple):
    """What targets need besides their options. client: for the cluster, the same at each call. key: for new names."""

    client: Callable[[], Client]
    key: Callable[[], bytes]


class Targets(NamedTuple):
    """Those that hold values, and those that name where a cluster finds them."""

    values: List[Target]
    external: List[external_secrets.ExternalSecrets]


def targets_of(
    set_name: str, given: Sequence[Mapping[str, Any]], secrets: Collection[str], around: Surroundings
) -> Targets:
    """The targets of a set, in their order. secrets: the names of those that are wanted. Raises ClusterError."""
    found = Targets([], [])
    for each in given:
        kind, options = next((kind, options) for kind, options in each.items() if options is not None)
        if kind == "external_secrets":
            found.external.append(external_secrets.ExternalSecrets(set_name, options, around.client()))
        elif kind == "kubernetes":
            found.values.append(
                kubernetes.Kubernetes(set_name, options["namespace"], around.client(), around.key, secrets)
            )
        elif kind == "directory":
            found.values.append(directory.Directory.from_options(set_name, options, secrets))
        else:
            found.values.append(dotenv.Dotenv.from_options(set_name, options))
    return found


def problems(targets: Targets) -> List[str]:
    """Targets that are named twice."""
    titles = [*(each.title for each in targets.values), *(each.title for each in targets.external)]
    twice = sorted({title for title in titles if titles.count(title) > 1})
    return ["targets: %s is there %d times; expected once" % (title, titles.count(title)) for title in twice]
