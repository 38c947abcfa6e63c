# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Reading of Tilt's answers, which are JSON.

Shapes: https://api.tilt.dev/
"""

from __future__ import annotations

import json
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.tilt.model import (
    RUNTIME,
    TILTFILE,
    UPDATE,
    Resource,
    Session,
    Target,
)

Document = Mapping[str, Any]

_KINDS = {"docker-compose": "compose", "k8s": "kubernetes", "local": "local"}
# Of the parts that Tilt names, those that run on after an update.
_RUNNING = ("runtime", "serve")
# Beginnings of the names of what builds log to: a build's steps, commands, image builds.
_BUILDS = ("build", "cmd", "cmdimage", "dockerimage")
# The cluster that objects go to, beside the engine that images are built with.
_CLUSTER = "default"


def listed(answer: Document) -> Optional[Session]:
    """The session from a list of objects of one Tilt; None while Tilt has not made it yet."""
    objects: Dict[str, List[Document]] = {}
    for item in answer.get("items") or []:
        objects.setdefault(item["kind"], []).append(item)
    found = next(iter(objects.get("Session", ())), None)
    main = next((item for item in objects.get("Tiltfile", ()) if item["metadata"]["name"] == TILTFILE), None)
    if found is None or main is None:
        return None
    return session(found, main["spec"].get("args") or (), objects.get("UIResource", ()), objects.get("Cluster", ()))


def watched(text: str) -> Optional[Document]:
    """The last whole one of many objects that were printed one after the other; each ends with its brace on a line."""
    whole, _unused, _unused = text.rpartition("\n}\n")
    if not whole:
        return None
    return dict(json.loads(whole.rpartition("\n}\n")[2] + "\n}\n"))


def session(
    found: Document, args: Iterable[str], resources: Iterable[Document], clusters: Iterable[Document]
) -> Session:
    """The session from its own object, those of the resources and those of the clusters."""
    spec, status = found["spec"], found.get("status") or {}
    targets = status.get("targets") or []
    return Session(
        pid=int(status.get("pid") or 0),
        tiltfile=spec["tiltfilePath"],
        args=tuple(args),
        mode="ci" if spec.get("exitCondition") == "ci" else "up",
        loaded=_loaded(targets),
        targets=tuple(target(item) for item in targets),
        resources=_resources(resources),
        done=bool(status.get("done")),
        cluster_error=_cluster_error(clusters),
    )


def _loaded(targets: Iterable[Document]) -> str:
    states = (item.get("state") or {} for item in targets if TILTFILE in (item.get("resources") or ()))
    return str((next(states, {}).get("terminated") or {}).get("startTime") or "")


def _cluster_error(documents: Iterable[Document]) -> str:
    found = (_status(item).get("error") or "" for item in documents if item["metadata"]["name"] == _CLUSTER)
    return next(found, "")


def target(document: Document) -> Target:
    """A part of a resource, by the rules of `tilt ci`."""
    state = document.get("state") or {}
    name, detail = _state(state)
    return Target(
        resource=next(iter(document.get("resources") or []), ""),
        part=RUNTIME if document["name"].rpartition(":")[2] in _RUNNING else UPDATE,
        state=name,
        detail=detail,
        ended=(state.get("terminated") or {}).get("finishTime") or None,
    )


def _state(state: Document) -> Tuple[str, str]:
    if state.get("terminated") is not None:
        ended = state["terminated"]
        if not ended.get("error"):
            return "fine", ""
        return ("retrying" if ended.get("graceStatus") == "Tolerated" else "failed"), ended["error"]
    if state.get("active") is not None:
        return ("fine" if state["active"].get("ready") else "active"), ""
    if state.get("waiting") is not None:
        return "waiting", state["waiting"].get("waitReason") or ""
    return "idle", ""


def _resources(documents: Iterable[Document]) -> Tuple[Resource, ...]:
    """Resources in the order of the Tiltfile, without itself."""
    ordered = sorted(documents, key=lambda item: (_status(item).get("order") or 0, item["metadata"]["name"]))
    return tuple(
        Resource(
            name=item["metadata"]["name"],
            kind=_kind(item),
            health=(_status(item).get("composeResourceInfo") or {}).get("healthStatus") or "",
        )
        for item in ordered
        if item["metadata"]["name"] != TILTFILE
    )


def _kind(document: Document) -> str:
    types = [item.get("type") for item in _status(document).get("specs") or []]
    return next((kind for name, kind in _KINDS.items() if name in types), "local")


def _status(document: Document) -> Document:
    found: Document = document.get("status") or {}
    return found


def log(view: Document, name: str, part: str) -> str:
    """What a resource has logged: its builds, or what it printed while it ran. view: of a snapshot."""
    entries = view.get("logList") or {}
    own = {key for key, item in (entries.get("spans") or {}).items() if (item or {}).get("manifestName") == name}
    builds = {key for key in own if key.partition(":")[0] in _BUILDS}
    wanted = builds if part == UPDATE else own - builds
    return "".join(item.get("text") or "" for item in entries.get("segments") or [] if item.get("spanId") in wanted)
