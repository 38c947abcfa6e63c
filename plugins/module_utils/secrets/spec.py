# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is wanted of each secret, typed, and what is wrong with it before anything is read."""

from __future__ import annotations

import re
from typing import Any, Dict, FrozenSet, Iterator, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.secrets import template, validate
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources import registry

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_SET_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?\Z")

ARGUMENT_SPEC: Dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "source": registry.ARGUMENT_SPEC,
    "optional": {"type": "bool", "default": False},
    "template": {"type": "str", "no_log": False},
    "validate": validate.ARGUMENT_SPEC,
    "grace": {"type": "str", "choices": ["none", "both"], "default": "none"},
    "derived": {"type": "list", "elements": "str", "choices": ["acl", "jwks", "jwt_public"], "default": []},
}


class Secret(NamedTuple):
    """One secret that is wanted. source: its kind and that one's options, as `{"env": "API_KEY"}`; may be empty."""

    name: str
    source: Mapping[str, Any]
    optional: bool
    template: Optional[str]
    rules: Mapping[str, Any]
    keeps_former: bool
    derived: FrozenSet[str]

    @property
    def kind(self) -> str:
        """Of the source; "" without one."""
        return next(iter(self.source), "")


def secrets_of(given: Sequence[Mapping[str, Any]]) -> List[Secret]:
    """The secrets of the module's option, in the order of their names."""
    return sorted((_secret(each) for each in given), key=lambda secret: secret.name)


def _secret(given: Mapping[str, Any]) -> Secret:
    return Secret(
        name=given["name"],
        source={kind: options for kind, options in (given.get("source") or {}).items() if options is not None},
        optional=given["optional"],
        template=given["template"],
        rules=given["validate"] or {},
        keeps_former=given["grace"] == "both",
        derived=frozenset(given["derived"]),
    )


def problems(set_name: str, secrets: Sequence[Secret]) -> List[str]:
    """What is wrong, a line each; nothing was read for it."""
    found = []
    if not _SET_NAME.match(set_name):
        found.append(
            "name: %r; expected lower-case letters, digits and dashes, 40 at most, no dash at either end" % set_name
        )
    names = [secret.name for secret in secrets]
    for name in sorted({name for name in names if names.count(name) > 1}):
        found.append("secrets: %s stands there %d times; expected once" % (name, names.count(name)))
    for secret in secrets:
        found += ["secret %s: %s" % (secret.name, each) for each in _problems(secret, names)]
    return found + ["secret %s: its template refers to itself by way of others" % name for name in _circular(secrets)]


def _problems(secret: Secret, names: Sequence[str]) -> Iterator[str]:
    if not _NAME.match(secret.name):
        yield "expected a name of letters, digits, _, . and -, that begins with a letter or _"
    if not secret.kind and secret.template is None:
        yield "has no source; expected a source or a template"
    if secret.kind == "generate":
        yield from _generator_problems(secret)
    if secret.template is not None:
        # A secret of that name could not be told from the own value.
        known = {*(set(names) - {template.OWN}), *([template.OWN] if secret.kind else [])}
        yield from template.problems(secret.template, known)
    yield from validate.rules_problems(secret.rules)


def _generator_problems(secret: Secret) -> Iterator[str]:
    options = secret.source["generate"]
    if secret.template is not None:
        # What is kept is what the template made, so the value itself could not be found again.
        yield "has a template and source generate; expected another secret, whose template refers to this one"
    length, alphabet = options.get("length"), options.get("alphabet")
    if options.get("jwt") and (length or alphabet):
        yield "generate has jwt and length or alphabet; expected one of them"
    certificate = options.get("certificate")
    if certificate and (options.get("jwt") or length or alphabet):
        yield "generate has certificate and something else; expected one of them"
    if certificate and not certificate["hosts"]:
        yield "generate.certificate.hosts is empty; expected a name or an address"
    if certificate and secret.keeps_former:
        yield "grace is both; expected none, since the former key does not fit a new certificate"
    if options.get("jwt") and secret.keeps_former:
        yield "grace is both; expected none, since a new public key does not prove the former token"
    if length is not None and not 1 <= length <= 4096:
        yield "generate.length is %d; expected 1 to 4096" % length
    if alphabet is not None and len(set(alphabet)) < 2:
        yield "generate.alphabet has less than two different characters"


def references(secret: Secret) -> FrozenSet[str]:
    """Other secrets whose values are needed for this one's."""
    return frozenset(template.references(secret.template or "") - {template.OWN})


def _circular(secrets: Sequence[Secret]) -> List[str]:
    """Names of those that cannot be put into an order."""
    waiting = {secret.name: references(secret) & {each.name for each in secrets} for secret in secrets}
    while True:
        ready = {name for name, needed in waiting.items() if not needed & waiting.keys()}
        if not ready:
            return sorted(waiting)
        waiting = {name: needed for name, needed in waiting.items() if name not in ready}


def in_order(secrets: Sequence[Secret]) -> List[Secret]:
    """So that each comes after those it refers to; there are no circles."""
    ordered: List[Secret] = []
    waiting = list(secrets)
    while waiting:
        names = {secret.name for secret in waiting}
        ordered += [secret for secret in waiting if not references(secret) & names]
        waiting = [secret for secret in waiting if references(secret) & names]
    return ordered
