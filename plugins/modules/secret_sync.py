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
  - Reads or makes each secret of a set and keeps it in every target. Files for Compose, a dotenv file, immutable and
    versioned Secret objects in a Kubernetes namespace, or objects by which External Secrets Operator fetches it.
  - Values are resolved inside the module. They appear in no argument, log, result or diff; names and versions do.
  - Everything is read and checked before anything is changed. All problems are told at once.
  - What a set no longer has is removed from its targets; what others put there is left alone.
  - A run that is killed leaves every target with the old secrets or the new ones, and the next run finishes it.
  - Versions of Secret objects are told apart by a keyed hash in their names. The key is made once, in
    C($XDG_STATE_HOME/bunops/secrets.key) (C(~/.local/state/bunops)).
extends_documentation_fragment:
  - bunops.platform.attributes
  - bunops.platform.kubernetes
options:
  name:
    description:
      - Name of the set. It marks what belongs to the set in every target.
      - Lower-case letters, digits and dashes, 40 at most.
    type: str
    required: true
  secrets:
    description:
      - The secrets of the set. The filter P(bunops.platform.secret_plan#filter) makes this list from a catalog.
      - Not needed with O(state=absent).
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the secret, such as V(REDIS_PASSWORD).
        type: str
        required: true
      source:
        description:
          - Where the value comes from; exactly one kind. Without any, O(secrets[].template) makes it from others.
          - Sources are read in parallel, and what several secrets share (a file, a path of a vault) is read once.
        type: dict
        suboptions:
          generate:
            description: Make a value once, and keep it where the targets have it.
            type: dict
            suboptions:
              length:
                description: Number of characters, by default 32.
                type: int
              alphabet:
                description: Characters to choose from, by default letters and digits.
                type: str
              jwt:
                description:
                  - A token signed with a key that is thrown away, and its public key in PEM as C(NAME.pub).
                type: str
                choices: [ed25519]
              certificate:
                description:
                  - A private key, with the certificate of its public half in C(NAME.crt), and in C(NAME.ca) that of the
                    authority that signed it, whose own key is thrown away. All in PEM.
                  - They are made anew when the hosts change, and 30 days before their end.
                type: dict
                suboptions:
                  hosts:
                    description: Names and addresses that it is for; one at the least.
                    type: list
                    elements: str
                    required: true
          env:
            description: Name of an environment variable on the machine that the module runs on.
            type: str
          file:
            description:
              - Path of a file on the machine that the module runs on.
              - The line end after a single line is dropped; several lines stay as they are.
            type: path
          dotenv:
            description: A variable of a dotenv file. Nothing is interpolated.
            type: dict
            suboptions:
              path:
                description: The file.
                type: path
                required: true
              key:
                description: The variable; by default the secret's name.
                type: str
          sops:
            description: A value of a file encrypted by SOPS, read with the program C(sops).
            type: dict
            suboptions:
              path:
                description: The file.
                type: path
                required: true
              key:
                description:
                  - Where the value is in the document, as a list of keys and indexes, or one key.
                  - By default the value is the whole file, as O(secrets[].source.file) reads one.
                type: raw
              age_key_file:
                description: File with the age identity; by default what C(sops) finds itself.
                type: path
          vault:
            description: A value of a secret in HashiCorp Vault or OpenBao, of a key/value engine of version 2.
            type: dict
            suboptions:
              url:
                description: Address of the server; by default E(VAULT_ADDR), else E(BAO_ADDR).
                type: str
              mount:
                description: Where the engine is mounted.
                type: str
                default: secret
              path:
                description: Path of the secret in the engine.
                type: str
                required: true
              key:
                description: Its key; by default the secret's name.
                type: str
              version:
                description: A version of it; by default the newest.
                type: int
              namespace:
                description: Namespace of the server; by default E(VAULT_NAMESPACE), else E(BAO_NAMESPACE).
                type: str
              ca_cert:
                description:
                  - Path of the certificates (PEM) by which the server is trusted; by default E(VAULT_CACERT), else
                    E(BAO_CACERT).
                type: path
              validate_certs:
                description: Whether the server's certificate is checked.
                type: bool
                default: true
              auth:
                description: How to log in, one way; by default the token in E(VAULT_TOKEN), else E(BAO_TOKEN).
                type: dict
                suboptions:
                  token:
                    description: A token.
                    type: str
                  token_file:
                    description: Path of a file that holds a token.
                    type: path
                  approle:
                    description: The AppRole method.
                    type: dict
                    suboptions:
                      role_id:
                        description: The role.
                        type: str
                        required: true
                      secret_id:
                        description: Its secret, where the method wants one.
                        type: str
                      secret_id_file:
                        description: Path of a file that holds its secret, instead.
                        type: path
                      mount:
                        description: Where the method is mounted.
                        type: str
                        default: approle
                  kubernetes:
                    description: The Kubernetes method, with the token of a service account.
                    type: dict
                    suboptions:
                      role:
                        description: The role.
                        type: str
                        required: true
                      jwt_file:
                        description: Path of the token.
                        type: path
                        default: /var/run/secrets/kubernetes.io/serviceaccount/token
                      mount:
                        description: Where the method is mounted.
                        type: str
                        default: kubernetes
          kubernetes:
            description: A key of a Secret in the cluster.
            type: dict
            suboptions:
              namespace:
                description: Its namespace.
                type: str
                required: true
              name:
                description: Its name.
                type: str
                required: true
              key:
                description: The key; by default the secret's name.
                type: str
          compose:
            description: What a Compose file says its secret holds, by a file or a variable.
            type: dict
            suboptions:
              path:
                description: The Compose file.
                type: path
                required: true
              secret:
                description: Name of the secret in it; by default the secret's name.
                type: str
          command:
            description: What a program prints, without the line end after a single line. It may take 60 seconds.
            type: dict
            suboptions:
              argv:
                description: The program and its arguments; no shell reads them.
                type: list
                elements: str
                required: true
      template:
        description:
          - Text that becomes the value. C(${value}) is what the source gave, C(${NAME}) another secret's value.
          - Filters are C(base64), C(urlencode), C(sha256) and C(json), as in C(${value|urlencode}). C($$) is a dollar.
        type: str
      validate:
        description: What a value has to be like; one that is not refuses the run, and is not shown.
        type: dict
        suboptions:
          min_length:
            description: Bytes at least.
            type: int
          pattern:
            description: Regular expression (Python) that the whole value matches.
            type: str
          format:
            description: Format of the value.
            type: str
            choices: [pem, url, base64, json]
      optional:
        description: A missing or empty value is no error; the secret is then empty.
        type: bool
        default: false
      grace:
        description:
          - With V(both) the former value stays beside a new one, as C(NAME.previous), until the next change.
        type: str
        choices: [none, both]
        default: none
      derived:
        description:
          - More files made from the value. V(acl) gives C(NAME.acl), an ACL file for Redis 7 that holds hashes only.
            Its user C(default) has this password and works with data and scripts, without administration; C(health)
            may C(PING). If the set has a secret C(..._OBSERVER_PASSWORD) (V(REDIS_OBSERVER_PASSWORD) beside
            V(REDIS_PASSWORD)), its user C(observer) has that, and reads what it takes to measure queues.
            With a secret C(..._BACKUP_PASSWORD), its user C(backup) may have a snapshot of everything.
          - V(jwks) gives C(NAME.jwks), a JSON Web Key Set with the public key of RSA that the value is in PEM, for
            signatures by RS256. Of an empty value it has no key.
          - V(jwt_public) stands for the public key of a token, which comes with it in any case.
        type: list
        elements: str
        choices: [acl, jwks, jwt_public]
        default: []
  targets:
    description: Where the secrets are kept; exactly one kind each.
    type: list
    elements: dict
    required: true
    suboptions:
      directory:
        description:
          - A directory with a file a secret, closed to everybody but its owner. All files change at once.
        type: dict
        suboptions:
          path:
            description: The directory.
            type: path
            required: true
          owner:
            description: Name or number of the user who owns the files; needs root.
            type: str
          group:
            description: Name or number of their group; needs root.
            type: str
          mode:
            description: Mode of the files, in octal.
            type: str
            default: "0400"
          tmpfs:
            description: The directory has to lie in memory. As root the module mounts a tmpfs where it does not.
            type: bool
            default: false
      dotenv:
        description:
          - One file of variables that Docker Compose, Bun and a shell read alike. C(NAME.acl) becomes C(NAME_ACL).
          - It keeps no former versions.
        type: dict
        suboptions:
          path:
            description: The file.
            type: path
            required: true
          owner:
            description: Name or number of the user who owns it; needs root.
            type: str
          group:
            description: Name or number of its group; needs root.
            type: str
          mode:
            description: Its mode, in octal.
            type: str
            default: "0400"
      kubernetes:
        description: Immutable Secret objects, one a version. What uses a secret names the version.
        type: dict
        suboptions:
          namespace:
            description: Their namespace; it has to be there.
            type: str
            required: true
      external_secrets:
        description:
          - Objects for External Secrets Operator, which then fetches the values itself; none passes through the module.
          - For secrets whose source is O(secrets[].source.vault).
        type: dict
        suboptions:
          namespace:
            description: Their namespace; it has to be there.
            type: str
            required: true
          refresh_interval:
            description: How often the operator looks for new values, as V(30m).
            type: str
            default: 1h
          wait:
            description: Wait until the operator has fetched what changed, O(wait_timeout) seconds at most.
            type: bool
            default: true
          store:
            description: Where the operator fetches from.
            type: dict
            required: true
            suboptions:
              vault:
                description: HashiCorp Vault or OpenBao, a key/value engine of version 2.
                type: dict
                required: true
                suboptions:
                  url:
                    description: Address of the server, as pods reach it.
                    type: str
                    required: true
                  mount:
                    description: Where the engine is mounted.
                    type: str
                    default: secret
                  namespace:
                    description: Namespace of the server.
                    type: str
                  ca_cert:
                    description: Path of the certificates (PEM) by which the server is trusted.
                    type: path
                  auth:
                    description: How the operator logs in; exactly one way.
                    type: dict
                    required: true
                    suboptions:
                      token_secret_ref:
                        description: A key of a Secret that holds a token.
                        type: dict
                        suboptions: &key_of_secret
                          name:
                            description: Name of the Secret.
                            type: str
                            required: true
                          key:
                            description: The key.
                            type: str
                            required: true
                      approle:
                        description: The AppRole method.
                        type: dict
                        suboptions:
                          role_id:
                            description: The role.
                            type: str
                            required: true
                          secret_ref:
                            description: A key of a Secret that holds the role's secret.
                            type: dict
                            required: true
                            suboptions: *key_of_secret
                          mount:
                            description: Where the method is mounted.
                            type: str
                            default: approle
                      kubernetes:
                        description: The Kubernetes method.
                        type: dict
                        suboptions:
                          role:
                            description: The role.
                            type: str
                            required: true
                          service_account:
                            description: The service account whose token is used.
                            type: str
                            required: true
                          mount:
                            description: Where the method is mounted.
                            type: str
                            default: kubernetes
  state:
    description:
      - V(present) keeps the targets in step. V(absent) removes the whole set from them.
      - V(previous) brings the versions before the newest ones back, of those O(secrets) that are named.
    type: str
    choices: [present, absent, previous]
    default: present
  rotate:
    description:
      - Names of generated secrets that get a new value in this run. Each such run is a change.
    type: list
    elements: str
    default: []
  keep:
    description:
      - Versions of each secret that are kept, the newest counted. Older ones go when nothing refers to them any more.
    type: int
    default: 2
  roll:
    description:
      - Roll exactly what uses an older version of a secret, once for many changes, and wait until it is healthy.
        These are containers that mount its file, and Deployments, StatefulSets and DaemonSets that name its object.
      - If they do not become healthy, the former versions are brought back and the run fails.
    type: bool
    default: false
  wait_timeout:
    description: Seconds to wait for what is rolled.
    type: int
    default: 300
requirements:
  - cryptography, for tokens and certificates
  - docker (Python), to roll containers
  - sops, for sources of that kind
  - Docker Compose, for sources of that kind; no engine has to run
author:
  - bunops contributors (@bunops)
seealso:
  - plugin: bunops.platform.secret_plan
    plugin_type: filter
    description: Makes O(secrets) from a catalog.
  - plugin: bunops.platform.secret_sync_role
    plugin_type: filter
    description: The least rights that the module needs in a namespace.
"""

EXAMPLES = r"""
- name: Keep the secrets of the platform as files
  bunops.platform.secret_sync:
    name: atlas
    secrets: "{{ platform | bunops.platform.secret_plan(project_dir=project_dir) }}"
    targets:
      - directory: {path: /srv/atlas/secrets}

- name: Bring a vault's values to a cluster and roll what uses them
  bunops.platform.secret_sync:
    name: shop
    secrets:
      - name: DB_PASSWORD
        source:
          vault: {url: "https://vault.example.com", path: shop/db, key: password}
        validate: {min_length: 16}
      - name: DB_URL
        template: postgres://shop:${DB_PASSWORD|urlencode}@db/shop
    targets:
      - kubernetes: {namespace: shop}
    context: shop-prod
    roll: true

- name: Make a new value for a generated secret
  bunops.platform.secret_sync:
    name: shop
    secrets:
      - name: SESSION_KEY
        source:
          generate: {length: 64}
        grace: both
    rotate: [SESSION_KEY]
    targets:
      - dotenv: {path: /srv/shop/.env.secrets, owner: shop}
"""

RETURN = r"""
secrets:
  description: What happened to each secret. Never a value.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the secret.
      type: str
      sample: REDIS_PASSWORD
    source:
      description: Kind of its source, or V(template); empty for one that left the set.
      type: str
      sample: generate
    action:
      description: One of V(added), V(changed), V(removed), V(unchanged), over all targets.
      type: str
      sample: unchanged
    targets:
      description: The same for each target, with the number of the version and its age in seconds where it is known.
      type: list
      elements: dict
      sample: [{target: namespace atlas, action: unchanged, version: 3, age: 86400}]
empty:
  description: Names of the secrets whose value is empty, as it may be of those with O(secrets[].optional=true).
  returned: success
  type: list
  elements: str
  sample: [OPENAI_API_KEY]
objects:
  description:
    - The Secret object of each secret, by the secret's name, with its C(name) and C(keys), which are file names.
    - Where C(jwks) is derived, C(jwks) is that set of public keys.
    - In check mode an object whose value is still to be generated does not have its later name yet.
  returned: with a target in a cluster
  type: dict
  sample: {REDIS_PASSWORD: {name: redis-password-5b0e1f29a1, keys: [REDIS_PASSWORD, REDIS_PASSWORD.acl]}}
rolled:
  description: What was rolled, or would be.
  returned: success
  type: list
  elements: str
  sample: [Deployment atlas/api]
collected:
  description: Old versions that were removed, or would be.
  returned: success
  type: list
  elements: str
  sample: [redis-password-0a1b2c3d4e]
"""

import os
import time
import traceback
from contextlib import ExitStack
from functools import lru_cache
from typing import Any, Dict, List

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import ARGUMENT_SPEC, options_of
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.secrets import key, report, run, spec
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.lock import one_at_a_time
from ansible_collections.bunops.platform.plugins.module_utils.secrets.plan import Change, Plan
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Source
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Surroundings as Readable
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.registry import source_of
from ansible_collections.bunops.platform.plugins.module_utils.secrets.spec import Secret
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets import registry
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.kubernetes import described
from ansible_collections.bunops.platform.plugins.module_utils.secrets.targets.registry import Surroundings, Targets
from ansible_collections.bunops.platform.plugins.module_utils.state_directory import state_directory

ARGUMENTS: Dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "secrets": {"type": "list", "elements": "dict", "default": [], "options": spec.ARGUMENT_SPEC, "no_log": False},
    "targets": registry.ARGUMENT_SPEC,
    "state": {"type": "str", "choices": ["present", "absent", "previous"], "default": "present"},
    "rotate": {"type": "list", "elements": "str", "default": []},
    "keep": {"type": "int", "default": 2},
    "roll": {"type": "bool", "default": False},
    "wait_timeout": {"type": "int", "default": 300},
    **ARGUMENT_SPEC,
}


def option_problems(params: Dict[str, Any], secrets: List[Secret], targets: Targets) -> List[str]:
    """What is wrong with the options, before anything is read."""
    # Where values are not asked for, it does not matter where they come from.
    wanted = secrets if params["state"] == "present" else []
    found = [*spec.problems(params["name"], wanted), *registry.problems(targets)]
    generated = {secret.name for secret in secrets if secret.kind == "generate"}
    found += [
        "rotate: %s is not a generated secret of this set; expected one, others change at their source" % name
        for name in params["rotate"]
        if name not in generated
    ]
    if params["keep"] < 1:
        found.append("keep: %d; expected 1 or more, since the newest version counts" % params["keep"])
    if params["state"] == "previous":
        found += ["state: previous, but %s keeps no former versions" % each.title for each in targets.external]
    elif params["state"] == "present":
        found += [problem for each in targets.external for problem in each.problems(secrets)]
    return found


def value_plans(params: Dict[str, Any], secrets: List[Secret], targets: Targets, settings: run.Settings) -> List[Plan]:
    """What happens in the targets that hold values. Raises SecretError, ClusterError, OSError, ImportError."""
    if not targets.values:
        return []
    if params["state"] == "absent":
        return run.plan_absent(targets.values)
    if params["state"] == "previous":
        return run.plan_previous(secrets, targets.values)
    return run.plan_present(secrets, sources_of(secrets, params), targets.values, settings)


def sources_of(secrets: List[Secret], params: Dict[str, Any]) -> Dict[str, Source]:
    """Those that are read, by secret."""
    around = Readable(os.environ, options_of(params))
    wanted = [secret for secret in secrets if secret.kind not in ("", "generate")]
    return {secret.name: source_of(secret.name, secret.source, around) for secret in wanted}


def act(params: Dict[str, Any], plans: List[Plan], targets: Targets, settings: run.Settings) -> run.Outcome:
    """Do what was planned. Raises SecretError, ClusterError, OSError."""
    outcome = run.remove(plans) if params["state"] == "absent" else run.execute(plans, settings)
    for each in targets.external:
        each.apply(params["wait_timeout"])
    return outcome


def sync(params: Dict[str, Any], targets: Targets, secrets: List[Secret], check: bool) -> Dict[str, Any]:
    """The module's result. Raises SecretError, ClusterError, OSError, ImportError."""
    settings = run.Settings(frozenset(params["rotate"]), params["keep"], params["roll"], params["wait_timeout"])
    wanted = [] if params["state"] == "absent" else secrets
    plans = value_plans(params, secrets, targets, settings)
    changes = [each.change for each in plans]
    changes += [Change(each.title, each.plan(wanted), {}, {}) for each in targets.external]
    outcome = run.foresee(plans, settings) if check else act(params, plans, targets, settings)
    result: Dict[str, Any] = {
        "changed": bool(outcome.rolled or outcome.collected) or any(each.is_change() for each in changes),
        "secrets": report.described(changes, secrets, time.time()),
        "empty": report.empty(changes),
        "rolled": outcome.rolled,
        "collected": outcome.collected,
        "diff": report.differences(changes),
    }
    objects = {name: each for target in targets.external for name, each in target.objects(wanted).items()}
    for plan in plans:
        if plan.target.kind == "kubernetes":
            objects.update(described(plan.change.after))
    return {**result, "objects": objects} if objects else result


def run_module(module: AnsibleModule) -> Dict[str, Any]:
    """Raises SecretError, ClusterError, OSError, ImportError."""
    params, folder = module.params, state_directory(os.environ)
    secrets = spec.secrets_of(params["secrets"])
    with ExitStack() as stack:

        @lru_cache(maxsize=None)
        def client() -> Client:
            return stack.enter_context(Client.connect(options_of(params)))

        def installation_key() -> bytes:
            return key.installation_key("%s/secrets.key" % folder, keep=not module.check_mode)

        names = [secret.name for secret in secrets]
        targets = registry.targets_of(params["name"], params["targets"], names, Surroundings(client, installation_key))
        problems = option_problems(params, secrets, targets)
        if problems:
            raise SecretError("\n".join(problems))
        if not module.check_mode:
            stack.enter_context(one_at_a_time(folder, params["name"]))
        return sync(params, targets, secrets, module.check_mode)


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        result = run_module(module)
    except ImportError:
        module.fail_json(msg=missing_required_lib("cryptography"), exception=traceback.format_exc())
    except (SecretError, ClusterError) as problem:
        module.fail_json(msg=str(problem))
    except OSError as problem:
        module.fail_json(msg="%s: %s" % (problem.filename or "secret_sync", problem.strerror))
    if not module._diff:
        del result["diff"]
    module.exit_json(**result)


if __name__ == "__main__":
    main()
