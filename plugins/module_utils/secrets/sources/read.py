# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads all sources at once."""

from __future__ import annotations

from typing import Any, Dict, Hashable, List, Mapping, Optional, Union

from ansible_collections.bunops.platform.plugins.module_utils.cluster.parallel import for_each
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.connections import (
    Connected,
    Connections,
)
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Source

_THREADS = 8


def read(sources: Mapping[str, Source]) -> Dict[str, Optional[bytes]]:
    """The value of each secret, by its name; None where the source has none. Each unit is fetched once.

    Raises SecretError with a line for each secret whose source cannot be read: its name, the source in words, and
    what the source's own error says.
    """
    documents = _fetch_all({source.unit(): source for source in sources.values()})
    values: Dict[str, Optional[bytes]] = {}
    problems: List[str] = []
    for name, source in sorted(sources.items()):
        try:
            values[name] = _value(source, documents[source.unit()])
        except SecretError as error:
            problems.append(f"secret {name}: {source.describe()} {error}")
    if problems:
        raise SecretError("\n".join(problems))
    return values


def _fetch_all(units: Mapping[Hashable, Source]) -> Dict[Hashable, Union[Any, SecretError]]:
    with Connections() as connections:

        def fetch(source: Source) -> Union[Any, SecretError]:
            try:
                return source.fetch_over(connections) if isinstance(source, Connected) else source.fetch()
            except SecretError as error:
                # Not raised here, so that the others are read, too.
                return error

        return dict(zip(units, for_each(list(units.values()), fetch, _THREADS)))


def _value(source: Source, document: Union[Any, SecretError]) -> Optional[bytes]:
    if isinstance(document, SecretError):
        raise document
    return None if document is None else source.pick(document)
