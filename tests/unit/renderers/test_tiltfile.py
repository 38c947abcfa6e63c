# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Tiltfiles, evaluated: both backends run the whole catalog, and only what Tilt knows is called."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import starlark
import yaml
from ansible.errors import AnsibleFilterError
from hypothesis import given, settings

from ansible_collections.bunops.platform.plugins.filter.tiltfile import tiltfile as tiltfile_filter
from ansible_collections.bunops.platform.plugins.plugin_utils.model.images import BuiltImage, Image
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.compose_develop import compose_develop
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.manifests.develop import develop_manifests
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.names import (
    GUARD,
    LOG_COLLECTOR,
    METER,
    local_stores,
)
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.tiltfile.render import tiltfile
from ansible_collections.bunops.platform.plugins.plugin_utils.renderers.tiltfile.session import Session
from ansible_collections.bunops.platform.tests.unit.renderers.cases import (
    BUILD_HOST,
    BUTTONS,
    CASES,
    GOLDEN,
    HOST,
    SESSIONS,
    cluster_of,
    platform_of,
)
from ansible_collections.bunops.platform.tests.unit.renderers.catalog_strategy import catalogs
from ansible_collections.bunops.platform.tests.unit.renderers.tilt import Call, Tilt

BACKENDS = sorted(SESSIONS)


def evaluated(platform: Platform, backend: str, files: Mapping[str, str] | None = None) -> Tilt:
    return Tilt({**written(platform), **(files or {})}).evaluate(tiltfile(platform, SESSIONS[backend]))


def written(platform: Platform) -> dict[str, str]:
    """What the roles have written to the project's folder."""
    return {
        ".bunops/compose.dev.json": json.dumps(compose_develop(platform, HOST, BUILD_HOST, "mount")),
        ".bunops/manifests.yml": yaml.safe_dump_all(develop_manifests(platform, cluster_of(platform))),
    }


def resources(tilt: Tilt) -> dict[str, list[str]]:
    """What each resource waits for, in the order of the file."""
    named = {
        **{call["name"]: call for call in tilt.of("dc_resource")},
        **{call["workload"]: call for call in tilt.of("k8s_resource")},
        **{call["name"]: call for call in tilt.of("local_resource")},
    }
    return {name: call.get("resource_deps", []) for name, call in named.items()}


def groups(tilt: Tilt, label: str) -> set[str]:
    calls = [*tilt.of("dc_resource"), *tilt.of("k8s_resource"), *tilt.of("local_resource")]
    return {call.get("name") or call["workload"] for call in calls if call["labels"] == [label]}


def ports_of_compose(tilt: Tilt) -> dict[str, int]:
    """What the project publishes for people; the Tiltfile has to name its file and to show the same in its links."""
    paths = tilt.of("docker_compose")[0]["configPaths"]
    project = json.loads(tilt.files[paths if isinstance(paths, str) else paths[0]])
    ports = {
        name: int(service["ports"][0]["published"])
        for name, service in project["services"].items()
        if "ports" in service and name != LOG_COLLECTOR
    }
    links = {call["name"]: call["links"][0]["url"] for call in tilt.of("dc_resource") if "links" in call}
    assert {name: int(url.rpartition(":")[2]) for name, url in links.items()} == ports
    return ports


def ports_of_kubernetes(tilt: Tilt) -> dict[str, int]:
    forwarded = {call["workload"]: call["port_forwards"] for call in tilt.of("k8s_resource") if "port_forwards" in call}
    for (port,) in forwarded.values():
        assert port["local_port"] == port["container_port"]
        assert port["host"] == "127.0.0.1"
    return {name: port["local_port"] for name, (port,) in forwarded.items()}


def check_the_same(platform: Platform) -> None:
    """Each service, task, store and port of the catalog is in both backends."""
    here, there = (evaluated(platform, backend) for backend in BACKENDS)
    in_cluster = platform.docker == "guard"
    for tilt, tasks in ((here, True), (there, in_cluster)):
        assert groups(tilt, "services") == set(platform.services)
        assert groups(tilt, "stores") == set(local_stores(platform))
        assert groups(tilt, "tasks") == (set(platform.tasks) if tasks else set())
        assert groups(tilt, "buttons") == set(BUTTONS)
    ports = {name: service.port for name, service in platform.services.items() if service.port}
    ports |= {name: store.port for name, store in local_stores(platform).items()}
    assert ports_of_compose(here) == ports_of_kubernetes(there) == ports
    for tilt in (here, there):
        check_order(tilt)
    check_images(platform, here, there)


def _images(platform: Platform) -> dict[str, Image]:
    services = {name: service.image for name, service in platform.services.items()}
    return {**services, **{name: task.image for name, task in platform.tasks.items()}}


def check_order(tilt: Tilt) -> None:
    """Everything that is waited for is there, and starts without a press."""
    waiting = resources(tilt)
    buttons = groups(tilt, "buttons")
    for name, awaited in waiting.items():
        assert set(awaited) <= waiting.keys() - buttons, name


def check_images(platform: Platform, here: Tilt, there: Tilt) -> None:
    """All that is edited, and all that the objects run and nobody pulls, is built."""
    services = json.loads(here.files[".bunops/compose.dev.json"])["services"]
    edited = {name for name, image in _images(platform).items() if isinstance(image, BuiltImage)}
    assert {call["ref"] for call in here.of("custom_build")} == {
        services[name]["image"] for name in edited if name in platform.services
    }
    assert all(call["ref"].endswith(f":{call['tag']}") for call in here.of("custom_build"))
    commands = [call["cmd"] for call in here.of("local_resource") if call["labels"] == ["tasks"]]
    commands += [call["command"] for call in here.of("custom_build")]
    build = "docker buildx bake --file .bunops/bake.dev.json "
    for call in there.of("custom_build"):
        name = call["ref"].rpartition("/")[2]
        assert call["command"] == f'{build}{name} --set "{name}.tags=$EXPECTED_REF"'
        assert call["deps"]
    built = {command.removeprefix(build).split()[0] for command in commands if command.startswith(build)}
    assert built == edited
    text = there.files[".bunops/manifests.yml"]
    built = {call["ref"] for call in there.of("custom_build")}
    on_nodes = {f"{platform.name}/{name}" for name in platform.tasks} if platform.docker == "socket" else set()
    used = {line.split()[-1] for line in text.splitlines() if f"image: {platform.name}/" in line}
    assert built - on_nodes == used - on_nodes


@pytest.mark.parametrize("case", CASES)
def test_both_backends_run_the_whole_catalog(case: str) -> None:
    check_the_same(platform_of(case))


@settings(max_examples=20)
@given(catalogs())
def test_both_backends_run_the_whole_of_any_catalog(raw: dict[str, object]) -> None:
    check_the_same(Platform.parse(raw))


@pytest.mark.parametrize(
    "text",
    ['sync("a")', 'sync("a", "/b", "c")', 'dc_resource("a", port = 1)', "tilt_up()", "if True", 'os.path.exist("a")'],
)
def test_what_tilt_does_not_know_is_refused(text: str) -> None:
    with pytest.raises(starlark.StarlarkError):
        Tilt().evaluate(text)


def test_services_that_are_used_are_healthy_first() -> None:
    here, there = (resources(evaluated(platform_of("reference"), backend)) for backend in BACKENDS)
    assert here["worker"] == ["redis", "turso", GUARD, "fetcher"]
    assert there["worker"] == ["redis", "turso"]
    assert here["dashboard"] == there["dashboard"] == ["api"]
    project = evaluated(platform_of("reference"), "docker_compose").of("docker_compose")[0]
    assert project["wait"] is True
    assert project["project_name"] == "atlas"


def image_build(tilt: Tilt, ref: str) -> Call:
    (found,) = [call for call in tilt.of("custom_build") if call["ref"] == ref]
    return found


def synced(*steps: tuple[str, str]) -> list[dict[str, Any]]:
    """The steps of a live update; steps: path here, path there."""
    syncs = [{"function": "sync", "local_path": here, "remote_path": there} for here, there in steps]
    return [{"function": "fall_back_on", "files": ["examples/platform/bun.lock"]}, *syncs]


def test_mounted_sources_are_not_tilts_business() -> None:
    build = image_build(evaluated(platform_of("reference"), "docker_compose"), "atlas/api:dev")
    assert "live_update" not in build
    assert build["deps"] == ["docker/api.Dockerfile", "examples/platform/bun.lock"]


@pytest.mark.parametrize("name", ["api", "worker", "dashboard"])
def test_other_sources_are_synced(name: str) -> None:
    platform = platform_of("reference")
    here = Tilt(written(platform)).evaluate(tiltfile(platform, Session("docker_compose", sources="sync")))
    there = evaluated(platform, "k8s_yaml")
    own, shared = f"examples/platform/{name}/src", "examples/platform/shared/src"
    steps = synced((own, f"/app/{name}/src"), (shared, "/app/shared/src"))
    build = image_build(here, f"atlas/{name}:dev")
    assert build["live_update"] == image_build(there, f"atlas/{name}")["live_update"] == steps
    assert build["deps"][2:] == [own, shared]


def test_all_of_a_context_is_synced_even_so() -> None:
    build = image_build(evaluated(platform_of("minimal"), "docker_compose"), "hello/greeter:dev")
    assert build["live_update"][1] == {"function": "sync", "local_path": ".", "remote_path": "/app"}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CASES)
def test_what_is_installed_built_or_secret_is_ignored(case: str, backend: str) -> None:
    tilt = evaluated(platform_of(case), backend)
    watching = [
        *tilt.of("custom_build"),
        *(call for call in tilt.of("local_resource") if "deps" in call),
    ]
    for call in watching:
        assert {"**/node_modules", "**/dist", "**/.bunops", "**/.env", "**/.env.local"} <= set(call["ignore"])


def test_only_developed_programs_may_be_written_to() -> None:
    platform = platform_of("reference")
    there = evaluated(platform, "k8s_yaml")
    developed = {name for name, service in platform.services.items() if isinstance(service.image, BuiltImage)}
    workloads = [
        item
        for item in yaml.safe_load_all(there.of("k8s_yaml")[0]["yaml"]["blob"])
        if "template" in item.get("spec", {})
    ]
    assert METER not in {item["metadata"]["name"] for item in workloads}
    assert {item["spec"].get("replicas") for item in workloads if item["kind"] == "Deployment"} == {1}
    for item in workloads:
        (container,) = item["spec"]["template"]["spec"]["containers"]
        mode = {variable["name"]: variable["value"] for variable in container.get("env", [])}.get("NODE_ENV")
        in_development = item["metadata"]["name"] in developed
        assert container["securityContext"]["readOnlyRootFilesystem"] is not in_development
        assert (mode == "development") is in_development


def test_another_context_is_not_touched() -> None:
    platform = platform_of("minimal")
    tilt = Tilt(written(platform), context="production")
    with pytest.raises(starlark.StarlarkError, match="the context is production; development runs on kind-local"):
        tilt.evaluate(tiltfile(platform, SESSIONS["k8s_yaml"]))
    assert tilt.of("allow_k8s_contexts") == [{"contexts": ["kind-local", "staging-eu"]}]
    assert tilt.of("k8s_yaml") == []


def test_env_local_stands_over_env() -> None:
    for files, value in (
        ({".env": "", ".env.local": ""}, "/project/.env,/project/.env.local"),
        ({".env.local": ""}, "/project/.env.local"),
        ({}, ""),
    ):
        tilt = evaluated(platform_of("minimal"), "docker_compose", files)
        assert tilt.of("os.putenv") == [{"key": "COMPOSE_ENV_FILES", "value": value}]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_developer_may_extend_it(backend: str) -> None:
    platform = platform_of("minimal")
    assert evaluated(platform, backend).of("include") == []
    assert evaluated(platform, backend, {"Tiltfile.local": ""}).of("include") == [{"path": "./Tiltfile.local"}]


@pytest.mark.parametrize("backend", BACKENDS)
def test_buttons_start_nothing_by_themselves(backend: str) -> None:
    calls = {call["name"]: call for call in evaluated(platform_of("minimal"), backend).of("local_resource")}
    for name, command in BUTTONS.items():
        assert calls[name]["cmd"] == command
        assert (calls[name]["auto_init"], calls[name]["trigger_mode"]) == (False, "manual")


def test_odd_text_arrives_as_it_is() -> None:
    platform = platform_of("odd_text")
    odd = "echo 'a \"b\" \\n %s {x} ü'\n\techo $HOME"
    tilt = Tilt(written(platform)).evaluate(tiltfile(platform, Session("docker_compose", buttons={"odd": odd})))
    assert tilt.of("local_resource")[-1]["cmd"] == odd


def test_the_filter_is_the_renderer() -> None:
    raw = yaml.safe_load((GOLDEN / "reference/platform.yml").read_text())
    text = tiltfile_filter(
        raw,
        backend="k8s_yaml",
        contexts=["kind-local", "staging-eu"],
        buttons=BUTTONS,
        registry=SESSIONS["k8s_yaml"].registry,
    )
    assert text == (GOLDEN / "reference/Tiltfile.kubernetes").read_text()


def test_all_that_is_wrong_with_the_options_is_said_at_once() -> None:
    raw = yaml.safe_load((GOLDEN / "reference/platform.yml").read_text())
    with pytest.raises(AnsibleFilterError) as refused:
        tiltfile_filter(raw, backend="k8s_yaml", buttons={"api": "true", "Run it": " "})
    assert str(refused.value).splitlines() == [
        "contexts: none; expected the contexts of the kubeconfig that may be developed on",
        "buttons: api is the name of a part of the platform; expected another one",
        "buttons: 'Run it' is not a name; expected such as post-a-job",
        "buttons: the command of 'Run it' is empty",
    ]
    with pytest.raises(AnsibleFilterError) as refused:
        tiltfile_filter(raw, backend="docker-compose", contexts=[])
    assert str(refused.value) == (
        "backend: docker-compose is none; expected docker_compose or k8s_yaml; did you mean docker_compose?"
    )
