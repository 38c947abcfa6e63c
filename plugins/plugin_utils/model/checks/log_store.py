# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The store that logs are shipped to: its address, and the secret that opens it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ..draft import Draft
from ..errors import Problem, did_you_mean


def its_address_is_one_of_http(draft: Draft) -> Iterator[Problem]:
    store = draft.platform.log_store
    if store is None:
        return
    at = ("log_store", "url")
    url = urlsplit(store.url)
    expected = "expected one such as https://loki.example.com/otlp"
    if url.scheme not in ("http", "https"):
        yield Problem(at, f"{url.scheme} is spoken by no OTLP over HTTP; {expected}")
    elif url.query or url.fragment:
        yield Problem(at, f"has a query or a fragment before /v1/logs; {expected}")
    elif url.path.rstrip("/").endswith("/v1/logs"):
        yield Problem(at, "ends with /v1/logs, which is added; leave it out")


def its_secret_has_a_value(draft: Draft) -> Iterator[Problem]:
    store = draft.platform.log_store
    if store is None or store.authorization is None:
        return
    name, at = store.authorization, ("log_store", "authorization")
    declared = draft.names("secrets")
    if name not in declared:
        yield Problem(at, f"{name} is not declared under platform.secrets{did_you_mean(name, declared)}")
    elif name in draft.platform.secrets and draft.platform.secrets[name].optional:
        yield Problem(at, f"{name} is optional, and without a value the store would refuse everything")


CHECKS = (its_address_is_one_of_http, its_secret_has_a_value)
