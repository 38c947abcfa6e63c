# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Circles of names that need each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter


def circles(needed: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Each circle, from its first name in the alphabet back to that, as `[a, c, b, a]`.

    needed: what each name needs, all of them names of the mapping.
    """
    graph = {name: list(needed[name]) for name in sorted(needed)}
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            # graphlib walks from what is needed to who needs it.
            circle: list[str] = error.args[1][::-1]
            first = circle.index(min(circle))
            circle = circle[first:-1] + circle[:first] + [circle[first]]
            yield circle
            graph[circle[0]].remove(circle[1])
        else:
            return
