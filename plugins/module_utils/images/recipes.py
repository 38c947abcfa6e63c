# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How base images are assembled from packages: the recipes, and the tags under which the results are found again."""

from __future__ import annotations

import hashlib
import json
import platform
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.images import context, dockerfile, ignore

# A part of every tag: goes up when the way changes in which recipes are carried out.
_EDITION = 1
_NAMESPACE = "bunops-base"


class RecipeError(ValueError):
    """A recipe cannot be used; the text names the image and what is wrong."""


class Recipe(NamedTuple):
    """How to assemble the image that stands in for the reference `name`.

    suite: release of Debian to install, or None. folder: absolute path of a directory with a Dockerfile and
    the package-lock.json of npm packages or the requirements.txt of wheels, or None. needs: names of other recipes that
    the Dockerfile starts from.
    tag: local tag of the result; it holds a digest of the recipe.
    """

    name: str
    suite: Optional[str]
    folder: Optional[str]
    needs: Tuple[str, ...]
    tag: str


def read(images: Sequence[Mapping[str, Any]], debian_sources: Mapping[str, str]) -> List[Recipe]:
    """Recipes in the order in which they can be assembled.

    images: as in the option `images` of the module base_images. debian_sources: lines of sources.list by suite, empty
    for the default mirror. Raises RecipeError.
    """
    by_name = {str(image["name"]): image for image in images}
    if len(by_name) != len(images):
        raise RecipeError("Two images have the same name.")
    done: Dict[str, Recipe] = {}
    for name in by_name:
        _add(name, by_name, debian_sources, done, ())
    return list(done.values())


def machine() -> str:
    """Architecture of this machine as Debian and Docker name it."""
    names = {"x86_64": "amd64", "aarch64": "arm64"}
    return names.get(platform.machine(), platform.machine())


def _add(
    name: str,
    by_name: Mapping[str, Mapping[str, Any]],
    sources: Mapping[str, str],
    done: Dict[str, Recipe],
    chain: Tuple[str, ...],
) -> None:
    if name in done:
        return
    if name in chain:
        raise RecipeError(f"Base image '{name}' starts from itself.")
    if "@" in name:
        raise RecipeError(f"Base image '{name}': nothing assembled here can stand in for a digest.")
    image = by_name[name]
    if image.get("debian"):
        suite = str(image["debian"])
        done[name] = Recipe(name, suite, None, (), _tag(name, [suite, sources.get(suite, "")]))
        return
    folder = str(image["folder"])
    needs = tuple(reference for reference in _bases(name, folder) if reference in by_name)
    for reference in needs:
        _add(reference, by_name, sources, done, (*chain, name))
    parts = [*_contents(name, folder), *(done[reference].tag for reference in needs)]
    done[name] = Recipe(name, None, folder, needs, _tag(name, parts))


def _bases(name: str, folder: str) -> List[str]:
    try:
        return dockerfile.base_images(Path(folder, "Dockerfile").read_text(encoding="utf-8"), {})
    except OSError as error:
        raise RecipeError(f"Base image '{name}': {error.filename}: {error.strerror}.") from error


def _contents(name: str, folder: str) -> List[str]:
    try:
        entries = context.take(folder, ignore.IgnoreRules(), {}, 0).entries
    except OSError as error:
        raise RecipeError(f"Base image '{name}': {error.filename}: {error.strerror}.") from error
    return [f"{path} {entry.digest}" for path, entry in sorted(entries.items())]


def _tag(name: str, parts: Sequence[str]) -> str:
    text = json.dumps([_EDITION, machine(), *parts])
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    last = name.rsplit("/", 1)[-1]
    version = last.partition(":")[2] or "latest"
    repository = name[: -len(version) - 1] if ":" in last else name
    return f"{_NAMESPACE}/{repository.replace('/', '-').replace(':', '-').lower()}:{version}-{digest}"
