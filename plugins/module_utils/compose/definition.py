# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""From the JSON of `docker compose config` to a typed project, and back to the definition that is applied.

Source for the shapes: the Compose Specification (https://github.com/compose-spec/compose-spec).
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.compose.model import (
    DEFINITION_LABEL,
    Container,
    Dependency,
    Network,
    Port,
    Project,
    Service,
    Settings,
    Volume,
)
from ansible_collections.bunops.platform.plugins.module_utils.secrecy import (
    conceal,
    conceal_environment,
    digest,
    secret_lines,
)

# Settings that make no difference to a container; the same set that Compose leaves out of its hash
# (https://github.com/docker/compose/blob/main/pkg/compose/hash.go).
_WITHOUT_EFFECT = ("build", "pull_policy", "scale", "depends_on", "profiles", "develop")
_ALWAYS_RESTARTED = ("always", "unless-stopped")
# Gives the content of a config or secret from its definition, None when it cannot be known.
ContentOf = Callable[[Settings], Optional[str]]


def parse_project(document: Settings, content_of: ContentOf) -> Project:
    """The typed project of a resolved definition (the output of `docker compose config --format json`)."""
    name = str(document["name"])
    services = _mapping(document.get("services"))
    completed = {
        dependency
        for service in services.values()
        for dependency, terms in _mapping(service.get("depends_on")).items()
        if terms.get("condition") == "service_completed_successfully"
    }
    texts = _contents(document, content_of)
    contents = {key: digest(text, name, key, kind="content") for key, text in texts.items()}
    return Project(
        name=name,
        services={
            key: _service(name, key, _unescape(service), key in completed, contents)
            for key, service in sorted(services.items())
        },
        networks={
            key: Network(
                key,
                str(_mapping(item).get("name", key)),
                bool(_mapping(item).get("external")),
                _unescape(_mapping(item)),
            )
            for key, item in sorted(_mapping(document.get("networks")).items())
        },
        volumes={
            key: Volume(
                key,
                str(_mapping(item).get("name", key)),
                bool(_mapping(item).get("external")),
                _unescape(_mapping(item)),
            )
            for key, item in sorted(_mapping(document.get("volumes")).items())
        },
        document=document,
        secrets=tuple(line for key, text in texts.items() if key.startswith("secrets.") for line in secret_lines(text)),
    )


def document_to_apply(project: Project, unlabelled: Iterable[str] = (), keep_volumes: Iterable[str] = ()) -> Settings:
    """The definition to hand to Compose: resolved, with our label on every service.

    unlabelled: services to leave as they are (made by another hand, unchanged). keep_volumes: keys of volumes
    that exist; as external ones Compose uses them and never offers to make them anew.
    """
    services = {}
    for name, service in _mapping(project.document.get("services")).items():
        changed = {key: value for key, value in service.items() if key != "profiles"}
        if project.services[name].pull_policy in ("build", "always", "daily", "weekly"):
            # Fetching is a step of its own, before the plan is made.
            changed["pull_policy"] = "missing"
        if name not in unlabelled:
            changed["labels"] = {
                **_mapping(service.get("labels")),
                DEFINITION_LABEL: project.services[name].definition.replace("$", "$$"),
            }
        services[name] = changed
    volumes = {
        key: {"name": project.volumes[key].name, "external": True} if key in set(keep_volumes) else value
        for key, value in _mapping(project.document.get("volumes")).items()
    }
    return {**project.document, "services": services, **({"volumes": volumes} if volumes else {})}


def document_to_hash(project: Project, containers: Mapping[str, Container]) -> Settings:
    """The definition whose `config --hash` equals what Compose wrote on containers made from it by hand.

    containers: first container per service; Compose hashes references to services as container ids.
    """
    services = {}
    for name, service in _mapping(project.document.get("services")).items():
        changed = dict(service)
        for key in ("network_mode", "ipc", "pid"):
            target = _referred(str(service.get(key, "")))
            if target in containers:
                changed[key] = f"container:{containers[target].id}"
        services[name] = changed
    return {**project.document, "services": services}


def environment_names(document: Settings) -> List[str]:
    """Environment variables that configs and secrets take their content from, sorted."""
    found = {
        str(item["environment"])
        for kind in ("configs", "secrets")
        for item in _mapping(document.get(kind)).values()
        if _mapping(item).get("environment")
    }
    return sorted(found)


def settings_of(service: Settings, project: str, name: str, contents: Mapping[str, str]) -> Settings:
    """Canonical settings of a service: no empty values, secrets as digests, contents of its files as digests."""
    kept = {key: value for key, value in service.items() if key not in _WITHOUT_EFFECT}
    kept = {key: value for key, value in ((key, _pruned(value)) for key, value in kept.items()) if value is not None}
    if "networks" in service:
        kept["networks"] = {key: _pruned(value) or {} for key, value in _mapping(service["networks"]).items()}
    if isinstance(kept.get("deploy"), dict):
        kept["deploy"] = {key: value for key, value in kept["deploy"].items() if key != "replicas"}
    labels = kept.get("labels")
    if isinstance(labels, dict):
        kept["labels"] = {key: value for key, value in labels.items() if key != DEFINITION_LABEL}
    for kind in ("configs", "secrets"):
        if kept.get(kind):
            kept[kind] = _with_contents(kind, kept[kind], contents)
    environment = kept.pop("environment", None)
    concealed: Settings = conceal(kept, project, name)
    if environment:
        concealed["environment"] = conceal_environment(environment, project, name)
    return {key: value for key, value in concealed.items() if value not in ({}, None)}


def _service(project: str, name: str, service: Settings, completed: bool, contents: Mapping[str, str]) -> Service:
    restart = _restart_policy(service)
    ports = _ports(service.get("ports") or [])
    health = _mapping(service.get("healthcheck"))
    checked = bool(health) and not health.get("disable")
    return Service(
        name=name,
        image=str(service.get("image") or f"{project}-{name}"),
        scale=_scale(service),
        settings=settings_of(service, project, name, contents),
        depends_on={
            key: Dependency(str(terms.get("condition", "service_started")), bool(terms.get("restart")))
            for key, terms in sorted(_mapping(service.get("depends_on")).items())
        },
        references=_references(service),
        networks=tuple(sorted(_mapping(service.get("networks")))),
        volumes=tuple(
            sorted(
                {
                    str(item["source"])
                    for item in service.get("volumes") or []
                    if item.get("type") == "volume" and item.get("source")
                }
            )
        ),
        ports=ports,
        restart=restart,
        long_running=not completed and (restart in _ALWAYS_RESTARTED or checked or bool(ports)),
        pull_policy=str(service.get("pull_policy") or "missing"),
        built="build" in service,
        container_name=service.get("container_name"),
    )


def _scale(service: Settings) -> int:
    replicas = _mapping(service.get("deploy")).get("replicas")
    scale = service.get("scale", replicas)
    return 1 if scale is None else int(scale)


def _restart_policy(service: Settings) -> str:
    policy = service.get("restart")
    if policy:
        return str(policy).split(":")[0]
    condition = _mapping(_mapping(service.get("deploy")).get("restart_policy")).get("condition")
    return {"any": "unless-stopped", "on-failure": "on-failure"}.get(str(condition), "no")


def _references(service: Settings) -> Dict[str, str]:
    found = {}
    for key in ("network_mode", "ipc", "pid"):
        target = _referred(str(service.get(key, "")))
        if target:
            found[target] = key
    for item in service.get("volumes_from") or []:
        if not str(item).startswith("container:"):
            found.setdefault(str(item).split(":")[0], "volumes_from")
    return found


def _referred(mode: str) -> str:
    prefix, _, target = mode.partition(":")
    return target if prefix == "service" else ""


def _ports(entries: Iterable[Settings]) -> Tuple[Port, ...]:
    """Ports with one fixed host port; ranges and free choice are left to the engine."""
    return tuple(
        Port(
            str(entry.get("host_ip") or ""),
            int(entry["published"]),
            int(entry["target"]),
            str(entry.get("protocol") or "tcp"),
        )
        for entry in entries
        if str(entry.get("published") or "").isdigit() and int(entry["published"]) > 0
    )


def _contents(document: Settings, content_of: ContentOf) -> Dict[str, str]:
    """What configs and secrets hold, by `configs.KEY` and `secrets.KEY`, as far as it can be known."""
    found = {}
    for kind in ("configs", "secrets"):
        for key, item in _mapping(document.get(kind)).items():
            content = content_of(_unescape(_mapping(item)))
            if content is not None:
                found[f"{kind}.{key}"] = content
    return found


def _with_contents(kind: str, entries: List[Settings], contents: Mapping[str, str]) -> Settings:
    """Mounted configs or secrets by source instead of as a list, so that a change names the one concerned."""
    result: Settings = {}
    for entry in entries:
        source = str(entry.get("source"))
        key = source if source not in result else f"{source} at {entry.get('target')}"
        result[key] = {name: value for name, value in entry.items() if name != "source"}
        if f"{kind}.{source}" in contents:
            result[key]["content"] = contents[f"{kind}.{source}"]
    return result


def _pruned(value: Any) -> Any:
    """Without empty mappings and nulls, which differ between versions of Compose but mean nothing."""
    if isinstance(value, Mapping):
        pruned = {str(key): _pruned(item) for key, item in value.items()}
        return {key: item for key, item in pruned.items() if item is not None} or None
    if isinstance(value, list):
        return [_pruned(item) for item in value]
    return value


def _unescape(value: Any) -> Any:
    """`config` writes a literal $ as $$, so that its output can be read again."""
    if isinstance(value, str):
        return value.replace("$$", "$")
    if isinstance(value, Mapping):
        return {key: _unescape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_unescape(item) for item in value]
    return value


def _mapping(value: Any) -> Settings:
    return value if isinstance(value, dict) else {}
