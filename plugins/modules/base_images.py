#!/usr/bin/python
# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: base_images
short_description: Provide the base images of Dockerfiles, from a registry or assembled from packages
description:
  - Decides whether base images come from their registry or are assembled from package mirrors, where no registry can
    be reached (an air-gapped site, a mirror-only network), and assembles those that are missing.
  - The result RV(bases) maps the references in the Dockerfiles to local images. Given to bake as named contexts
    (C(docker-image://)), they replace the bases without touching a Dockerfile. It is empty with a registry.
  - Debian comes from the mirrors that this machine's apt uses (on other systems from mmdebstrap's default), with its
    signatures verified. npm packages and Python wheels are verified against the hashes in their lock file.
  - An assembled image is found again by a tag with the digest of its recipe, so nothing is done twice. To get newer
    Debian packages, remove the image.
version_added: 0.1.0
author:
  - bunops contributors
extends_documentation_fragment:
  - bunops.platform.attributes
  - bunops.platform.docker
options:
  images:
    description:
      - The base images and how to assemble each.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - The reference that the image stands in for, as Dockerfiles write it.
        type: str
        required: true
      debian:
        description:
          - Install this release of Debian, for example V(bookworm), with apt and the settings of the official slim
            image.
          - Exactly one of O(images[].debian) and O(images[].folder) is needed.
        type: str
      folder:
        description:
          - Build the Dockerfile in this directory. Its C(FROM) may name other images of the list.
          - If the directory holds a C(package-lock.json), its npm packages for this machine are installed without
            running their scripts, and are at hand as the named context C(packages).
          - So are the wheels for this machine that a C(requirements.txt) with hashes names.
        type: path
  source:
    description:
      - V(registry) uses the references as they are, V(packages) assembles.
      - V(auto) assembles if a registry does not have the images or gives no answer within 5 seconds. It asks only where
        neither the engine's images nor an answer of the last 24 hours tell.
    type: str
    choices: [auto, registry, packages]
    default: auto
notes:
  - Assembling Debian needs the program C(mmdebstrap). npm is used from the PATH; if there is none, a pinned Node.js
    with npm is installed from the Python package index into the cache.
  - Downloads are kept below C($XDG_CACHE_HOME/bunops) (C(~/.cache/bunops)).
  - The architecture is that of the machine on which the module runs.
seealso:
  - module: bunops.platform.image_set
"""

EXAMPLES = r"""
- name: Provide the bases of our Dockerfiles
  bunops.platform.base_images:
    images:
      - name: debian:bookworm-slim
        debian: bookworm
      - name: oven/bun:1.4.5-slim
        folder: docker/bases/bun
  register: base_images

- name: Build on them
  bunops.platform.image_set:
    project_src: "{{ project }}"
    definition: "{{ platform | bunops.platform.bake(project_dir=project, bases=base_images.bases) }}"
"""

RETURN = r"""
bases:
  description: References of the base images to the local images that stand in for them; empty with a registry.
  returned: success
  type: dict
  sample: {"debian:bookworm-slim": "bunops-base/debian:bookworm-slim-3f2a9c1b04de"}
source:
  description: Where the base images come from, V(registry) or V(packages).
  returned: success
  type: str
reason:
  description: Why, as a sentence.
  returned: success
  type: str
  sample: All base images were assembled from packages before.
plan:
  description: What was, or in check mode would be, done for each image and why.
  returned: success
  type: list
  elements: dict
  contains:
    target:
      description: The reference.
      type: str
    action:
      description: V(assemble) or V(keep).
      type: str
    cause:
      description: Why.
      type: str
missing_tools:
  description: Programs that have to be installed first; the module has done nothing.
  returned: when programs are missing
  type: list
  elements: str
"""

from typing import Any, Dict

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.bunops.platform.plugins.module_utils.engine import EngineError, LibraryMissing
from ansible_collections.bunops.platform.plugins.module_utils.images import bake, provide
from ansible_collections.bunops.platform.plugins.module_utils.runner import RunnerError


def run(module: AnsibleModule) -> Dict[str, Any]:
    """The module's result. Raises the errors of the module utilities."""
    params = module.params
    provided = provide.provide(params["images"], params["source"], params["docker_host"], module.check_mode)
    assembled = provided.assembled()
    result: Dict[str, Any] = {
        "changed": bool(assembled),
        "bases": provided.stand_ins,
        "source": provided.source,
        "reason": provided.reason,
        "plan": [operation._asdict() for operation in provided.operations],
    }
    if module._diff:
        before = [f"{operation.target}: {operation.cause}\n" for operation in assembled]
        after = [f"{operation.target}: assembled\n" for operation in assembled]
        result["diff"] = {"before": "".join(before), "after": "".join(after)}
    return result


def main() -> None:
    """Entry point."""
    module = AnsibleModule(
        argument_spec={
            "images": {**provide.IMAGES_SPEC, "required": True},
            "source": provide.SOURCE_SPEC,
            "docker_host": {"type": "str"},
        },
        supports_check_mode=True,
    )
    try:
        module.exit_json(**run(module))
    except provide.ERRORS as error:
        module.fail_json(**provide.failure(error))
    except bake.BuildError as error:
        module.fail_json(msg="\n".join([str(error), *error.failure.lines]), lines=error.failure.lines)
    except LibraryMissing as error:
        module.fail_json(msg=missing_required_lib("docker"), exception=error.trace)
    except (EngineError, RunnerError) as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        module.fail_json(msg=f"{error.filename or 'The base images'}: {error.strerror}.")


if __name__ == "__main__":
    main()
