# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is there of a Tiltfile that `tilt down` would remove: containers, networks, objects of a cluster.

Which ones they are, the Tiltfile says; whether they are there, the engine and the API server.
"""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils import runner
from ansible_collections.bunops.platform.plugins.module_utils.cluster.client import Client, Limits
from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError, ClusterError, UnknownKind
from ansible_collections.bunops.platform.plugins.module_utils.tilt import client, report
from ansible_collections.bunops.platform.plugins.module_utils.tilt.model import Leftovers, TiltError
from ansible_collections.bunops.platform.plugins.module_utils.tilt.observe import parsed

_PROJECT_LABEL = "com.docker.compose.project"
# Tilt keeps objects with this annotation, and namespaces: https://docs.tilt.dev/cli/tilt_down.html
_KEPT = ("tilt.dev/down-policy", "keep")
_ENGINE_LIMIT = 60.0
_LIMITS = Limits(patience=5.0)

Document = Mapping[str, Any]


class Made(NamedTuple):
    """What a Tiltfile makes. projects: of Compose. manifests: YAML for a cluster. commands: it deletes by some."""

    projects: Tuple[str, ...] = ()
    manifests: Tuple[str, ...] = ()
    commands: bool = False


def leftovers(tiltfile: str, args: Sequence[str], env: Mapping[str, str], limit: float, context: str = "") -> Leftovers:
    """What there is of the Tiltfile. Raises TiltError, runner.RunnerError."""
    argv = client.result_args(tiltfile, args, context)
    done = runner.run(argv, env=env, timeout=limit, cwd=os.path.dirname(tiltfile))
    if done.rc != 0:
        raise TiltError(f"Tilt cannot use {tiltfile}: {report.clean(done.stderr)}")
    what = made(parsed(done.stdout, argv))
    found = [word for project in what.projects for word in _of_project(project, env)]
    if not what.manifests:
        return Leftovers(tuple(found), not what.commands)
    try:
        import yaml
    except ImportError:
        return Leftovers(tuple(found), False)
    bodies = [body for text in what.manifests for body in yaml.safe_load_all(text) if body]
    return Leftovers((*found, *_of_cluster(removable(bodies), context)), not what.commands)


def made(result: Document) -> Made:
    """What the enabled resources of a Tiltfile make. result: its evaluation, as Tilt prints it."""
    enabled = set(result.get("EnabledManifests") or ())
    targets = [item["DeployTarget"] or {} for item in result.get("Manifests") or [] if item["Name"] in enabled]
    projects = [target["Spec"]["project"]["name"] for target in targets if "project" in (target.get("Spec") or {})]
    return Made(
        tuple(dict.fromkeys(projects)),
        tuple(target["yaml"] for target in targets if target.get("yaml") and not target.get("deleteCmd")),
        any(target.get("deleteCmd") for target in targets),
    )


def removable(bodies: Iterable[Document]) -> List[Document]:
    """Those of a cluster's objects that `tilt down` removes."""
    key, value = _KEPT
    return [
        body
        for body in bodies
        if body["kind"] != "Namespace" and (body["metadata"].get("annotations") or {}).get(key) != value
    ]


def _of_project(project: str, env: Mapping[str, str]) -> List[str]:
    """Containers and networks of a Compose project, counted."""
    label = f"label={_PROJECT_LABEL}={project}"
    found = []
    for what, argv in (
        ("container", ["docker", "ps", "--all", "--quiet", "--filter", label]),
        ("network", ["docker", "network", "ls", "--quiet", "--filter", label]),
    ):
        done = runner.run(argv, env=env, timeout=_ENGINE_LIMIT)
        if done.rc != 0:
            raise TiltError(f"'{' '.join(argv[:2])}' has failed: {report.clean(done.stderr)}")
        count = len(done.stdout.split())
        if count:
            found.append(f"{count} {what}{'' if count == 1 else 's'} of the Compose project {project}")
    return found


def _of_cluster(bodies: Sequence[Document], context: str) -> List[str]:
    """Those of the objects that the cluster has."""
    try:
        with Client.connect(Options(context=context or None), _LIMITS) as api:
            return [_name(body) for body in bodies if _is_there(api, body)]
    except ClusterError as error:
        raise TiltError(str(error)) from error


def _is_there(api: Client, body: Document) -> bool:
    metadata: Dict[str, Any] = body["metadata"]
    try:
        space = metadata.get("namespace") or api.namespace
        return api.get(body["apiVersion"], body["kind"], space, metadata["name"]) is not None
    except UnknownKind:
        return False
    except ApiError as error:
        if error.status == 404:
            return False
        raise


def _name(body: Document) -> str:
    return f"{body['kind']} {body['metadata']['name']}"
