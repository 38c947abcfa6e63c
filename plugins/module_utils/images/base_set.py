# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Base images: observe which there are, plan which to assemble, apply."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils import runner
from ansible_collections.bunops.platform.plugins.module_utils.images import (
    bake,
    debian,
    definition,
    npm,
    recipes,
    wheels,
)
from ansible_collections.bunops.platform.plugins.module_utils.images.engine_api import EngineApi
from ansible_collections.bunops.platform.plugins.module_utils.images.origin import PACKAGES, Facts, Origin
from ansible_collections.bunops.platform.plugins.module_utils.images.plan import Operation
from ansible_collections.bunops.platform.plugins.module_utils.images.recipes import Recipe


class Workplace(NamedTuple):
    """Where the work is done: the engine's address, directories for downloads, and the log of builds."""

    docker_host: Optional[str]
    cache: str
    log: str


def read(images: Sequence[Mapping[str, Any]]) -> List[Recipe]:
    """Recipes of the option `images`, with the mirrors of this machine. Raises RecipeError."""
    suites = {str(image["debian"]) for image in images if image.get("debian")}
    return recipes.read(images, {suite: debian.sources(suite) for suite in suites})


def observe(wanted: Sequence[Recipe], api: EngineApi, remembered: Optional[Origin]) -> Facts:
    """Which of the images the engine has, under their own names and as stand-ins."""
    return Facts(
        pulled=[recipe.name for recipe in wanted if api.image(recipe.name)],
        assembled=[recipe.name for recipe in wanted if api.image(recipe.tag)],
        remembered=remembered,
    )


def plan(wanted: Sequence[Recipe], facts: Facts, origin: Origin) -> List[Operation]:
    """One operation per image: `assemble`, or `keep` with the reason. Pure."""
    if origin.source != PACKAGES:
        return [Operation(recipe.name, "keep", "it comes from its registry") for recipe in wanted]
    return [
        Operation(recipe.name, "keep", "assembled before by the same recipe")
        if recipe.name in facts.assembled
        else Operation(recipe.name, "assemble", "no image by this recipe")
        for recipe in wanted
    ]


def stand_ins(wanted: Sequence[Recipe], origin: Origin) -> Dict[str, str]:
    """The bases that take the place of registry references: reference to local tag."""
    return {recipe.name: recipe.tag for recipe in wanted} if origin.source == PACKAGES else {}


def missing_tools(wanted: Sequence[Recipe], operations: Sequence[Operation]) -> List[str]:
    """Programs that the plan needs and this machine does not have."""
    needs_debian = any(recipe.suite for recipe in _to_assemble(wanted, operations))
    return [debian.TOOL] if needs_debian and not _has(debian.TOOL) else []


def apply(wanted: Sequence[Recipe], operations: Sequence[Operation], place: Workplace) -> None:
    """Assemble what the plan says, Debian first, then the rest in one build.

    Raises DebianError, NpmError, WheelError, BuildError, RunnerError, OSError.
    """
    todo = _to_assemble(wanted, operations)
    Path(place.cache).mkdir(parents=True, exist_ok=True)
    for recipe in todo:
        if recipe.suite:
            debian.install(recipe.suite, recipe.tag, debian.sources(recipe.suite), place.docker_host, place.cache)
    folders = [recipe for recipe in todo if recipe.folder]
    if folders:
        built = _definition(folders, wanted, place.cache)
        settings = bake.Settings(place.docker_host, None, False, place.cache, place.log)
        bake.run(built, definition.read(built, [], place.cache), settings)


def _definition(folders: Sequence[Recipe], known: Sequence[Recipe], cache: str) -> Dict[str, Any]:
    tags = {recipe.name: recipe.tag for recipe in known}
    names = {recipe.name: f"base-{index}" for index, recipe in enumerate(folders)}
    targets: Dict[str, Any] = {}
    for recipe in folders:
        contexts = {
            needed: f"target:{names[needed]}" if needed in names else f"docker-image://{tags[needed]}"
            for needed in recipe.needs
        }
        if Path(str(recipe.folder), "package-lock.json").is_file():
            contexts["packages"] = npm.install(str(recipe.folder), cache)
        elif Path(str(recipe.folder), wheels.FILE).is_file():
            requirements = Path(str(recipe.folder), wheels.FILE).read_text(encoding="utf-8")
            contexts["packages"] = wheels.install(requirements, cache)
        targets[names[recipe.name]] = {
            "context": recipe.folder,
            "contexts": contexts,
            "tags": [recipe.tag],
            "output": ["type=docker"],
        }
    return {"target": targets}


def _to_assemble(wanted: Sequence[Recipe], operations: Sequence[Operation]) -> List[Recipe]:
    names = {operation.target for operation in operations if operation.action == "assemble"}
    return [recipe for recipe in wanted if recipe.name in names]


def _has(tool: str) -> bool:
    try:
        return bool(runner.find_tool(tool))
    except runner.RunnerError:
        return False
