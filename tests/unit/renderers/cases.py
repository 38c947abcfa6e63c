# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Catalogs with what they are rendered to, and the host that they are rendered for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import yaml

from ansible_collections.bunops.platform.plugins.plugin_utils.model.errors import CatalogError
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.alerts import alerts
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.alerts_notes import alerts_notes
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.alerts_parts import SOURCES, Monitoring
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.bake import BuildHost, bake
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose import Host, compose
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose_develop import compose_develop
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose_guard import EngineSocket
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose_notes import compose_notes
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.edge.service import RunningEdge, edge_files
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.cluster import (
    MONITORING_KINDS,
    Cluster,
    SecretObject,
    secret_objects,
    watching_of,
)
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.notes import manifests_notes
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.render import manifests
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.meter import has_meter
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.monitoring import Watch, monitoring_files
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.names import METER
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.pages import content
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.scalers import Autoscaling, scalers
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.secret_plan import secret_plan
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.tiltfile.render import tiltfile
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.tiltfile.session import Session

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.name for path in GOLDEN.iterdir())

HOST = Host("/srv/secrets", "/srv/project/docker", EngineSocket("/var/run/docker.sock", 998))
BUILD_HOST = BuildHost(
    project_dir="/srv/project",
    docker_dir="/srv/project/docker",
    bases={"oven/bun:1.4.5-slim": "bunops/bases/bun:1.4.5"},
    ca_file="/etc/ssl/certs/ca, ours.crt",
    npmrc="/srv/npmrc",
)
BUTTONS = {
    "post-a-job": """curl --fail --json '{"url": "https://example.com"}' http://127.0.0.1:8080/v1/jobs""",
    "run-the-tests": "bun test",
}
SESSIONS = {
    "docker_compose": Session("docker_compose", buttons=BUTTONS),
    "k8s_yaml": Session(
        "k8s_yaml", contexts=("kind-local", "staging-eu"), buttons=BUTTONS, registry="registry.example.com/dev"
    ),
}


KEY_SET = {"keys": [{"alg": "RS256", "e": "AQAB", "kty": "RSA", "n": "3q2-7w", "use": "sig"}]}
RUNBOOKS = "https://runbooks.example.com"


def platform_of(case: str) -> Platform:
    return Platform.parse(yaml.safe_load((GOLDEN / case / "platform.yml").read_text()))


def compose_text(platform: Platform) -> str:
    return project_text(compose(platform, HOST))


def compose_develop_text(platform: Platform) -> str:
    return project_text(compose_develop(platform, HOST, BUILD_HOST, "mount"))


def project_text(project: Mapping[str, object]) -> str:
    return "# yamllint disable\n" + yaml.safe_dump(project, width=120)


def bake_text(platform: Platform) -> str:
    return json.dumps(bake(platform, BUILD_HOST), indent=2) + "\n"


def notes_text(platform: Platform) -> str:
    return "".join(f"{note}\n" for note in compose_notes(platform))


def cluster_of(platform: Platform) -> Cluster:
    """A cluster that has the images and secrets of a platform."""
    names = [*bake(platform, BUILD_HOST)["target"], *([METER] if has_meter(platform) else [])]
    return Cluster(
        namespace=platform.name,
        images={name: f"registry.example.com/{name}@sha256:{_digest(name)}" for name in names},
        secrets=secrets_of(platform),
        docker_gid=998,
    )


def secrets_of(platform: Platform, key_set: Mapping[str, object] = KEY_SET) -> dict[str, SecretObject]:
    """As secret_sync makes them, with the public keys where they are derived."""
    plan = secret_plan(platform, BUILD_HOST.project_dir, cluster_edge=True)
    derived = {each["name"]: {"jwks": key_set} if "jwks" in each.get("derived", ()) else {} for each in plan}
    return secret_objects(
        {name: {"name": f"{name.lower().replace('_', '-')}-5b0e1f29a1", **derived[name]} for name in platform.secrets}
    )


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def manifests_text(platform: Platform) -> str:
    objects = manifests(platform, cluster_of(platform))
    return "# yamllint disable\n" + yaml.safe_dump_all(objects, width=120)


def watched_cluster_of(platform: Platform) -> Cluster:
    """The same where a Prometheus Operator is."""
    given = {
        "namespace": "monitoring",
        "runbooks": RUNBOOKS,
        "kinds": MONITORING_KINDS,
        "labels": {"release": "stack"},
        "sources": SOURCES,
    }
    return replace(cluster_of(platform), watching=watching_of(platform, platform.name, given))


def watched_manifests_text(platform: Platform) -> str:
    """What there is besides, or otherwise, where a Prometheus Operator is."""
    plain = manifests(platform, cluster_of(platform))
    objects = [item for item in manifests(platform, watched_cluster_of(platform)) if item not in plain]
    return "# yamllint disable\n" + yaml.dump_all(objects, Dumper=_Readable, width=120)


class _Readable(yaml.SafeDumper):
    """Texts of several lines as such: a dashboard's changes are seen line by line."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Readable.add_representer(str, _text)


def manifests_notes_text(platform: Platform) -> str:
    return "".join(f"{note}\n" for note in manifests_notes(platform, Autoscaling(), secrets=secrets_of(platform)))


def scalers_text(platform: Platform) -> str:
    autoscaling = Autoscaling(prometheus_url="http://prometheus.monitoring:9090")
    return "# yamllint disable\n" + yaml.safe_dump(scalers(platform, platform.name, autoscaling), width=120)


def secret_plan_text(platform: Platform) -> str:
    return "# yamllint disable\n" + yaml.safe_dump(secret_plan(platform, BUILD_HOST.project_dir), width=120)


def alerts_text(platform: Platform) -> str:
    """With everything that may tell metrics."""
    monitoring = Monitoring(RUNBOOKS, frozenset(SOURCES), platform.name)
    return "# yamllint disable\n" + yaml.safe_dump(alerts(platform, monitoring), width=120)


def alerts_notes_text(platform: Platform) -> str:
    return "".join(f"{note}\n" for note in alerts_notes(platform, Monitoring(RUNBOOKS)))


def monitored_text(platform: Platform) -> str:
    """The project with what watches it, and the files of that."""
    files = monitoring_files(platform, Monitoring(RUNBOOKS, frozenset({"backups"})))
    host = replace(HOST, watch=Watch("/srv/monitoring", files, 19090, 19093, "/srv/backup-metrics"))
    own = {name: content for name, content in files.items() if name not in ("rules.yml", "pages/index.html")}
    return project_text(compose(platform, host)) + "---\n" + yaml.safe_dump(own, width=120)


def page_text(platform: Platform) -> str:
    """Without what is the same on every page."""
    return content(platform, Monitoring(RUNBOOKS))


def edge_text(platform: Platform) -> str:
    """The project with its edge, and the file of that. Catalogs without one have none."""
    try:
        files = edge_files(platform, 18443, 18480)
    except CatalogError as error:
        return yaml.safe_dump({"refused": str(error)}, width=120)
    host = replace(HOST, edge=RunningEdge("/srv/edge", files, 18443, 18480))
    notes = {"notes": compose_notes(platform, edge=True)}
    parts = [compose(platform, host), *json.loads(json.dumps([*files.values(), notes]))]
    return "# yamllint disable\n" + yaml.safe_dump_all(parts, width=120)


def tiltfile_text(backend: str) -> Callable[[Platform], str]:
    return lambda platform: tiltfile(platform, SESSIONS[backend])


RENDERERS: Mapping[str, Callable[[Platform], str]] = {
    "compose.yml": compose_text,
    "compose.dev.yml": compose_develop_text,
    "compose.monitoring.yml": monitored_text,
    "compose.edge.yml": edge_text,
    "monitoring.html": page_text,
    "alerts.yml": alerts_text,
    "alerts_notes.txt": alerts_notes_text,
    "bake.json": bake_text,
    "notes.txt": notes_text,
    "manifests.yml": manifests_text,
    "manifests.monitoring.yml": watched_manifests_text,
    "manifests_notes.txt": manifests_notes_text,
    "secret_plan.yml": secret_plan_text,
    "scalers.yml": scalers_text,
    "Tiltfile.compose": tiltfile_text("docker_compose"),
    "Tiltfile.kubernetes": tiltfile_text("k8s_yaml"),
}
