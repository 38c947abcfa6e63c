# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Redis commands and their answers, apart from any connection. Answers are those of RESP2, texts as bytes."""

from __future__ import annotations

import re
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Tuple

# A command's words.
Command = Tuple[str, ...]
_WHOLE = re.compile(r"-?[0-9]+")
_SCORE = re.compile(r"-?[0-9.]+(e[+-]?[0-9]+)?")


class Refused(NamedTuple):
    """An answer: Redis did not do the command. text: what it said, such as `NOPERM …`."""

    command: Command
    text: str

    @property
    def code(self) -> str:
        """The first word, by which programs tell errors apart."""
        return self.text.partition(" ")[0]


class Batch(NamedTuple):
    """Commands about the keys of one queue, all on the server that has `key`."""

    key: str
    commands: Sequence[Command]


# Sends batches in one pipeline. The answers come in the same order, a Refused for a command that was refused.
Ask = Callable[[Sequence[Batch]], List[List[Any]]]


class Refusal(Exception):
    """Commands about a queue were refused."""

    def __init__(self, refused: Sequence[Refused]) -> None:
        super().__init__("; ".join(each.text for each in refused))
        self.refused = list(refused)


class OddAnswer(Exception):
    """Redis answered with something other than its documentation says."""


def all_done(answers: Sequence[Any]) -> List[Any]:
    """The answers. Raises Refusal if any command was refused."""
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    if refused:
        raise Refusal(refused)
    return list(answers)


def whole(answer: Any) -> int:
    """A whole number, also if it came as text. Raises OddAnswer."""
    if isinstance(answer, int):
        return answer
    if isinstance(answer, bytes) and _WHOLE.fullmatch(text(answer)):
        return int(answer)
    raise OddAnswer(f"a whole number was expected, not {type(answer).__name__}")


def score(answer: Any) -> float:
    """A score of a sorted set. Raises OddAnswer."""
    if isinstance(answer, bytes) and _SCORE.fullmatch(text(answer)):
        return float(answer)
    raise OddAnswer(f"a number was expected, not {type(answer).__name__}")


def items(answer: Any) -> List[Any]:
    """A list. Raises OddAnswer."""
    if isinstance(answer, list):
        return answer
    raise OddAnswer(f"a list was expected, not {type(answer).__name__}")


def text(answer: Any) -> str:
    """A text; bytes that are none are replaced. Raises OddAnswer."""
    if isinstance(answer, bytes):
        return answer.decode("utf-8", "replace")
    raise OddAnswer(f"a text was expected, not {type(answer).__name__}")


def milliseconds(time: Any) -> int:
    """Whole milliseconds since 1970: TIME answers seconds and microseconds."""
    seconds, micros = (whole(part) for part in items(time))
    return seconds * 1000 + micros // 1000


def fields(answer: Any) -> Dict[str, Any]:
    """A list of names and values in turn, as the XINFO commands answer."""
    words = items(answer)
    return {text(name): value for name, value in zip(words[::2], words[1::2])}
