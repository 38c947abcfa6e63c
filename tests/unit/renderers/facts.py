# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a program gets, read from a Compose project and from objects of Kubernetes, in the same words.

The readers undo each target's own writing: `$$`, sizes with other units, lists instead of mappings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.bunops.platform.plugins.plugin_utils.model.quantities import Cpu, Duration, Memory
from ansible_collections.bunops.platform.tests.unit.renderers.network_reader import templates

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Check:
    """http: port and path; exec: the command. One of them is empty."""

    http: str
    exec: tuple[str, ...]
    interval: int
    timeout: int
    retries: int


@dataclass(frozen=True)
class Facts:
    """memory and the folders in memory in bytes, cpu in millicores."""

    user: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    port: int | None
    cpu: int
    memory: int
    folders: Mapping[str, int]
    secrets: frozenset[str]
    check: Check | None
    read_only: bool
    dropped: tuple[str, ...]
    privileges: bool
    profile: str
    data: str


def of_compose(project: Object) -> dict[str, Facts]:
    return {name: _of_container(container) for name, container in project["services"].items()}


def of_kubernetes(objects: Iterable[Object]) -> dict[str, Facts]:
    every = list(objects)
    maps = {(item["metadata"]["namespace"], item["metadata"]["name"]): item["data"] for item in every if "data" in item}
    return {
        name: _of_pod(template["spec"], {key[1]: data for key, data in maps.items() if key[0] == _namespace(item)})
        for name, (item, template) in templates(every).items()
    }


def stop_seconds_of_compose(project: Object, name: str) -> int:
    """Docker's own default is 10 s."""
    return Duration.parse(project["services"][name].get("stop_grace_period", "10s")).seconds


def _namespace(item: Object) -> str:
    return str(item["metadata"]["namespace"])


def _of_container(container: Object) -> Facts:
    options = container["security_opt"]
    ports = [port["target"] for port in container.get("ports", [])]
    volumes = [volume.split(":") for volume in container.get("volumes", []) if isinstance(volume, str)]
    return Facts(
        user=container["user"],
        command=tuple(_unescaped(word) for word in container.get("command", [])),
        environment={key: _value(key, text) for key, text in container.get("environment", {}).items()},
        port=ports[0] if ports else None,
        cpu=Cpu.parse(container["cpus"]).millicores,
        memory=_bytes(container["mem_limit"]),
        folders=_folders_of_container(container),
        secrets=frozenset(container.get("secrets", [])),
        check=_check_of_container(container.get("healthcheck")),
        read_only=container["read_only"],
        dropped=tuple(container["cap_drop"]),
        privileges="no-new-privileges:true" not in options,
        profile="".join(option.rpartition("/")[2] for option in options if option.startswith("seccomp:")),
        data="".join(volume[1] for volume in volumes if not volume[0].startswith("guard-")),
    )


def _folders_of_container(container: Object) -> dict[str, int]:
    folders = {}
    for mount in container["tmpfs"]:
        path, _, options = mount.partition(":")
        folders[path] = _bytes(re.findall(r"size=(\w+)", options)[0])
    # What is no more than a runtime gives anyway is not written down on Kubernetes.
    if container.get("shm_size", "64m") != "64m":
        folders["/dev/shm"] = _bytes(container["shm_size"])
    return folders


def _check_of_container(check: Object | None) -> Check | None:
    if check is None:
        return None
    words = tuple(_unescaped(word) for word in check["test"][1:])
    asked = re.match(r'fetch\(("http://127\.0\.0\.1:.*?")\s*,\{', words[-1])
    return Check(
        http=json.loads(asked[1]).removeprefix("http://127.0.0.1:") if asked else "",
        exec=() if asked else words,
        interval=Duration.parse(check["interval"]).seconds,
        timeout=Duration.parse(check["timeout"]).seconds,
        retries=check["retries"],
    )


def _of_pod(spec: Object, maps: Mapping[str, Mapping[str, str]]) -> Facts:
    (container,) = spec["containers"]
    identity, rights = spec["securityContext"], container["securityContext"]
    # Compose publishes no metrics either.
    ports = [port["containerPort"] for port in container.get("ports", []) if port["name"] != "metrics"]
    limits = container["resources"]["limits"]
    sources = {volume["name"]: volume for volume in spec["volumes"]}
    mounts = {mount["mountPath"]: sources.get(mount["name"], {}) for mount in container["volumeMounts"]}
    return Facts(
        user=f"{identity['runAsUser']}:{identity['runAsGroup']}",
        command=tuple(_expanded(word) for word in container.get("args", [])),
        environment=_environment_of_pod(container, maps),
        port=ports[0] if ports else None,
        cpu=Cpu.parse(limits["cpu"]).millicores,
        memory=_bytes(limits["memory"]),
        folders={path: _bytes(v["emptyDir"]["sizeLimit"]) for path, v in mounts.items() if "emptyDir" in v},
        secrets=_secret_files(mounts.get("/run/secrets", {})),
        check=_check_of_pod(container),
        read_only=rights["readOnlyRootFilesystem"],
        dropped=tuple(rights["capabilities"]["drop"]),
        privileges=rights["allowPrivilegeEscalation"],
        profile=identity["seccompProfile"].get("localhostProfile", "").rpartition("/")[2],
        data="".join(path for path, volume in mounts.items() if not volume),
    )


def _environment_of_pod(container: Object, maps: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    values: dict[str, str] = {}
    for source in container.get("envFrom", []):
        values.update(maps[source["configMapRef"]["name"]])
    return {**values, **{entry["name"]: _expanded(entry["value"]) for entry in container.get("env", [])}}


def _check_of_pod(container: Object) -> Check | None:
    """That of readiness, which the other two have to share."""
    if "readinessProbe" not in container:
        return None
    ready, *others = (container[f"{kind}Probe"] for kind in ("readiness", "liveness", "startup"))
    same = ("httpGet", "exec", "timeoutSeconds")
    assert all(other.get(key) == ready.get(key) for other in others for key in same)
    request = ready.get("httpGet")
    ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
    return Check(
        http=f"{ports[request['port']]}{request['path']}" if request else "",
        exec=() if request else tuple(_expanded(word) for word in ready["exec"]["command"]),
        interval=ready["periodSeconds"],
        timeout=ready["timeoutSeconds"],
        retries=ready["failureThreshold"],
    )


def _secret_files(volume: Object) -> frozenset[str]:
    sources: Sequence[Object] = volume.get("projected", {}).get("sources", [])
    return frozenset(item["path"] for source in sources for item in source.get("secret", {}).get("items", []))


def _value(key: str, text: str) -> str:
    """As Compose reads it while nothing overrides it."""
    prefix = f"${{{key}:-"
    return _unescaped(text[len(prefix) : -1] if text.startswith(prefix) else text)


def _unescaped(text: str) -> str:
    return text.replace("$$", "$")


def _expanded(text: str) -> str:
    """As a kubelet reads it: `$$` is a dollar, `$(NAME)` a variable, which nothing of ours shall be.

    https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
    """
    parts = text.split("$$")
    assert not any("$(" in part for part in parts), f"{text} is expanded"
    return "$".join(parts)


def _bytes(text: str) -> int:
    """Docker's `m` and `b`, or an amount as Kubernetes writes it."""
    docker = re.fullmatch(r"(\d+)([mb])", text)
    if docker:
        return int(docker[1]) * (2**20 if docker[2] == "m" else 1)
    return Memory.parse(text).bytes
