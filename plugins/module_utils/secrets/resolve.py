# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""From what the sources gave and what the targets hold to the files of each secret. Pure, but for random values."""

from __future__ import annotations

import datetime
from typing import AbstractSet, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.secrets import certificate, generate, template, validate
from ansible_collections.bunops.platform.plugins.module_utils.secrets.derived import derived_files
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.spec import Secret, in_order
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.model import Files

PREVIOUS = ".previous"


class Found(NamedTuple):
    """What was found for a secret with a source. words: the source, as `the file /run/key`. value: None if absent."""

    words: str
    value: Optional[bytes]


def resolve(
    secrets: Sequence[Secret], found: Mapping[str, Found], held: Mapping[str, Files], anew: AbstractSet[str]
) -> Dict[str, Files]:
    """The files of each secret, by its name.

    found: for each secret with a source that is read. held: the files that the targets have now, by secret.
    anew: generated secrets that get a new value although they have one.
    Raises SecretError with a line for each secret that has no value, or not the expected one.
    """
    values: Dict[str, bytes] = {}
    wanted: Dict[str, Files] = {}
    problems: List[str] = []
    for secret in in_order(secrets):
        if secret.kind == "generate":
            made = _generated(secret, held.get(secret.name, {}), secret.name in anew)
        else:
            problem = _missing(secret, found.get(secret.name))
            if problem:
                problems.append("secret %s: %s" % (secret.name, problem))
                # So that those that refer to it do not fail as well.
                values[secret.name] = b""
                continue
            made = {secret.name: _value(secret, found.get(secret.name), values)}
        values[secret.name] = made[secret.name]
        problems += ["secret %s: the value %s" % (secret.name, each) for each in _invalid(secret, made[secret.name])]
        wanted[secret.name] = made
    if problems:
        raise SecretError("\n".join(problems))
    return _with_companions(secrets, wanted, held)


def _missing(secret: Secret, found: Optional[Found]) -> Optional[str]:
    if not found or found.value or secret.optional:
        return None
    return "%s is %s; expected a value" % (found.words, "not there" if found.value is None else "empty")


def _value(secret: Secret, found: Optional[Found], values: Mapping[str, bytes]) -> bytes:
    own = (found.value or b"") if found else b""
    # What is left out stays empty: a template around nothing would look like a value.
    if secret.template is None or (found and not own):
        return own
    return template.render(secret.template, values, own)


def _invalid(secret: Secret, value: bytes) -> Iterator[str]:
    problem = validate.problem(value, secret.rules) if value or not secret.optional else None
    if problem:
        yield problem


def _generated(secret: Secret, held: Files, anew: bool) -> Files:
    """A value that was made once stays, as long as all of its files are there."""
    name, public, options = secret.name, secret.name + ".pub", secret.source["generate"]
    if options.get("jwt"):
        if held.get(name) and held.get(public) and not anew:
            return {name: held[name], public: held[public]}
        made = generate.ed25519_token()
        return {name: made["token"].encode(), public: made["public_key"].encode()}
    if options.get("certificate"):
        return _certificate(name, options["certificate"]["hosts"], held, anew)
    if held.get(name) and not anew:
        return {name: held[name]}
    return {name: generate.random_password(options.get("length"), options.get("alphabet")).encode()}


def _certificate(name: str, hosts: Sequence[str], held: Files, anew: bool) -> Files:
    """It stays as long as it is for these hosts and far from its end."""
    now = datetime.datetime.now(datetime.timezone.utc)
    files = [name + ending for ending in ("", certificate.CERTIFICATE, certificate.AUTHORITY)]
    if not anew and all(held.get(each) for each in files) and certificate.is_good(held[files[1]], hosts, now):
        return {each: held[each] for each in files}
    return {name + ending: content for ending, content in certificate.make(hosts, now).items()}


def _with_companions(
    secrets: Sequence[Secret], made: Mapping[str, Files], held: Mapping[str, Files]
) -> Dict[str, Files]:
    """Also the former values where they are to stay, and what is derived."""
    kept = {
        secret.name: _former(made[secret.name][secret.name], held.get(secret.name, {}), secret.name)
        for secret in secrets
        if secret.keeps_former
    }
    passwords = {name: [files[name], *([kept[name]] if name in kept else [])] for name, files in made.items()}
    return {
        secret.name: {
            **made[secret.name],
            **derived_files(secret.name, passwords, secret.derived),
            **({secret.name + PREVIOUS: kept[secret.name]} if secret.name in kept else {}),
        }
        for secret in secrets
    }


def _former(value: bytes, held: Files, name: str) -> bytes:
    """The value before this one; when it does not change, that which was kept then. Empty where there was none.

    An empty one is kept, too: who mounts files by name needs them to be there.
    """
    if held.get(name) and held[name] != value:
        return held[name]
    return held.get(name + PREVIOUS, b"")
