# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The catalog as a Tiltfile: https://docs.tilt.dev/api.html"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ...model.platform import Platform
from ..sources import IGNORED_PATHS, developed
from .images import cluster_images, compose_images
from .resources import buttons, cluster_resources, compose_resources
from .session import COMPOSE, COMPOSE_FILE, MANIFESTS_FILE, Session, check
from .starlark import Code, call, written

_HEADER = """\
# Rendered from the catalog; what is changed here is lost. What is your own goes into Tiltfile.local.
"""
# Compose itself reads them, for those values of the catalog that they name.
_ENVIRONMENT = """\
# .env, and .env.local over it.
for path in [".env", ".env.local"]:
    watch_file(path)
env_files = [os.path.abspath(path) for path in [".env", ".env.local"] if os.path.exists(path)]
os.putenv("COMPOSE_ENV_FILES", ",".join(env_files))
"""
_CONTEXTS = """\
# Tilt lets every cluster pass that looks local; only these may.
def only_on(contexts):
    allow_k8s_contexts(contexts)
    if k8s_context() not in contexts:
        fail("the context is %s; development runs on %s only" % (k8s_context(), ", ".join(contexts)))

"""
_OBJECTS = """\
# Sources are synced into these: their root can be written to, and their programs know that they are developed.
def in_development(item):
    if item["kind"] == "Deployment" and item["metadata"]["name"] in DEVELOPED:
        container = item["spec"]["template"]["spec"]["containers"][0]
        container["securityContext"]["readOnlyRootFilesystem"] = False
        for variable in container.get("env", []):
            if variable["name"] == "NODE_ENV":
                variable["value"] = "development"
    return item

"""
_LOCAL = """\
# Yours: loaded when it is there.
watch_file("Tiltfile.local")
if os.path.exists("Tiltfile.local"):
    include("./Tiltfile.local")
"""


def tiltfile(platform: Platform, session: Session) -> str:
    """The text of a Tiltfile for the project's folder; it reads what the roles have written to `.bunops`.

    Raises SessionError with every problem of the options.
    """
    check(platform, session)
    backend = _compose if session.backend == COMPOSE else _cluster
    parts = [
        _HEADER,
        f"IGNORED = {written(IGNORED_PATHS)}\n",
        *backend(platform, session),
        _section("Nothing starts these but a press of their button.", buttons(session)),
        _LOCAL,
    ]
    return "\n".join(part for part in parts if part)


def _compose(platform: Platform, session: Session) -> Iterator[str]:
    yield f"{call('ci_settings', timeout='30m', readiness_timeout='5m')}\n"
    yield _ENVIRONMENT
    # Tilt would wait for containers of theirs; services start them.
    overrides = {name: {"profiles": ["tasks"]} for name in platform.tasks}
    files: Any = COMPOSE_FILE
    if overrides:
        files = [COMPOSE_FILE, call("encode_yaml", {"services": overrides})]
    project = call("docker_compose", files, project_name=platform.name, wait=True)
    yield _section("What comes next waits for health.", [project])
    yield _section("Services are built anew when what is installed changes.", compose_images(platform, session))
    yield _section("What runs, in groups.", compose_resources(platform))


def _cluster(platform: Platform, session: Session) -> Iterator[str]:
    yield f"{call('ci_settings', timeout='30m', readiness_timeout='5m', k8s_grace_period='30s')}\n"
    yield f"{_CONTEXTS}{call('only_on', list(session.contexts))}\n"
    if session.registry:
        yield _section("Where the cluster pulls from.", [call("default_registry", session.registry)])
    read = call("read_yaml_stream", MANIFESTS_FILE)
    objects = call("encode_yaml_stream", Code(f"[in_development(item) for item in {read}]"))
    yield f"DEVELOPED = {written(list(developed(platform)))}\n\n{_OBJECTS}{call('k8s_yaml', objects)}\n"
    yield _section("The images, built by their definition with a name of Tilt's.", cluster_images(platform, session))
    yield _section("What runs, in groups.", cluster_resources(platform))


def _section(title: str, calls: Iterable[Code]) -> str:
    lines = [str(code) for code in calls]
    return "\n".join([f"# {title}", *lines, ""]) if lines else ""
