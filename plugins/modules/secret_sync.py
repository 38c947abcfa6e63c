#!/usr/bin/python
# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

DOCUMENTATION = r"""
---
module: secret_sync
short_description: Keep secrets in step with where their values come from, as files or in a cluster
version_added: 0.1.0
description:
  - Reads or makes each secret and keeps it either as a file in a O(directory), which Compose mounts into containers, or
    as a Secret object in a O(namespace) of a Kubernetes cluster.
  - Values are resolved inside the module. They appear in no argument, log, result or diff; only names do.
  - Generated values are made once and kept. Secrets that are no longer named are left alone.
  - In a cluster each version of a secret is an immutable object of its own, named after the secret and a keyed hash of
    its value. What uses a secret names the version, and so is rolled when the value changes. The key is made once, in
    C($XDG_STATE_HOME/bunops/secrets.key) (C(~/.local/state/bunops)).
  - The module needs to list and patch Secrets in that namespace, and nothing else.
extends_documentation_fragment:
  - bunops.platform.attributes
  - bunops.platform.kubernetes
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
    description:
      - Directory of the files. It is closed to everybody but its owner.
      - Exactly one of O(directory) and O(namespace) is needed.
    type: path
  namespace:
    description: Namespace of the Secret objects; it has to be there.
    type: str
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

- name: Keep them in a cluster
  bunops.platform.secret_sync:
    context: atlas-prod
    namespace: atlas
    secrets: "{{ platform | bunops.platform.secret_plan(project_dir=project_dir) }}"
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
objects:
  description:
    - The Secret object of each secret, by the secret's name, with its C(name) and C(keys), which are file names.
    - In check mode an object whose value is still to be generated does not have its later name yet.
  returned: with O(namespace)
  type: dict
  sample: {REDIS_PASSWORD: {name: redis-password-5b0e1f29a1, keys: [REDIS_PASSWORD, REDIS_PASSWORD.acl]}}
"""

import os
import traceback
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import ARGUMENT_SPEC, options_of
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.secrets import directory
from ansible_collections.bunops.platform.plugins.module_utils.secrets.plan import (
    Change,
    Files,
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


def changes_for(secrets: Dict[str, Any], present: Files) -> List[Change]:
    return plan(secrets, present, Sources(read_environment, read_file))


def is_change(changes: Sequence[Change]) -> bool:
    return any(change.action != "unchanged" for change in changes)


def sync_directory(secrets: Dict[str, Any], path: str, check_mode: bool) -> List[Change]:
    """Raises SecretError, OSError."""
    changes = changes_for(secrets, directory.read_files(path, file_names(secrets)))
    if is_change(changes) and not check_mode:
        directory.ensure_directory(path)
        for change in changes:
            for name, value in sorted(change.files.items()):
                directory.write_file(path, name, value)
    return changes


def sync_namespace(
    secrets: Dict[str, Any], name: str, params: Dict[str, Any], check_mode: bool
) -> Tuple[List[Change], Dict[str, Any]]:
    """The changes, and each secret's object. Raises SecretError, ClusterError, OSError."""
    # Files need none of this, and a local platform that is unchanged takes a few seconds as a whole.
    from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
    from ansible_collections.bunops.platform.plugins.module_utils.images import state
    from ansible_collections.bunops.platform.plugins.module_utils.secrets import key, namespace

    with Client.connect(options_of(params)) as client:
        versions = namespace.read(client, name)
        changes = changes_for(secrets, namespace.present_files(versions))
        changed = is_change(changes)
        folder = state.directory(os.environ)
        secret_key = key.installation_key("%s/secrets.key" % folder, keep=changed and not check_mode)
        wanted = namespace.next_versions(versions, changes, secret_key)
        if changed and not check_mode:
            namespace.write(client, name, {each: wanted[each] for each in wanted if wanted[each] != versions.get(each)})
    return changes, namespace.described(wanted)


def describe(changes: Sequence[Change], where: str) -> Dict[str, str]:
    """The diff: names only."""
    lines = ["%s: %s (%s)" % (c.name, c.action, c.source) for c in changes if c.action != "unchanged"]
    return {"before_header": where, "after_header": where, "before": "", "after": "\n".join([*lines, ""])}


def run(module: AnsibleModule) -> Dict[str, Any]:
    """Raises SecretError, ClusterError, OSError, ImportError."""
    params, result = module.params, {}  # type: Dict[str, Any], Dict[str, Any]
    if params["directory"]:
        where = params["directory"]
        changes = sync_directory(params["secrets"], where, module.check_mode)
    else:
        where = "namespace %s" % params["namespace"]
        changes, result["objects"] = sync_namespace(params["secrets"], params["namespace"], params, module.check_mode)
    result["changed"] = is_change(changes)
    result["secrets"] = [{"name": c.name, "action": c.action, "source": c.source} for c in changes]
    if result["changed"] and module._diff:
        result["diff"] = describe(changes, where)
    return result


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "secrets": {"type": "dict", "required": True, "no_log": False},
            "directory": {"type": "path"},
            "namespace": {"type": "str"},
            **ARGUMENT_SPEC,
        },
        required_one_of=[("directory", "namespace")],
        mutually_exclusive=[("directory", "namespace")],
        supports_check_mode=True,
    )
    problems = source_problems(module.params["secrets"])
    if problems:
        module.fail_json(msg="\n".join(problems))
    try:
        module.exit_json(**run(module))
    except ImportError:
        module.fail_json(msg=missing_required_lib("cryptography"), exception=traceback.format_exc())
    except (SecretError, ClusterError) as problem:
        module.fail_json(msg=str(problem))
    except OSError as problem:
        module.fail_json(msg="secrets in %s: %s" % (problem.filename or module.params["directory"], problem.strerror))


if __name__ == "__main__":
    main()
