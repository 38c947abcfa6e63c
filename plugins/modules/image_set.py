#!/usr/bin/python
# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: image_set
short_description: Build a set of images with docker buildx bake
description:
  - Builds the images of a bake definition with one C(docker buildx bake) for the whole set, and only those whose
    sources changed. If nothing changed, no process is started at all.
  - A target's sources are its build context after its ignore file, its Dockerfile, its part of the definition, and the
    images that it starts from. They are compared with those of the last successful build on the same engine, which are
    remembered below C($XDG_STATE_HOME/bunops) (C(~/.local/state/bunops)).
  - Targets whose sources cannot be told without bake (remote contexts, variables, functions, expressions, O(definition)
    entries C(pull) or C(no-cache)) are always built; the builder's own cache makes that short.
  - The log of a running build is C(.bunops/build.log) in O(project_src), or C(build.log) beside what is remembered,
    where that would be inside of a build context.
version_added: 0.1.0
author:
  - bunops contributors
extends_documentation_fragment:
  - bunops.platform.attributes
  - bunops.platform.docker
options:
  definition:
    description:
      - The bake definition, as the dictionary that a C(docker-bake.json) would hold.
      - Relative paths in it start at O(project_src).
    type: dict
    required: true
  bases:
    description:
      - Base images that the Dockerfiles name in C(FROM), and how to assemble each where no registry can be reached.
      - They are provided first, as M(bunops.platform.base_images) does it, and given to all targets as named contexts.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - The reference that the image stands in for, as Dockerfiles write it.
        type: str
        required: true
      debian:
        description:
          - Install this release of Debian, for example V(bookworm).
          - Exactly one of O(bases[].debian) and O(bases[].folder) is needed.
        type: str
      folder:
        description:
          - Build the Dockerfile in this directory.
        type: path
  source:
    description:
      - Where O(bases) come from, as O(bunops.platform.base_images#module:source).
    type: str
    choices: [auto, registry, packages]
    default: auto
  targets:
    description:
      - Names of targets or groups to build. Without them the group or target V(default), else all targets.
    type: list
    elements: str
    default: []
  push:
    description:
      - Push the images to the registries of their tags. An image that the registry has already is not pushed again.
    type: bool
    default: false
  builder:
    description:
      - Name of the buildx builder. Without it the current one. It has to load what it builds into the engine
        (C(output) V(type=docker)), or everything is built each time.
    type: str
  project_src:
    description:
      - Directory of the project. Without it the current directory, and the log is kept with the state.
    type: path
requirements:
  - Docker buildx 0.13 or newer
seealso:
  - module: bunops.platform.base_images
"""

EXAMPLES = r"""
- name: Build what changed
  bunops.platform.image_set:
    project_src: /srv/shop
    definition:
      target:
        web:
          context: web
          tags: [shop/web:1]
        jobs:
          context: jobs
          tags: [shop/jobs:1]

- name: Build the images of a platform
  bunops.platform.image_set:
    project_src: "{{ project }}"
    definition: "{{ platform | bunops.platform.bake(project_dir=project) }}"
"""

RETURN = r"""
images:
  description: The images, in the order of their targets; in check mode as they are now.
  returned: success
  type: list
  elements: dict
  contains:
    target:
      description: Name of the target.
      type: str
    tags:
      description: Its tags.
      type: list
      elements: str
    digest:
      description:
        - Id of the image in the engine; after a push the digest of its manifest in the registry.
        - Null if there is no image.
      type: str
    size:
      description: Size of the image in bytes; null if there is no image.
      type: int
    layers:
      description: Diff ids of its layers, the lowest first.
      type: list
      elements: str
    built:
      description: Whether it was built in this run.
      type: bool
    changed:
      description: Whether the image is another than before.
      type: bool
    reference:
      description: Its repository and digest in the registry, if it was pushed; else its first tag, null without any.
      type: str
      sample: registry.example.com/shop/web@sha256:0a3f5f0bd5d1e7b5c6bd4dd6a2a4a5b0f2f6c1c9e2b5d7f1a3c5e7f9b1d3f5a7
plan:
  description: What was, or in check mode would be, done for each target and why.
  returned: always
  type: list
  elements: dict
  contains:
    target:
      description: Name of the target.
      type: str
    action:
      description: V(build) or V(keep).
      type: str
    cause:
      description: Why.
      type: str
  sample:
    - {target: api, action: build, cause: "source changed: api/src/main.ts"}
    - {target: worker, action: keep, cause: nothing changed since it was built}
base_images:
  description: Where the base images come from.
  returned: with O(bases)
  type: dict
  contains:
    source:
      description: V(registry) or V(packages).
      type: str
    reason:
      description: Why, as a sentence.
      type: str
    bases:
      description: References to the local images that stand in for them; empty with a registry.
      type: dict
definition:
  description: The bake definition with the base images in it.
  returned: success
  type: dict
missing_tools:
  description: Programs that have to be installed first to assemble base images; the module has done nothing.
  returned: when programs are missing
  type: list
  elements: str
log:
  description: File with the log of the build.
  returned: when something was built
  type: str
target:
  description: Name of the target that failed, if the builder tells.
  returned: failed build
  type: str
instruction:
  description: The instruction that failed.
  returned: failed build
  type: str
lines:
  description: The last lines of the log of the failed instruction.
  returned: failed build
  type: list
  elements: str
"""

import os
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.bunops.platform.plugins.module_utils.engine import EngineError, LibraryMissing
from ansible_collections.bunops.platform.plugins.module_utils.images import bake, image_set, provide
from ansible_collections.bunops.platform.plugins.module_utils.images.definition import DefinitionError
from ansible_collections.bunops.platform.plugins.module_utils.images.engine_api import EngineApi
from ansible_collections.bunops.platform.plugins.module_utils.images.image_set import Outcome
from ansible_collections.bunops.platform.plugins.module_utils.images.plan import Observed, Operation, plan
from ansible_collections.bunops.platform.plugins.module_utils.runner import RunnerError
from ansible_collections.bunops.platform.plugins.module_utils.state_directory import state_directory


def wanted(parameters: Dict[str, Any], definition: Dict[str, Any], folder: str) -> image_set.Wanted:
    """The module's parameters as types. folder: where state is kept."""
    project = parameters["project_src"] or str(Path.cwd())
    contexts = image_set.local_contexts(definition, parameters["targets"], project)
    settings = bake.Settings(
        docker_host=parameters["docker_host"],
        builder=parameters["builder"],
        push=parameters["push"],
        folder=project,
        log=log_file(parameters["project_src"], contexts, folder),
    )
    return image_set.Wanted(definition, parameters["targets"], settings)


def log_file(project: Optional[str], contexts: Sequence[str], folder: str) -> str:
    """Where the log of a build is written: in the project, but never in a build context, which it would change."""
    log = Path(project or "/", ".bunops", "build.log")
    if project is None or any(Path(context) in log.parents for context in contexts):
        return f"{folder}/build.log"
    return str(log)


def predicted(observed: Sequence[Observed], operations: Sequence[Operation]) -> List[Outcome]:
    """What check mode reports: the images as they are, changed where they would be built."""
    return [
        image_set.outcome(item, item.images, built=False)
        if operation.action == "keep"
        # Its digest is not known yet: only the tag can stand for it.
        else image_set.outcome(item._replace(pushed=()), item.images, built=False)._replace(changed=True)
        for item, operation in zip(observed, operations)
    ]


def difference(
    observed: Sequence[Observed], operations: Sequence[Operation], outcomes: Sequence[Outcome], check_mode: bool
) -> Dict[str, str]:
    """Before and after, one line for each target that changes."""
    before, after = [], []
    for item, operation, outcome in zip(observed, operations, outcomes):
        if outcome.changed:
            old = next((image.id for image in item.images if image), "no image")
            new = f"will be built: {operation.cause}" if check_mode else f"{outcome.digest} ({operation.cause})"
            before.append(f"{outcome.target}: {old}\n")
            after.append(f"{outcome.target}: {new}\n")
    return {"before": "".join(before), "after": "".join(after)}


def provided_bases(params: Dict[str, Any], check_mode: bool) -> Optional[provide.Provided]:
    """The base images, where the caller names any."""
    if not params["bases"]:
        return None
    return provide.provide(params["bases"], params["source"], params["docker_host"], check_mode)


def run(module: AnsibleModule) -> Dict[str, Any]:
    """Observe, plan, apply. Raises the errors of the module utilities."""
    params, folder = module.params, state_directory(os.environ)
    bases = provided_bases(params, module.check_mode)
    definition = provide.with_stand_ins(params["definition"], bases.stand_ins if bases else {})
    request = wanted(params, definition, folder)
    with EngineApi(params["docker_host"]) as api:
        observed = image_set.observe(request, api, folder)
        operations = plan(observed)
        if module.check_mode:
            outcomes = predicted(observed, operations)
        else:
            outcomes = image_set.apply(request, observed, operations, api, folder, module.warn)
    result: Dict[str, Any] = {
        "changed": any(outcome.changed for outcome in outcomes) or bool(bases and bases.assembled()),
        "images": [outcome._asdict() for outcome in outcomes],
        "plan": [operation._asdict() for operation in operations],
        "definition": definition,
    }
    if bases:
        result["base_images"] = {"bases": bases.stand_ins, "source": bases.source, "reason": bases.reason}
    if any(outcome.built for outcome in outcomes):
        result["log"] = request.settings.log
    if module._diff:
        result["diff"] = difference(observed, operations, outcomes, module.check_mode)
    return result


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "definition": {"type": "dict", "required": True},
            "bases": {**provide.IMAGES_SPEC, "default": []},
            "source": provide.SOURCE_SPEC,
            "targets": {"type": "list", "elements": "str", "default": []},
            "push": {"type": "bool", "default": False},
            "builder": {"type": "str"},
            "project_src": {"type": "path"},
            "docker_host": {"type": "str"},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except provide.ERRORS as error:
        module.fail_json(**provide.failure(error))
    except bake.BuildError as error:
        lines = "\n".join(error.failure.lines)
        module.fail_json(
            msg=f"{error}\nThe log is {error.log}. Its last lines:\n{lines}",
            log=error.log,
            target=error.failure.target,
            instruction=error.failure.instruction,
            lines=error.failure.lines,
        )
    except LibraryMissing as error:
        module.fail_json(msg=missing_required_lib("docker"), exception=error.trace)
    except (DefinitionError, EngineError, RunnerError) as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"{error.filename or 'The build'}: {error.strerror}.")


if __name__ == "__main__":
    main()
