# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Why a container does not run or is not ready, from its status and its events. Pure.

Waiting reasons: pkg/kubelet/images/types.go, pkg/kubelet/kuberuntime/kuberuntime_container.go,
pkg/kubelet/container/sync_result.go.
"""

from __future__ import annotations

import re
from typing import Any, Dict, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.bounds import CAPACITY, HEALING, PULL
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.events import Event, latest
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.model import Cause
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.plain import dig, number, text
from ansible_collections.bunops.platform.plugins.module_utils.cluster.readiness.words import one_line

_PULL = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "ImageInspectError",
        "ErrImageNeverPull",
        "InvalidImageName",
        "RegistryUnavailable",
        "SignatureValidationFailed",
    }
)
_CREATE = frozenset({"CreateContainerError", "PreCreateHookError", "PreStartHookError", "PostStartHookError"})
# What a registry or the way to it may say once and not again.
_PASSING_PULL = re.compile(
    r"timeout|timed out|deadline exceeded|connection re(?:fused|set)|no such host|temporary failure|\bEOF\b|unavailable"
    r"|too ?many ?requests|\b429\b|QPS exceeded|unexpected status[^:]*: 5\d\d|\b50[0-4] |no route to host|canceled",
    re.IGNORECASE,
)
_PASSING_CREATE = re.compile(r"deadline exceeded|is reserved for|timed out", re.IGNORECASE)
# The kubelet's and containerd's own words around those of the registry.
_WRAPPING = re.compile(
    r"^Back-off pulling image \"[^\"]*\": |^(?:ErrImagePull|RegistryUnavailable|SignatureValidationFailed): "
    r"|^rpc error: code = \w+ desc = |^failed to (?:pull and unpack image|resolve reference) \"[^\"]*\": "
)
_PROBE_KILL = re.compile(r"failed (?P<probe>liveness|startup) probe")


def cause(pod: str, spec: Dict[str, Any], status: Dict[str, Any], events: Sequence[Event]) -> Optional[Cause]:
    """What keeps this container from being ready; None if nothing does, or nothing that its own status tells.

    pod: its name. spec, status: of the container. events: of the pod, oldest first.
    """
    name = text(status, "name")
    found = _waiting(spec, status, events)
    if found is None and dig(status, "state", "running") is not None and not status.get("ready"):
        found = _unready(status, events)
    if found is None and number(status, "state", "terminated", "exitCode"):
        found = _ended(spec, status, events)
    return found._replace(pod=pod, container=name) if found else None


def ended(pod: str, spec: Dict[str, Any], status: Dict[str, Any]) -> Optional[Cause]:
    """How a container that is not started again has failed; None if it has not."""
    end = dig(status, "state", "terminated")
    if not number(end, "exitCode"):
        return None
    word = text(end, "reason") or "Error"
    said = f"it ended with {_ending(spec, end)}"
    return Cause(word, said, pod=pod, container=text(status, "name"), log="current")


def _waiting(spec: Dict[str, Any], status: Dict[str, Any], events: Sequence[Event]) -> Optional[Cause]:
    reason, message = text(status, "state", "waiting", "reason"), text(status, "state", "waiting", "message")
    if reason in _PULL:
        return _pull(spec, status, reason, message, events)
    if reason == "CreateContainerConfigError":
        return Cause(reason, f"it cannot be configured: {one_line(message)}", _config_grace(message))
    if reason in _CREATE:
        grace = CAPACITY if _PASSING_CREATE.search(message) else PULL
        return Cause(reason, f"it cannot be created: {one_line(_unwrapped(message))}", grace)
    if reason == "RunContainerError":
        return _unstartable(message, status)
    if reason == "CrashLoopBackOff":
        return _crash_loop(spec, status, dig(status, "lastState", "terminated"), events)._replace(log="previous")
    return None


def _ended(spec: Dict[str, Any], status: Dict[str, Any], events: Sequence[Event]) -> Cause:
    """Between an end and the next start; for init containers that is what back-off looks like."""
    end = dig(status, "state", "terminated")
    if number(status, "restartCount"):
        return _crash_loop(spec, status, end, events)
    return Cause("Error", f"it ended with {_ending(spec, end)}", log="current")


def _pull(spec: Dict[str, Any], status: Dict[str, Any], reason: str, message: str, events: Sequence[Event]) -> Cause:
    said = _unwrapped(message)
    if said.startswith("Back-off pulling image"):
        # Kubelets before 1.32 do not repeat the error while they wait.
        event = latest(events, frozenset({"Failed"}), text(status, "name"))
        said = _unwrapped(event.message.partition(": ")[2]) if event else said
    passing = _PASSING_PULL.search(said) and reason not in ("InvalidImageName", "ErrImageNeverPull")
    image = text(spec, "image") or text(status, "image")
    if said.startswith(f"{image}: "):
        said = said[len(image) + 2 :]
    return Cause(
        "ErrImagePull" if reason == "ImagePullBackOff" else reason,
        f"image {image} cannot be pulled: {one_line(said)}",
        PULL if passing else 0.0,
        evidence=reason,
    )


def _config_grace(message: str) -> Optional[float]:
    """A Secret or ConfigMap may be about to come; the kubelet's own cache surely is (kubernetes pull 75260)."""
    if "failed to sync" in message:
        return None
    return HEALING if "not found" in message or "find key" in message else 0.0


def _unstartable(message: str, status: Dict[str, Any]) -> Cause:
    restarts = str(number(status, "restartCount"))
    return Cause("StartError", f"it cannot be started: {one_line(_unwrapped(message))}", PULL, evidence=restarts)


def _crash_loop(
    spec: Dict[str, Any], status: Dict[str, Any], end: Optional[Dict[str, Any]], events: Sequence[Event]
) -> Cause:
    if text(end, "reason") in ("StartError", "ContainerCannotRun"):
        return _unstartable(text(end, "message"), status)
    restarts = number(status, "restartCount")
    why = _probe_kill(text(status, "name"), events) or f"last {_ending(spec, end)}"
    return Cause(
        "OOMKilled" if text(end, "reason") == "OOMKilled" else "CrashLoopBackOff",
        f"it restarts in a loop ({restarts} {'restart' if restarts == 1 else 'restarts'}, {why})",
        0.0,
        log="current",
        restarts=restarts,
        evidence=str(restarts),
    )


def _probe_kill(name: str, events: Sequence[Event]) -> str:
    """Why the kubelet itself has ended the container, "" if it did not."""
    killing = latest(events, frozenset({"Killing"}), name)
    found = _PROBE_KILL.search(killing.message) if killing else None
    if not found:
        return ""
    return f"because its {_last_probe(name, events, found['probe']) or found['probe'] + ' probe fails'}"


def _last_probe(name: str, events: Sequence[Event], probe: str) -> str:
    """What the probe said when it failed last, "" if it is not known to have failed."""
    for event in reversed(events):
        if event.reason == "Unhealthy" and event.container == name and event.message.lower().startswith(probe):
            said = one_line(event.message.partition(": ")[2], 300)
            return f"{probe} probe fails" + (f": {said}" if said else "")
    return ""


def _unready(status: Dict[str, Any], events: Sequence[Event]) -> Cause:
    name = text(status, "name")
    probe = "readiness" if status.get("started") else "startup"
    restarts = number(status, "restartCount")
    failing = _last_probe(name, events, probe)
    told = f"its {failing}" if failing else f"it runs, but its {probe} probe has not passed"
    return Cause("Unhealthy", told + (f" ({restarts} restarts)" if restarts else ""), log="current")


def _ending(spec: Dict[str, Any], end: Optional[Dict[str, Any]]) -> str:
    code = number(end, "exitCode")
    if text(end, "reason") == "OOMKilled":
        limit = text(spec, "resources", "limits", "memory")
        return f"exit code {code}: its memory limit{f' of {limit}' if limit else ''} was reached (OOMKilled)"
    if text(end, "reason") in ("StartError", "ContainerCannotRun"):
        return f"exit code {code}: {one_line(_unwrapped(text(end, 'message')))}"
    return f"exit code {code}"


def _unwrapped(message: str) -> str:
    message = " ".join(message.split())
    while True:
        shorter = _WRAPPING.sub("", message)
        if shorter == message:
            return message
        message = shorter
