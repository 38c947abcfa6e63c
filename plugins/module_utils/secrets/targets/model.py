# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What every target of secrets is: a place that holds the newest version of each secret of a set."""

from __future__ import annotations

from typing import Dict, List, Mapping, NamedTuple, Optional, Protocol, Sequence

# Contents by file name. A secret NAME has the file NAME, and may have more: NAME.acl, NAME.pub, NAME.previous.
Files = Dict[str, bytes]


class Version(NamedTuple):
    """One version of a secret. number: from 1. made: seconds since the epoch. place: an object's name, or a path.

    made is None, and so are numbers 0, where the target does not know.
    """

    number: int
    made: Optional[int]
    files: Files
    place: str


# The version of each secret, by the secret's name.
Holding = Dict[str, Version]


class Rollout(Protocol):
    """Makes what uses changed secrets use their new versions."""

    def users(self) -> List[str]:
        """Who would be rolled, sorted, as `Deployment atlas/api` or `container atlas-api-1`. Raises SecretError."""
        ...

    def roll(self, timeout: float) -> None:
        """Roll each of them once and wait, `timeout` seconds at most, until all are healthy. Raises RolloutError."""
        ...

    def back(self) -> None:
        """Bring those that were rolled to the former versions, after the target was restored. Raises SecretError."""
        ...


class Target(Protocol):
    """A place for the secrets of one set."""

    # The target's key in the module's option, as `directory`, and words for messages, as `directory /srv/secrets`.
    kind: str
    title: str

    def observe(self) -> Holding:
        """The newest version of each secret of this set that is there, and nothing of others. Raises SecretError."""
        ...

    def problems(self, wanted: Mapping[str, Files]) -> List[str]:
        """Why it cannot hold these, a line each; found before anything is changed."""
        ...

    def differs(self, held: Version, files: Files) -> bool:
        """Whether a version that is held is another one than these files make, or is not in order."""
        ...

    def next(self, before: Holding, wanted: Mapping[str, Files], changed: Sequence[str]) -> Holding:
        """The holding after a write, without any effect: new versions for `changed`, nothing that is not wanted."""
        ...

    def write(self, before: Holding, after: Holding) -> None:
        """Go from one holding to another; killed at any moment, a reader sees one or the other. Raises SecretError."""
        ...

    def restore(self, before: Holding, after: Holding) -> None:
        """Go back after a rollout that failed; what only `after` had is removed. Raises SecretError."""
        ...

    def previous(self, held: Holding) -> Holding:
        """The versions before the newest ones, for those secrets that have one kept. Raises SecretError."""
        ...

    def collect(self, keep: int) -> List[str]:
        """Remove versions above `keep` that nothing refers to, and those of secrets that left the set.

        Returns the places, sorted. Raises SecretError.
        """
        ...

    def collectable(self, keep: int) -> List[str]:
        """What collect() would remove, without any effect. Raises SecretError."""
        ...

    def remove(self) -> None:
        """Remove all of the set, of every version. Raises SecretError."""
        ...

    def rollout(self, before: Holding, after: Holding, changed: Sequence[str]) -> Optional[Rollout]:
        """How those that use `changed` are rolled; None where a target knows no users."""
        ...
