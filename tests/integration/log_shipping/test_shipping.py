# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Programs log on whoever is away, and what they say meanwhile arrives later."""

from __future__ import annotations

import time

from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.names import LOG_COLLECTOR
from ansible_collections.bunops.platform.tests.integration.log_shipping.shipping import Shipping, until
from ansible_collections.bunops.platform.tests.integration.log_shipping.store import Store

# Lines that api counts in a few seconds.
SOME = 100


def test_nothing_is_lost_while_others_are_away(shipping: Shipping, store: Store) -> None:
    # Neither collector nor store: the program starts and goes on, and its log is there to be read.
    shipping.start("api")
    until(lambda: len(shipping.logged()) > SOME, "the program does not log")
    # The collector, and no store.
    shipping.start(LOG_COLLECTOR)
    before = shipping.logged()[-1]
    until(lambda: shipping.logged()[-1] > before + SOME, "the program waits for the collector")
    assert store.numbers() == []
    store.come()
    until(lambda: complete(store, before + SOME), "what was said without collector or store is not there")
    # The store goes and comes back.
    store.go()
    gone = len(store.bodies)
    last = max(store.numbers())
    until(lambda: shipping.logged()[-1] > last + SOME, "the program waits for the store")
    assert len(store.bodies) == gone
    store.come()
    until(lambda: complete(store, last + SOME), "what was said without the store is not there")
    # What still waits for the store ends with the collector; nothing does any more.
    now = shipping.logged()[-1]
    until(lambda: complete(store, now), "the collector has not caught up")
    # The collector is made anew.
    shipping.compose("restart", LOG_COLLECTOR)
    last = shipping.logged()[-1] + SOME
    until(lambda: complete(store, last), "what was said without the collector is not there")
    # Stores look for these.
    assert all(b"service.name" in body and b"service.namespace" in body for body in store.bodies)
    assert shipping.container("api").attrs["RestartCount"] == 0


def test_the_secret_is_sent_and_shown_nowhere(shipping: Shipping, store: Store) -> None:
    store.come()
    shipping.start("api", LOG_COLLECTOR)
    until(lambda: store.requests != [], "nothing arrives")
    assert set(store.requests) == {("/otlp/v1/logs", shipping.secret)}
    store.go()
    # It tells of the store that is away, too.
    until(lambda: b"Exporting failed" in shipping.container(LOG_COLLECTOR).logs(), "the collector says nothing")
    assert "canary" not in shipping.everything_said_of_the_collector()
    container = shipping.container(LOG_COLLECTOR).attrs
    assert container["Config"]["User"] == "1000:1000" and container["HostConfig"]["ReadonlyRootfs"]
    assert container["HostConfig"]["LogConfig"]["Type"] == "json-file"


def test_a_program_ends_at_once_without_a_collector(shipping: Shipping) -> None:
    shipping.start("api")
    until(lambda: len(shipping.logged()) > 1, "the program does not log")
    start = time.monotonic()
    shipping.container("api").stop(timeout=1)
    assert time.monotonic() - start < 10
    assert len(shipping.logged()) > 1


def complete(store: Store, least: int) -> bool:
    """Whether all numbers from 0 to that one have arrived; some may have come twice."""
    return set(range(least + 1)) <= set(store.numbers())
