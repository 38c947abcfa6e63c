#!/usr/bin/python
# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

DOCUMENTATION = r"""
---
module: secret_sync
short_description: Keep a directory of secret files in step with where the values come from
version_added: 0.1.0
description:
  - Reads or makes each secret and keeps one file for it in a directory, which Compose mounts into containers.
  - Values are resolved inside the module. They appear in no argument, log, result or diff; only names do.
  - Generated values are made once and kept. Files of secrets that are no longer named are left alone.
extends_documentation_fragment:
  - bunops.platform.attributes
options:
  secrets:
    description:
      - Where each secret comes from, by name; exactly one of O(secrets.generate), O(secrets.env) and
        O(secrets.file).
      - The filter P(bunops.platform.secret_plan#filter) makes this from a catalog.
    type: dict
    required: true
    suboptions:
      generate:
        description:
          - Make a value once. With C(length), a number, it has that many letters and digits.
          - With C(jwt) set to V(ed25519) it is a token signed with a key that is thrown away, and its public key in
            PEM becomes C(NAME.pub).
        type: dict
      env:
        description: Name of an environment variable on the machine that the module runs on.
        type: str
      file:
        description: Path of a file on the machine that the module runs on. One line end at its end is dropped.
        type: path
      optional:
        description: A missing or empty value is no error; the file is then empty.
        type: bool
        default: false
      derived:
        description:
          - Files made from the value. V(acl) gives C(NAME.acl), a Redis ACL file that holds its hash.
          - V(jwt_public) stands for the public key of a token, which comes with it in any case.
        type: list
        elements: str
  directory:
    description: Directory of the files. It is closed to everybody but its owner.
    type: path
    required: true
requirements:
  - cryptography, for tokens
author:
  - bunops contributors
"""

EXAMPLES = r"""
- name: Keep the secrets of the platform
  bunops.platform.secret_sync:
    directory: /srv/atlas/secrets
    secrets:
      REDIS_PASSWORD:
        generate: {length: 32}
        derived: [acl]
      OPENAI_API_KEY:
        env: OPENAI_API_KEY
        optional: true
"""

RETURN = r"""
secrets:
  description: What happened to each secret, by name. Never a value.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the secret.
      type: str
      sample: REDIS_PASSWORD
    action:
      description: One of V(added), V(changed), V(unchanged).
      type: str
      sample: unchanged
    source:
      description: Where the value comes from.
      type: str
      sample: generate
"""

import os
import traceback
from typing import Any, Dict, List, Optional

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.bunops.platform.plugins.module_utils.secrets import directory
from ansible_collections.bunops.platform.plugins.module_utils.secrets.plan import (
    Change,
    SecretError,
    Sources,
    plan,
)

SOURCE_SPEC: Dict[str, Any] = {
    "generate": {"type": "dict"},
    "env": {"type": "str"},
    "file": {"type": "path"},
    "optional": {"type": "bool", "default": False},
    "derived": {"type": "list", "elements": "str"},
}


def read_environment(name: str) -> Optional[bytes]:
    value = os.environ.get(name)
    return None if value is None else value.encode("utf-8", "surrogateescape")


def read_file(path: str) -> Optional[bytes]:
    """A file's bytes without the line end that editors add; None where there is no such file."""
    try:
        with open(os.path.expanduser(path), "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return None
    return content[:-1] if content.endswith(b"\n") and content.count(b"\n") == 1 else content


def file_names(secrets: Dict[str, Any]) -> List[str]:
    return [name + suffix for name in secrets for suffix in ("", ".acl", ".pub")]


def source_problems(secrets: Dict[str, Any]) -> List[str]:
    """One sentence for each secret that does not name exactly one source, or names something unknown."""
    problems: List[str] = []
    for name, spec in sorted(secrets.items()):
        if not isinstance(spec, dict):
            # Not shown: somebody may have put the value itself here.
            problems.append("secrets.%s: expected a mapping that names a source" % name)
            continue
        unknown = sorted(set(spec) - set(SOURCE_SPEC))
        given = [key for key in ("generate", "env", "file") if spec.get(key) is not None]
        if unknown:
            problems.append(
                "secrets.%s: unknown key %s; known are %s" % (name, ", ".join(unknown), ", ".join(SOURCE_SPEC))
            )
        if len(given) != 1:
            problems.append(
                "secrets.%s: names %s; expected exactly one of generate, env, file"
                % (name, " and ".join(given) or "no source")
            )
    return problems


def apply(path: str, changes: List[Change]) -> None:
    directory.ensure_directory(path)
    for change in changes:
        for name, value in sorted(change.files.items()):
            directory.write_file(path, name, value)


def describe(changes: List[Change], path: str) -> Dict[str, str]:
    """The diff: names only."""
    lines = ["%s: %s (%s)" % (c.name, c.action, c.source) for c in changes if c.action != "unchanged"]
    return {"before_header": path, "after_header": path, "before": "", "after": "\n".join([*lines, ""])}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "secrets": {"type": "dict", "required": True, "no_log": False},
            "directory": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    secrets, path = module.params["secrets"], module.params["directory"]
    problems = source_problems(secrets)
    if problems:
        module.fail_json(msg="\n".join(problems))
    try:
        present = directory.read_files(path, file_names(secrets))
        changes = plan(secrets, present, Sources(read_environment, read_file))
        changed = any(change.action != "unchanged" for change in changes)
        if changed and not module.check_mode:
            apply(path, changes)
    except ImportError:
        module.fail_json(msg=missing_required_lib("cryptography"), exception=traceback.format_exc())
    except SecretError as problem:
        module.fail_json(msg=str(problem))
    except OSError as problem:
        module.fail_json(msg="secrets directory %s: %s" % (path, problem.strerror))
    result: Dict[str, Any] = {
        "changed": changed,
        "secrets": [{"name": c.name, "action": c.action, "source": c.source} for c in changes],
    }
    if changed and module._diff:
        result["diff"] = describe(changes, path)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
