# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Why Redis refuses commands about a queue, as sentences. Pure."""

from __future__ import annotations

from typing import Dict, Iterable, List, Mapping, NamedTuple, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.queue.answers import Refused
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import Queue

# What an ACL has to allow, by type; docs/queues.md has the same.
RULES: Dict[str, str] = {
    "bullmq": "+time +exists +hget +llen +lrange +zcard +zcount +zrange",
    "list": "+exists +llen",
    "stream": "+time +exists +xinfo",
}
# What a command's key has to be, by the command's first letter, as TYPE calls it.
_KINDS = {"H": "hash", "L": "list", "Z": "zset", "X": "stream"}


class Who(NamedTuple):
    """Who asks, and whom. user: of the ACL. server: as messages call it. cluster: the option's value."""

    user: str
    server: str
    cluster: bool = False


def odd_keys(refused: Iterable[Refused]) -> List[str]:
    """The keys that are of another type than they should be."""
    return list(dict.fromkeys(_key(each) for each in refused if each.code == "WRONGTYPE"))


def refusals(path: str, queue: Queue, refused: Sequence[Refused], who: Who, types: Mapping[str, str]) -> List[str]:
    """One sentence for each cause. path: of the queue among the options. types: of odd keys, where Redis told them."""
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
    sentences = [_sentence(path, queue, each, who, types) for each in others if not is_unknown(each)]
    return causes + list(dict.fromkeys(sentences))


def is_unknown(refused: Refused) -> bool:
    """Whether the server has no such command."""
    return "unknown command" in refused.text.lower()


def _sentence(path: str, queue: Queue, refused: Refused, who: Who, types: Mapping[str, str]) -> str:
    if refused.code == "WRONGTYPE":
        return f"{path}: {_mistyped(refused, types)} for type {queue.type}"
    if refused.code in ("ASK", "TRYAGAIN") or (refused.code == "MOVED" and who.cluster):
        return f"{path}: the cluster is just moving {queue.shown} to another server; expected a slot that stays"
    if refused.code == "MOVED":
        return f"cluster: false, but {who.server} is part of a cluster; expected true"
    return f"{path}: {who.server} refuses to tell of {queue.shown}: {refused.text.rstrip('.')}; expected an answer"


def _mistyped(refused: Refused, types: Mapping[str, str]) -> str:
    key, wanted = _key(refused), _KINDS[refused.command[0][0]]
    found = types.get(key, wanted)
    # Not told, or changed since.
    if found in (wanted, "none"):
        return f"the key {key} is no {_name(wanted)}; expected one"
    return f"the key {key} is a {_name(found)}; expected a {_name(wanted)}"


def _name(kind: str) -> str:
    return "sorted set" if kind == "zset" else kind


def _is_about_key(refused: Refused) -> bool:
    """Redis 6 says "one of the keys", 7 "a key"; about commands it says "to run"."""
    return "to run" not in refused.text and "key" in refused.text


def _names(refused: Iterable[Refused]) -> str:
    """The commands' names, XINFO with its subcommand."""
    names = (" ".join(each.command[:2]) if each.command[0] == "XINFO" else each.command[0] for each in refused)
    return ", ".join(dict.fromkeys(names))


def _key(refused: Refused) -> str:
    return refused.command[2] if refused.command[0] == "XINFO" else refused.command[1]
