# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What every source of secrets is: a document that is fetched once, and a value picked out of it."""

from __future__ import annotations

from typing import Any, Hashable, Mapping, NamedTuple, Optional, Protocol

from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options


class Surroundings(NamedTuple):
    """What a source may look at besides its own options. cluster: how the Kubernetes API is reached."""

    environment: Mapping[str, str]
    cluster: Options


class Source(Protocol):
    """Where the value of one secret comes from."""

    # The source's key in the module's option, as `env`.
    kind: str

    def describe(self) -> str:
        """Words for messages, as `the environment variable API_KEY`; never a value."""
        ...

    def unit(self) -> Hashable:
        """What is fetched; sources with equal units are fetched once, by any one of them."""
        ...

    def fetch(self) -> Any:
        """The document of the unit; None where it is not there. Raises SecretError."""
        ...

    def pick(self, document: Any) -> Optional[bytes]:
        """The value; None where the document has none. Raises SecretError where it is of a wrong shape."""
        ...
