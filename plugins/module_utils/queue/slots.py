# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Which slot of a Redis Cluster a key has. https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/"""

from __future__ import annotations

import binascii

SLOTS = 16384


def slot_of(key: str) -> int:
    """Keys with the same text between their first braces have the same slot."""
    _, brace, rest = key.partition("{")
    tag, end, _ = rest.partition("}")
    hashed = tag if brace and end and tag else key
    return binascii.crc_hqx(hashed.encode("utf-8", "surrogateescape"), 0) % SLOTS
