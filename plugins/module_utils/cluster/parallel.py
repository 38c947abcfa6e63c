# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The same work for many items on a few threads."""

from __future__ import annotations

import threading
from typing import Callable, Dict, List, Sequence, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def for_each(items: Sequence[Item], work: Callable[[Item], Result], threads: int) -> List[Result]:
    """The results in the order of the items. The first exception ends the handing out of items and is raised."""
    if threads <= 1 or len(items) <= 1:
        return [work(item) for item in items]
    results: Dict[int, Result] = {}
    failures: List[BaseException] = []
    places = iter(range(len(items)))
    lock = threading.Lock()

    def serve() -> None:
        while not failures:
            with lock:
                place = next(places, None)
            if place is None:
                return
            try:
                results[place] = work(items[place])
            except BaseException as error:
                failures.append(error)

    helpers = [threading.Thread(target=serve, daemon=True) for _unused in range(min(threads, len(items)))]
    for helper in helpers:
        helper.start()
    for helper in helpers:
        helper.join()
    if failures:
        raise failures[0]
    return [results[place] for place in range(len(items))]
