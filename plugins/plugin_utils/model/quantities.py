# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""CPU, memory and time, each with its unit in the catalog and its exact value in code.

Units as in Kubernetes: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Annotated

from .entry import Refused, Scalar
from .yaml_words import found, refusal

_CPU = "a number of CPU cores such as 0.5, 2 or 500m"
_MEMORY = "an amount of memory such as 256Mi or 1Gi"
_DURATION = "a duration such as 30s, 5m or 1h30m"

_UNITS = {
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40,
    "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12,
}  # fmt: skip
_MEMORY_TEXT = re.compile(r"(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)")
_MEMORY_SLIP = re.compile(r"(\d+(?:\.\d+)?) ?([kmgt])i?b?", re.IGNORECASE)
_DURATION_TEXT = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?")

SMALLEST_CONTAINER = 6 * 2**20


@dataclass(frozen=True, order=True)
class Cpu:
    """CPU time in thousandths of a core."""

    millicores: int

    @property
    def cores(self) -> float:
        return self.millicores / 1000

    @property
    def nano(self) -> int:
        return self.millicores * 1_000_000

    def plain(self) -> int | float:
        return self.millicores // 1000 if self.millicores % 1000 == 0 else self.cores

    @classmethod
    def parse(cls, value: object) -> Cpu:
        """Raises Refused. Accepts 0.5, 2, "0.5" and "500m"."""
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise Refused(refusal(value, _CPU))
        text, milli = str(value), 1000
        if text.endswith("m"):
            text, milli = text[:-1], 1
        try:
            millicores = Decimal(text) * milli if re.fullmatch(r"[\d.]{1,12}", text) else None
        except InvalidOperation:
            millicores = None
        if millicores is None or millicores != int(millicores):
            raise Refused(refusal(value, _CPU))
        if millicores < 10:
            raise Refused(f"{found(value)} is too little CPU, at least 0.01")
        return cls(int(millicores))


@dataclass(frozen=True, order=True)
class Memory:
    """An amount of memory or disk in bytes; `text` is how the catalog writes it."""

    bytes: int
    text: str = field(compare=False)

    def plain(self) -> str:
        return self.text

    @classmethod
    def parse(cls, value: object) -> Memory:
        """Raises Refused. The unit is part of it: a bare number would be bytes, a trap."""
        text = value if isinstance(value, str) else ""
        match = _MEMORY_TEXT.fullmatch(text)
        if not match:
            raise Refused(refusal(value, _MEMORY, _memory_hint(value)))
        amount = Decimal(match[1]) * _UNITS[match[2]]
        if amount != int(amount):
            raise Refused(f"{found(value)} is not a whole number of bytes")
        if amount < 1:
            raise Refused(f"{found(value)} is nothing")
        return cls(int(amount), text)


@dataclass(frozen=True, order=True)
class Duration:
    """A time span in whole seconds, one second to a day; `text` is how the catalog writes it."""

    seconds: int
    text: str = field(compare=False)

    def plain(self) -> str:
        return self.text

    @classmethod
    def parse(cls, value: object) -> Duration:
        """Raises Refused. The unit is part of it: 90 may be seconds, or YAML's 1:30."""
        text = value if isinstance(value, str) else ""
        match = _DURATION_TEXT.fullmatch(text)
        if not text or not match:
            raise Refused(refusal(value, _DURATION, _duration_hint(value)))
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        total = hours * 3600 + minutes * 60 + seconds
        if total < 1:
            raise Refused(f"{found(value)} is too short, at least 1s")
        if total > 24 * 3600:
            raise Refused(f"{found(value)} is too long, at most 24h")
        return cls(total, text)


def parse_container_memory(value: object) -> Memory:
    """Memory of a container. Raises Refused, for less than the engine would start it with too."""
    memory = Memory.parse(value)
    if memory.bytes < SMALLEST_CONTAINER:
        raise Refused(f"{found(value)} is too little for a container, at least 6Mi")
    return memory


def _memory_hint(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"write the unit: {value}Mi"
    slip = _MEMORY_SLIP.fullmatch(value) if isinstance(value, str) else None
    return f"did you mean {slip[1]}{slip[2].upper()}i?" if slip else ""


def _duration_hint(value: object) -> str:
    if isinstance(value, bool):
        return ""
    if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()):
        return f"write the unit: {value}s"
    if isinstance(value, str) and value.endswith("ms"):
        return "whole seconds only"
    return ""


CpuField = Annotated[
    Cpu,
    Scalar(
        Cpu.parse,
        {
            "anyOf": [
                {"type": "number", "minimum": 0.01},
                {"type": "string", "pattern": r"^(\d+m|\d*\.?\d+)$"},
            ],
            "x-type": "CPU cores",
        },
        Cpu.plain,
    ),
]
_MEMORY_SCHEMA = {"type": "string", "pattern": f"^{_MEMORY_TEXT.pattern}$", "x-type": "amount"}
MemoryField = Annotated[Memory, Scalar(parse_container_memory, _MEMORY_SCHEMA, Memory.plain)]
SizeField = Annotated[Memory, Scalar(Memory.parse, _MEMORY_SCHEMA, Memory.plain)]
DurationField = Annotated[
    Duration,
    Scalar(
        Duration.parse,
        {"type": "string", "pattern": r"^(?=.)(\d+h)?(\d+m)?(\d+s)?$", "x-type": "duration"},
        Duration.plain,
    ),
]
