# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Decides which files a directory of secrets needs, from the sources and what is already there."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.secrets import generate

Files = Dict[str, bytes]
ReadSource = Callable[[str], Optional[bytes]]


class SecretError(Exception):
    """Some secrets have no value; the message has one line for each of them."""


class Change(NamedTuple):
    """What happens to one secret; ``files`` are those to write, by name."""

    name: str
    action: str
    source: str
    files: Files


class Sources(NamedTuple):
    """How the outside is read: both return the bytes, or None where there is nothing."""

    environment: ReadSource
    file: ReadSource


def plan(wanted: Mapping[str, Mapping[str, Any]], present: Files, sources: Sources) -> List[Change]:
    """Return one change a secret, in the order of their names.

    Raises SecretError with every secret that has no value.
    """
    changes: List[Change] = []
    problems: List[str] = []
    for name in sorted(wanted):
        try:
            changes.append(_change(name, wanted[name], present, sources))
        except SecretError as problem:
            problems.append(str(problem))
    if problems:
        raise SecretError("\n".join(problems))
    return changes


def _change(name: str, spec: Mapping[str, Any], present: Files, sources: Sources) -> Change:
    source, files = _wanted_files(name, spec, present, sources)
    missing = {key: value for key, value in files.items() if present.get(key) != value}
    if not missing:
        return Change(name, "unchanged", source, {})
    return Change(name, "changed" if name in present else "added", source, missing)


def _wanted_files(name: str, spec: Mapping[str, Any], present: Files, sources: Sources) -> Tuple[str, Files]:
    if spec.get("generate") is not None:
        return "generate", _generated(name, spec, present)
    source = "environment variable" if spec.get("env") else "file"
    where = spec.get("env") or spec["file"]
    value = (sources.environment if spec.get("env") else sources.file)(where)
    if not value and not spec.get("optional"):
        raise SecretError(
            "secret %s: the %s %s is %s; expected a value"
            % (name, source, where, "not there" if value is None else "empty")
        )
    return source, _with_derived(name, value or b"", spec)


def _generated(name: str, spec: Mapping[str, Any], present: Files) -> Files:
    """A value that was made once stays, as long as all of its files are there."""
    if spec["generate"].get("jwt"):
        public = name + ".pub"
        if present.get(name) and present.get(public):
            return {name: present[name], public: present[public]}
        made = generate.ed25519_token()
        return {name: made["token"].encode(), public: made["public_key"].encode()}
    length = spec["generate"].get("length") or 32
    value = present.get(name) or generate.random_password(length).encode()
    return _with_derived(name, value, spec)


def _with_derived(name: str, value: bytes, spec: Mapping[str, Any]) -> Files:
    files = {name: value}
    if "acl" in (spec.get("derived") or []):
        files[name + ".acl"] = generate.redis_acl(value.decode()).encode()
    return files
