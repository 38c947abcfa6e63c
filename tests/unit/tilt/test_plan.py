# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Plans as text: what is on the port, what is wanted, and what is to be done."""

from __future__ import annotations

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.tilt.model import Leftovers, Seen, Session, TiltError
from ansible_collections.bunops.platform.plugins.module_utils.tilt.plan import plan_ci, plan_down, plan_up

TILTFILE = "/srv/shop/Tiltfile"
PORT = 10350
FREE = Seen(False)
FOREIGN = Seen(True)


def tilt(tiltfile: str = TILTFILE, *args: str, mode: str = "up") -> Seen:
    """A Tilt on the port."""
    return Seen(True, Session(77, tiltfile, args, mode, "2026-11-27T20:00:00Z", (), ()))


@pytest.mark.parametrize(
    ("seen", "args", "text"),
    [
        (FREE, [], "start Tilt with /srv/shop/Tiltfile: none runs on port 10350"),
        (tilt(), [], "nothing: Tilt runs with /srv/shop/Tiltfile on port 10350 (process 77)"),
        (tilt(TILTFILE, "api"), ["api"], "nothing: Tilt runs with /srv/shop/Tiltfile on port 10350 (process 77)"),
        (tilt(), ["api", "worker"], "give Tilt other arguments: args: found none, expected api worker"),
        (tilt(TILTFILE, "api"), [], "give Tilt other arguments: args: found api, expected none"),
        (
            tilt("/srv/shop/../shop/Tiltfile"),
            [],
            "nothing: Tilt runs with /srv/shop/Tiltfile on port 10350 (process 77)",
        ),
    ],
)
def test_up(seen: Seen, args: list[str], text: str) -> None:
    assert str(plan_up(TILTFILE, args, seen, PORT)) == text


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (
            FOREIGN,
            "port 10350: found a process that is no Tilt of this user, expected Tilt with /srv/shop/Tiltfile, "
            "or nothing. Choose another port.",
        ),
        (
            tilt("/srv/else/Tiltfile"),
            "port 10350: found Tilt with /srv/else/Tiltfile (process 77), expected Tilt with /srv/shop/Tiltfile, "
            "or nothing. End it with state=down and its Tiltfile, or choose another port.",
        ),
        (
            tilt(mode="ci"),
            "port 10350: found tilt ci with /srv/shop/Tiltfile (process 77), expected Tilt with /srv/shop/Tiltfile, "
            "or nothing. Wait for its end, or choose another port.",
        ),
    ],
)
def test_up_in_the_way(seen: Seen, text: str) -> None:
    with pytest.raises(TiltError) as error:
        plan_up(TILTFILE, [], seen, PORT)
    assert str(error.value) == text


def test_ci() -> None:
    assert str(plan_ci(TILTFILE, FREE, PORT)) == "run tilt ci with /srv/shop/Tiltfile: it is run each time"
    for seen in (FOREIGN, tilt(), tilt(mode="ci")):
        with pytest.raises(TiltError, match="expected nothing"):
            plan_ci(TILTFILE, seen, PORT)


@pytest.mark.parametrize(
    ("seen", "leftovers", "text"),
    [
        (FREE, Leftovers(), "nothing: no Tilt runs with /srv/shop/Tiltfile, and nothing is left"),
        (FOREIGN, Leftovers(), "nothing: no Tilt runs with /srv/shop/Tiltfile, and nothing is left"),
        (tilt("/srv/else/Tiltfile"), Leftovers(), "nothing: no Tilt runs with /srv/shop/Tiltfile, and nothing is left"),
        (
            tilt(),
            Leftovers(),
            "end Tilt (process 77): it runs on port 10350\n"
            "run tilt down with /srv/shop/Tiltfile: it may have just made something",
        ),
        (
            tilt(),
            Leftovers(("2 containers of the Compose project shop", "1 network of the Compose project shop")),
            "end Tilt (process 77): it runs on port 10350\n"
            "run tilt down with /srv/shop/Tiltfile: still there: 2 containers of the Compose project shop, "
            "1 network of the Compose project shop",
        ),
        (
            FREE,
            Leftovers(known=False),
            "run tilt down with /srv/shop/Tiltfile: what is left cannot be told",
        ),
    ],
)
def test_down(seen: Seen, leftovers: Leftovers, text: str) -> None:
    assert str(plan_down(TILTFILE, seen, leftovers, PORT)) == text
