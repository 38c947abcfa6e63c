# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a user wants measured, and where: read once from the module's options, and what is wrong with them."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from ansible_collections.bunops.platform.plugins.module_utils.queue import addresses, files
from ansible_collections.bunops.platform.plugins.module_utils.queue.addresses import Address
from ansible_collections.bunops.platform.plugins.module_utils.queue.bullmq import KEYS
from ansible_collections.bunops.platform.plugins.module_utils.queue.errors import QueueError
from ansible_collections.bunops.platform.plugins.module_utils.queue.slots import slot_of

_LOGIN: Dict[str, Any] = {
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "password_file": {"type": "path", "no_log": False},
}
ARGUMENT_SPEC: Dict[str, Any] = {
    "url": {"type": "str"},
    **_LOGIN,
    "ca_cert": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "validate_certs": {"type": "bool", "default": True},
    "sentinel": {
        "type": "dict",
        "options": {
            "addresses": {"type": "list", "elements": "str", "required": True},
            "service": {"type": "str", "required": True},
            **_LOGIN,
        },
    },
    "cluster": {"type": "bool", "default": False},
    "timeout": {"type": "float", "default": 5.0},
    "queues": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "type": {"type": "str", "choices": ["bullmq", "list", "stream"], "default": "bullmq"},
            "prefix": {"type": "str"},
            "group": {"type": "str"},
        },
    },
}


class Queue(NamedTuple):
    """prefix: of BullMQ's keys. group: of a stream's consumers, None for the whole stream."""

    name: str
    type: str = "bullmq"
    prefix: str = "bull"
    group: Optional[str] = None

    @property
    def key(self) -> str:
        """A key of the queue, to tell which server has it."""
        return f"{self.prefix}:{self.name}:meta" if self.type == "bullmq" else self.name

    @property
    def pattern(self) -> str:
        """The queue's keys, as an ACL rule names them."""
        return f"~{self.prefix}:{self.name}:*" if self.type == "bullmq" else f"~{self.name}"

    @property
    def shown(self) -> str:
        """How messages call it."""
        return f"the {'queue' if self.type == 'bullmq' else self.type} {self.name}"


class Login(NamedTuple):
    """Who to be. Without a password nobody logs in. option: where the password comes from, for messages."""

    username: Optional[str] = None
    password: Optional[str] = None
    option: str = "password"

    def __repr__(self) -> str:
        return f"Login({self.username!r})"


class Tls(NamedTuple):
    """Paths of certificates, and whether Redis's own is checked."""

    ca_cert: Optional[str] = None
    client_cert: Optional[str] = None
    client_key: Optional[str] = None
    verify: bool = True


class Sentinel(NamedTuple):
    """Who knows where a service's Redis is."""

    addresses: Tuple[Address, ...]
    service: str
    login: Login


class Wanted(NamedTuple):
    """at: where Redis is, or who knows. timeout: seconds for connecting, and for each answer."""

    at: Union[Address, Sentinel]
    database: int
    tls: Optional[Tls]
    login: Login
    cluster: bool
    timeout: float
    queues: Tuple[Queue, ...]


def wanted_of(params: Mapping[str, Any]) -> Wanted:
    """Read the options, and the files of passwords. Raises QueueError for all that is wrong with them."""
    problems: List[str] = []
    place = addresses.read_url(params["url"], params["sentinel"] is not None, problems)
    wanted = Wanted(
        at=_sentinel(params["sentinel"], problems) if params["sentinel"] else place.address,
        database=place.database,
        tls=_tls(params, place.tls, problems),
        login=_login(params, "", problems),
        cluster=params["cluster"],
        timeout=params["timeout"],
        queues=tuple(_queue(entry) for entry in params["queues"]),
    )
    if wanted.timeout <= 0:
        problems.append(f"timeout: {wanted.timeout:g}; expected seconds, more than 0")
    if wanted.cluster:
        problems += _cluster_problems(wanted)
    problems += _queue_problems(params["queues"], wanted.cluster)
    if problems:
        raise QueueError("\n".join(problems))
    return wanted


def _tls(params: Mapping[str, Any], used: bool, problems: List[str]) -> Optional[Tls]:
    names = [name for name in ("ca_cert", "client_cert", "client_key") if params[name]]
    if not used:
        # Without a usable URL nobody knows.
        if params["url"] is None or params["url"].startswith("redis://"):
            problems += [
                f"{name}: a file, but nothing is encrypted; expected url to begin with rediss://" for name in names
            ]
        return None
    if params["client_key"] and not params["client_cert"]:
        problems.append("client_key: a file, but there is no client_cert; expected both")
    if None not in [files.read(name, params[name], problems) for name in names]:
        files.check_certificates(params["ca_cert"], params["client_cert"], params["client_key"], problems)
    return Tls(params["ca_cert"], params["client_cert"], params["client_key"], params["validate_certs"])


def _login(params: Mapping[str, Any], at: str, problems: List[str]) -> Login:
    username, password, file = params["username"], params["password"], params["password_file"]
    option = f"{at}password_file" if file else f"{at}password"
    if password and file:
        problems.append(f"{at}password: given, and {at}password_file too; expected one of them")
    elif file:
        content = files.read(option, file, problems)
        password = (content or b"").decode("utf-8", "surrogateescape").strip()
        if content is not None and not password:
            problems.append(f"{option}: {file} is empty; expected a file with a password")
    elif username and not password:
        problems.append(f"{option}: nothing, but {at}username is {username}; expected the user's password")
    return Login(username, password or None, option)


def _sentinel(params: Mapping[str, Any], problems: List[str]) -> Sentinel:
    known = [addresses.read_sentinel(each, problems) for each in params["addresses"]]
    if not params["addresses"]:
        problems.append("sentinel.addresses: none; expected such as sentinel.example:26379")
    if not params["service"]:
        problems.append("sentinel.service: an empty text; expected a name that the Sentinels know")
    login = _login(params, "sentinel.", problems)
    return Sentinel(tuple(each for each in known if each), params["service"], login)


def _queue(entry: Mapping[str, Any]) -> Queue:
    prefix = "bull" if entry["prefix"] is None else entry["prefix"]
    return Queue(entry["name"], entry["type"], prefix, entry["group"])


def _queue_problems(entries: Sequence[Mapping[str, Any]], cluster: bool) -> List[str]:
    """What is wrong with the option queues."""
    problems = [] if entries else ["queues: none; expected such as [{name: fetch}]"]
    for index, entry in enumerate(entries):
        path, kind = f"queues[{index}]", entry["type"]
        for name, owner in (("prefix", "bullmq"), ("group", "stream")):
            if entry[name] is not None and kind != owner:
                problems.append(f"{path}.{name}: given for a queue of type {kind}; expected it for type {owner} only")
        for name in ("name", "prefix", "group"):
            if entry[name] == "":
                problems.append(f"{path}.{name}: an empty text; expected 1 character or more")
        if kind == "bullmq" and ":" in entry["name"]:
            problems.append(f"{path}.name: {entry['name']} has a colon; expected a name without, as BullMQ's are")
        if cluster and kind == "bullmq" and not _on_one_server(_queue(entry)):
            problems.append(
                f"{path}.prefix: {_queue(entry).prefix} spreads the queue's keys over a cluster, where BullMQ does not "
                "work; expected a prefix in braces, such as {bull}"
            )
    return problems


def _on_one_server(queue: Queue) -> bool:
    return len({slot_of(f"{queue.prefix}:{queue.name}:{state}") for state in KEYS}) == 1


def _cluster_problems(wanted: Wanted) -> List[str]:
    problems = []
    if isinstance(wanted.at, Sentinel):
        problems.append("cluster: true, and sentinel is given too; expected one of them")
    if wanted.database:
        problems.append(f"url: database {wanted.database}; expected none, since a cluster has only database 0")
    return problems
