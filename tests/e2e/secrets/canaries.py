# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Values that nobody else has, and how to find them in whatever form they were written down."""

from __future__ import annotations

import base64
import secrets
import urllib.parse
from collections.abc import Iterable
from typing import NamedTuple

# Around the part that is looked for; all that a shell, YAML, JSON or a template could stumble over.
_ODD = ("\"'`", "$HOME ${X} ", "\\n\\", "# ", "ü€\t", "{{ x }}", "line\nbreak ", "= & ; | > ", "%s %(x)s ", "\r")


class Canary(NamedTuple):
    """One value. name: of its secret. kind: of its source. mark: the part of the value that is looked for."""

    name: str
    kind: str
    mark: str
    value: str

    def forms(self) -> set[bytes]:
        """The mark as it may be written: plain, in hexadecimal, in base64 at any place, backwards."""
        plain = self.mark.encode()
        shifted = [base64.b64encode(b"_" * shift + plain)[4 if shift else 0 : -4] for shift in range(3)]
        return {plain, plain.hex().encode(), plain[::-1], urllib.parse.quote(self.mark).encode(), *shifted}


def canary(name: str, kind: str, number: int) -> Canary:
    """A new one; its number says which odd characters are in its value."""
    mark = f"canary{secrets.token_hex(12)}"
    return Canary(name, kind, mark, f"{_ODD[number % len(_ODD)]}{mark}{_ODD[(number // 2 + 3) % len(_ODD)]}.")


def found(places: Iterable[tuple[str, bytes]], canaries: Iterable[Canary]) -> list[str]:
    """`PLACE: NAME` for each place that has a canary in it, sorted."""
    wanted = [(each.name, each.forms()) for each in canaries]
    return sorted(
        {f"{place}: {name}" for place, data in places for name, forms in wanted if any(form in data for form in forms)}
    )
