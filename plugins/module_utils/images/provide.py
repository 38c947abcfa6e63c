# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Base images for a build, decided and assembled in one go: what the modules base_images and image_set share."""

from __future__ import annotations

import os
import time
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.images import base_set, origin
from ansible_collections.bunops.platform.plugins.module_utils.images.debian import DebianError
from ansible_collections.bunops.platform.plugins.module_utils.images.engine_api import EngineApi
from ansible_collections.bunops.platform.plugins.module_utils.images.kept import cache_directory
from ansible_collections.bunops.platform.plugins.module_utils.images.npm import NpmError
from ansible_collections.bunops.platform.plugins.module_utils.images.plan import Operation
from ansible_collections.bunops.platform.plugins.module_utils.images.recipes import Recipe, RecipeError
from ansible_collections.bunops.platform.plugins.module_utils.images.wheels import WheelError
from ansible_collections.bunops.platform.plugins.module_utils.state_directory import state_directory

# The options of both modules.
IMAGES_SPEC: Dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "name": {"type": "str", "required": True},
        "debian": {"type": "str"},
        "folder": {"type": "path"},
    },
    "mutually_exclusive": [("debian", "folder")],
    "required_one_of": [("debian", "folder")],
}
SOURCE_SPEC: Dict[str, Any] = {"type": "str", "choices": ["auto", "registry", "packages"], "default": "auto"}


class ToolsMissing(Exception):
    """Programs that the plan needs are not installed."""

    def __init__(self, tools: List[str]) -> None:
        super().__init__(f"To assemble base images, install first: {', '.join(tools)}.")
        self.tools = tools


class Provided(NamedTuple):
    """stand_ins: references to the local images that take their place; empty with a registry."""

    stand_ins: Dict[str, str]
    source: str
    reason: str
    operations: List[Operation]

    def assembled(self) -> List[Operation]:
        """What was, or in check mode would be, assembled."""
        return [operation for operation in self.operations if operation.action == "assemble"]


# What can go wrong here and nowhere else.
ERRORS = (ToolsMissing, DebianError, NpmError, WheelError, RecipeError)


def failure(error: Exception) -> Dict[str, Any]:
    """One of ERRORS as the arguments of fail_json."""
    if isinstance(error, ToolsMissing):
        return {"msg": str(error), "missing_tools": error.tools}
    if isinstance(error, (DebianError, NpmError, WheelError)):
        return {"msg": "\n".join([str(error), *error.lines]), "lines": error.lines}
    return {"msg": str(error)}


def with_stand_ins(definition: Mapping[str, Any], stand_ins: Mapping[str, str]) -> Dict[str, Any]:
    """A bake definition whose targets start from the stand-ins; contexts that it names itself stay. Pure."""
    contexts = {name: f"docker-image://{tag}" for name, tag in stand_ins.items()}
    targets = {
        name: {**target, "contexts": {**contexts, **(target.get("contexts") or {})}}
        for name, target in (definition.get("target") or {}).items()
    }
    return {**definition, "target": targets} if contexts else dict(definition)


def provide(images: Sequence[Mapping[str, Any]], source: str, docker_host: Optional[str], check: bool) -> Provided:
    """Observe, plan, apply. Raises ERRORS, bake.BuildError, engine.EngineError, runner.RunnerError."""
    folder = state_directory(os.environ)
    wanted = base_set.read(images)
    facts, chosen = _decide(wanted, source, docker_host, folder, check)
    operations = base_set.plan(wanted, facts, chosen)
    provided = Provided(base_set.stand_ins(wanted, chosen), chosen.source, chosen.reason, operations)
    if provided.assembled() and not check:
        missing = base_set.missing_tools(wanted, operations)
        if missing:
            raise ToolsMissing(missing)
        place = base_set.Workplace(docker_host, cache_directory(os.environ), f"{folder}/bases.log")
        base_set.apply(wanted, operations, place)
    return provided


def _decide(
    wanted: Sequence[Recipe], source: str, docker_host: Optional[str], folder: str, check: bool
) -> Tuple[origin.Facts, origin.Origin]:
    """Choose where the images come from; a fresh answer of registries is kept."""
    names = [recipe.name for recipe in wanted]
    with EngineApi(docker_host) as api:
        engine_id = api.engine_id()
        facts = base_set.observe(wanted, api, origin.recall(folder, engine_id, names, time.time()))
    chosen = origin.decide(source, names, facts, lambda asked: origin.ask(asked, docker_host))
    if chosen.asked and not check:
        origin.remember(folder, engine_id, names, chosen)
    return facts, chosen
