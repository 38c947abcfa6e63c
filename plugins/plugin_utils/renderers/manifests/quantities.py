# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Amounts as the API server writes them back, so that what is wanted and what is there are the same text.

https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ (canonical form)
"""

from __future__ import annotations

from collections.abc import Sequence

from ...model.quantities import Cpu, Memory

# From the largest down; the amount is in the smallest unit.
_BINARY = (("Ti", 2**40), ("Gi", 2**30), ("Mi", 2**20), ("Ki", 2**10))
_DECIMAL = (("T", 10**12), ("G", 10**9), ("M", 10**6), ("k", 10**3), ("", 1))
_MILLI = (("k", 10**6), ("", 10**3), ("m", 1))


def cpu_text(cpu: Cpu) -> str:
    """`500m`, `2`."""
    return _text(cpu.millicores, _MILLI)


def memory_text(memory: Memory) -> str:
    """`256Mi`, `1536Mi` for 1.5Gi; decimal units stay decimal."""
    return bytes_text(memory.bytes) if memory.text.endswith("i") else count_text(memory.bytes)


def bytes_text(amount: int) -> str:
    """In binary units where that is a whole number: without a unit, an amount counts as decimal."""
    return _text(amount, _BINARY) if amount % 1024 == 0 else count_text(amount)


def count_text(amount: int) -> str:
    """`12`, `1k`."""
    return _text(amount, _DECIMAL)


def _text(amount: int, units: Sequence[tuple[str, int]]) -> str:
    """In the largest unit of which it is a whole number."""
    suffix, size = next(unit for unit in units if amount % unit[1] == 0)
    return f"{amount // size}{suffix}"
