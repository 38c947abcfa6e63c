# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A bake definition, read as far as needed to tell what a target is built from.

Format: https://docs.docker.com/build/bake/reference/
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple
from urllib.parse import urlsplit

# Neither part of the image nor of BuildKit's own cache keys; or paths, whose contents count instead.
_LEFT_OUT = ("secret", "ssh", "cache-from", "cache-to", "inherits", "context", "contexts", "dockerfile")
# An expression of HCL; doubled, the sign stands for itself.
_EXPRESSION = re.compile(r"(?<!\$)\$\{|(?<!%)%\{")
# Parts of bake's language that only bake itself can evaluate.
_EVALUATED = ("variable", "function")
_IMAGE, _TARGET = "docker-image://", "target:"


class DefinitionError(ValueError):
    """The definition cannot be used; the text names the target and what is wrong."""


class Target(NamedTuple):
    """One target of a bake definition, its inheritance resolved.

    context: absolute path, or None if it is no local directory. dockerfile: absolute path, None if inline.
    inline: text of an inline Dockerfile.
    images, folders, targets: the named contexts by name: images that take the place of others, absolute paths, targets.
    text: canonical JSON of everything else that has an effect. unknowable: why its sources cannot be told, or "".
    """

    name: str
    tags: Tuple[str, ...]
    context: Optional[str]
    dockerfile: Optional[str]
    inline: str
    args: Dict[str, str]
    images: Dict[str, str]
    folders: Dict[str, str]
    targets: Dict[str, str]
    text: str
    unknowable: str


def read(definition: Mapping[str, Any], names: Sequence[str], folder: str) -> List[Target]:
    """The targets to build: the named ones, with groups resolved; without names the group `default`, else all.

    folder: directory that relative paths start from. Raises DefinitionError.
    """
    known = _mapping(definition.get("target"), "target")
    groups = _mapping(definition.get("group"), "group")
    if not known:
        raise DefinitionError("The definition has no target.")
    wanted = list(names) or (["default"] if "default" in {**groups, **known} else sorted(known))
    reason = _evaluated(definition)
    return [_target(name, known, folder, reason) for name in _resolve(wanted, known, groups)]


def repository(tag: str) -> str:
    """A tag without what follows the image's name: `127.0.0.1:5000/shop/web:1` is `127.0.0.1:5000/shop/web`."""
    host, slash, name = tag.rpartition("/")
    return host + slash + name.partition("@")[0].partition(":")[0]


def _resolve(wanted: Sequence[str], known: Mapping[str, Any], groups: Mapping[str, Any]) -> List[str]:
    resolved: List[str] = []
    pending = list(reversed(wanted))
    seen = set()
    while pending:
        name = pending.pop()
        if name in groups and name not in seen:
            seen.add(name)
            pending.extend(reversed(_mapping(groups[name], f"group {name}").get("targets") or []))
        elif name in known:
            resolved.append(name)
        elif name not in groups:
            raise DefinitionError(f"The definition has no target '{name}'; it has: {', '.join(sorted(known))}.")
    return list(dict.fromkeys(resolved))


def _target(name: str, known: Mapping[str, Any], folder: str, reason: str) -> Target:
    merged = _inherited(name, known, ())
    contexts = {key: str(value) for key, value in sorted(_mapping(merged.get("contexts"), name).items())}
    context = str(merged.get("context") or ".")
    remote = [value for value in (context, *contexts.values()) if _is_remote(value)]
    local = None if _is_remote(context) else _absolute(folder, context)
    inline = str(merged.get("dockerfile-inline") or "")
    effective = {key: value for key, value in merged.items() if key not in _LEFT_OUT}
    return Target(
        name=name,
        tags=tuple(str(tag) for tag in merged.get("tags") or []),
        context=local,
        dockerfile=None if inline or not local else _absolute(local, str(merged.get("dockerfile") or "Dockerfile")),
        inline=inline,
        args={key: str(value) for key, value in _mapping(merged.get("args"), name).items() if value is not None},
        images=_with_prefix(contexts, _IMAGE),
        folders={key: _absolute(folder, value) for key, value in contexts.items() if _is_folder(value)},
        targets=_with_prefix(contexts, _TARGET),
        text=json.dumps(effective, sort_keys=True, separators=(",", ":")),
        unknowable=reason or _unknowable(merged, remote),
    )


def _absolute(folder: str, path: str) -> str:
    # normpath: a symbolic link in the path stays what it is.
    return os.path.normpath(Path(folder, path))


def _inherited(name: str, known: Mapping[str, Any], chain: Tuple[str, ...]) -> Dict[str, Any]:
    if name in chain:
        raise DefinitionError(f"Target '{name}' inherits from itself.")
    if name not in known:
        raise DefinitionError(f"Target '{chain[-1]}' inherits from '{name}', which the definition does not have.")
    own = _mapping(known[name], f"target {name}")
    merged: Dict[str, Any] = {}
    for parent in own.get("inherits") or []:
        merged = _merge(merged, _inherited(str(parent), known, (*chain, name)))
    return _merge(merged, own)


def _merge(base: Mapping[str, Any], top: Mapping[str, Any]) -> Dict[str, Any]:
    merged = {**base, **top}
    # Bake joins mappings key by key; everything else is replaced.
    for key in ("args", "contexts", "labels"):
        if isinstance(base.get(key), Mapping) and isinstance(top.get(key), Mapping):
            merged[key] = {**base[key], **top[key]}
    return merged


def _evaluated(definition: Mapping[str, Any]) -> str:
    used = next((part for part in _EVALUATED if definition.get(part)), None)
    return f"the definition has a {used} block, which only bake can evaluate" if used else ""


def _unknowable(merged: Mapping[str, Any], remote: Sequence[str]) -> str:
    if remote:
        return f"{remote[0]} is not a local directory"
    if merged.get("matrix") or _EXPRESSION.search(json.dumps(merged)):
        return "the target has expressions, which only bake can evaluate"
    if merged.get("pull") or merged.get("no-cache"):
        return "the target asks for 'pull' or 'no-cache'"
    return "" if merged.get("tags") else "the target has no tag to know its image by"


def _is_remote(context: str) -> bool:
    return not (_is_folder(context) or context.startswith((_IMAGE, _TARGET)))


def _is_folder(context: str) -> bool:
    scheme = urlsplit(context).scheme
    return not scheme and not context.startswith("git@")


def _with_prefix(contexts: Mapping[str, str], prefix: str) -> Dict[str, str]:
    return {key: value[len(prefix) :] for key, value in contexts.items() if value.startswith(prefix)}


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise DefinitionError(f"In the definition, {where} must be a mapping.")
    return value
