# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Why Redis refuses commands about a queue, as sentences. Pure."""

from __future__ import annotations

from typing import Dict, Iterable, List, NamedTuple, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.queue.answers import Refused
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import Queue

# What an ACL has to allow, by type; docs/queues.md has the same.
RULES: Dict[str, str] = {
    "bullmq": "+time +exists +hget +llen +lindex +lrange +zcard +zcount",
    "list": "+exists +llen",
    "stream": "+time +exists +xinfo",
}
_KINDS = {"H": "hash", "L": "list", "Z": "sorted set", "X": "stream"}


class Who(NamedTuple):
    """Who asks, and whom. user: of the ACL. server: as messages call it. cluster: the option's value."""

    user: str
    server: str
    cluster: bool = False


def refusals(path: str, queue: Queue, refused: Sequence[Refused], who: Who) -> List[str]:
    """One sentence for each cause. path: of the queue among the options."""
    forbidden = [each for each in refused if each.code == "NOPERM"]
    commands = [each for each in forbidden if not _is_about_key(each)]
    causes: List[str] = []
    if commands:
        said = f"{path}: {who.user} may not run {_names(commands)}"
        causes.append(f'{said}; expected the ACL rules "{RULES[queue.type]}" of {who.server}')
    if len(forbidden) > len(commands):
        said = f"{path}: {who.user} may not read the keys of {queue.shown}"
        causes.append(f'{said}; expected the ACL rule "{queue.pattern}" of {who.server}')
    others = [each for each in refused if each.code != "NOPERM"]
    unknown = [each for each in others if is_unknown(each)]
    if unknown:
        causes.append(f"url: {who.server} does not know {_names(unknown)}; expected a Redis")
    sentences = [_sentence(path, queue, each, who) for each in others if not is_unknown(each)]
    return causes + list(dict.fromkeys(sentences))


def is_unknown(refused: Refused) -> bool:
    """Whether the server has no such command."""
    return "unknown command" in refused.text.lower()


def _sentence(path: str, queue: Queue, refused: Refused, who: Who) -> str:
    if refused.code == "WRONGTYPE":
        kind, key = _KINDS[refused.command[0][0]], _key(refused)
        return f"{path}: the key {key} is no {kind}; expected one for type {queue.type}"
    if refused.code in ("ASK", "TRYAGAIN") or (refused.code == "MOVED" and who.cluster):
        return f"{path}: the cluster is just moving {queue.shown} to another server; expected a slot that stays"
    if refused.code == "MOVED":
        return f"cluster: false, but {who.server} is part of a cluster; expected true"
    return f"{path}: {who.server} refuses to tell of {queue.shown}: {refused.text.rstrip('.')}; expected an answer"


def _is_about_key(refused: Refused) -> bool:
    """Redis 6 says "one of the keys", 7 "a key"; about commands it says "to run"."""
    return "to run" not in refused.text and "key" in refused.text


def _names(refused: Iterable[Refused]) -> str:
    """The commands' names, XINFO with its subcommand."""
    names = (" ".join(each.command[:2]) if each.command[0] == "XINFO" else each.command[0] for each in refused)
    return ", ".join(dict.fromkeys(names))


def _key(refused: Refused) -> str:
    return refused.command[2] if refused.command[0] == "XINFO" else refused.command[1]
