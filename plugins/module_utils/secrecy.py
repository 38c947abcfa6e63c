# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What counts as a secret in what is to be shown or kept, and how it is replaced before."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any, Iterable, Mapping

from ansible_collections.bunops.platform.plugins.module_utils.runner import MASK, redact

_NAMES = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|CREDENTIAL|DSN|APIKEY"
    r"|(^|_)(PASS|PWD|AUTH|KEYS?)(_|$)",
    re.IGNORECASE,
)
_USERINFO = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)(?P<userinfo>[^/?#@\s\"']+)@")
_ASSIGNMENT = re.compile(
    r"(?P<name>[\w-]*(?:password|passwd|passphrase|token|secret|credential|api[_-]?key)[\w-]*[\"']?\s*[=:]\s*)"
    r"(?:(?P<quote>[\"'])(?:(?!(?P=quote)).)*(?P=quote)|[^\s,;}]+)",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(?P<scheme>Bearer|Basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)


def is_secret_name(name: str) -> bool:
    """Whether an environment variable of this name holds a secret; NAME_FILE holds a path."""
    return not name.upper().endswith(("_FILE", "_PATH", "_DIR")) and _NAMES.search(name) is not None


def digest(value: str, *context: str, kind: str = "secret") -> str:
    """Short stand-in for a secret (or long) value, the same as long as value and context are the same.

    Keyed with the context (project, service, variable), so that equal values in two places do not show as equal.
    """
    key = "\0".join(context).encode("utf-8")
    return f"{kind}:{hmac.new(key, value.encode('utf-8'), hashlib.sha256).hexdigest()[:12]}"


def conceal(value: Any, *context: str) -> Any:
    """A copy of a definition with secret-looking environment values and URL credentials as digests."""
    if isinstance(value, str):
        return _USERINFO.sub(lambda found: f"{found['scheme']}{digest(found['userinfo'], *context)}@", value)
    if isinstance(value, Mapping):
        return {key: conceal(item, *context, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [conceal(item, *context, str(index)) for index, item in enumerate(value)]
    return value


def conceal_environment(environment: Mapping[str, Any], *context: str) -> dict[str, Any]:
    """An environment with the values of secret-looking names replaced by digests (empty ones stay)."""
    return {
        name: digest(str(value), *context, name) if value and is_secret_name(name) else conceal(value, *context, name)
        for name, value in environment.items()
    }


def secret_values(environment: Iterable[str]) -> list[str]:
    """Values to mask, from a container's NAME=value list: those of secret-looking names and URL credentials."""
    found = []
    for entry in environment:
        name, _, value = entry.partition("=")
        if is_secret_name(name) and len(value) >= 4:
            found.append(value)
        found.extend(match["userinfo"].rpartition(":")[2] for match in _USERINFO.finditer(value))
    return [value for value in found if len(value) >= 4]


def secret_lines(content: str) -> list[str]:
    """What to mask of a secret's file: each of its lines, but no short ones, which are everywhere."""
    return [line for line in (item.strip() for item in content.splitlines()) if len(line) >= 6]


def mask_text(text: str, known: Iterable[str] = ()) -> str:
    """Log or health output with known secret values and everything that looks like one masked."""
    text = redact(text, known)
    text = _USERINFO.sub(lambda found: f"{found['scheme']}{MASK}@", text)
    text = _BEARER.sub(lambda found: f"{found['scheme']} {MASK}", text)
    return _ASSIGNMENT.sub(lambda found: f"{found['name']}{MASK}", text)
