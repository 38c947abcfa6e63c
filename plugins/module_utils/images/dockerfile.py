# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The images that a Dockerfile starts from, read without building it.

Format: https://docs.docker.com/reference/dockerfile/ (FROM, ARG before the first FROM, COPY --from).
"""

from __future__ import annotations

import re
from typing import Dict, List, Mapping, Set, Tuple

_INSTRUCTION = re.compile(r"^\s*(ARG|FROM|COPY|ADD|RUN)\s+(.+)$", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))")
_FROM_OPTION = re.compile(r"(?:--|[,=\s])from=([^\s,]+)")


def base_images(text: str, args: Mapping[str, str]) -> List[str]:
    """References of the images that the stages of a Dockerfile start or copy from, sorted.

    args: the build arguments, which win over the defaults of the file. A reference whose variables have no value
    is left out.
    """
    values: Dict[str, str] = {}
    stages: Set[str] = {"scratch"}
    found: Set[str] = set()
    for keyword, rest in _instructions(text):
        if keyword == "ARG":
            # Only arguments before the first FROM are visible to FROM.
            if len(stages) == 1:
                name, _, default = rest.partition("=")
                values[name.strip()] = args.get(name.strip(), default.strip().strip("\"'"))
        elif keyword == "FROM":
            words = [word for word in rest.split() if not word.startswith("--")]
            found.add(_expand(words[0], values))
            stages.add(words[2].lower() if len(words) > 2 else str(len(stages)))
        else:
            found.update(_FROM_OPTION.findall(rest))
    return sorted(reference for reference in found if _is_image(reference, stages))


def full_name(reference: str) -> str:
    """A reference with what it leaves out: registry, namespace and tag. Equal names mean the same image."""
    first, slash, rest = reference.partition("/")
    if not slash or not ("." in first or ":" in first or first == "localhost"):
        first, rest = "docker.io", reference
    if first == "docker.io" and "/" not in rest:
        rest = f"library/{rest}"
    return f"{first}/{rest}" if ":" in rest or "@" in rest else f"{first}/{rest}:latest"


def _instructions(text: str) -> List[Tuple[str, str]]:
    joined = re.sub(r"\\[ \t]*\n(?:[ \t]*#[^\n]*\n)*", " ", text)
    matches = (_INSTRUCTION.match(line) for line in joined.splitlines())
    return [(match.group(1).upper(), match.group(2)) for match in matches if match]


def _expand(text: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda match: values.get(match.group(1) or match.group(3)) or match.group(2) or "$", text)


def _is_image(reference: str, stages: Set[str]) -> bool:
    return "$" not in reference and not reference.isdigit() and reference.lower() not in stages
