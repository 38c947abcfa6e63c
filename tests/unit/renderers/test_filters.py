# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The filters: what goes in from Ansible, what comes out, how a refusal reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.bunops.platform.plugins.filter.bake import bake
from ansible_collections.bunops.platform.plugins.filter.compose import compose
from ansible_collections.bunops.platform.plugins.filter.compose_notes import compose_notes
from ansible_collections.bunops.platform.plugins.filter.endpoints import endpoints
from ansible_collections.bunops.platform.plugins.filter.environment import environment
from ansible_collections.bunops.platform.plugins.filter.secret_plan import secret_plan
from ansible_collections.bunops.platform.plugins.filter.summary import summary
from ansible_collections.bunops.platform.plugins.filter.validated import validated
from ansible_collections.bunops.platform.plugins.plugin_utils import filters
from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.tests.unit.renderers.cases import (
    GOLDEN,
    bake_text,
    compose_text,
    platform_of,
    project_text,
)

COLLECTIONS = Path(filters.__file__).parents[5]


def reference() -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load((GOLDEN / "reference/platform.yml").read_text())
    return raw


def test_compose_is_the_renderers() -> None:
    project = compose(
        wrap_var(reference()),
        project_dir="/srv/project",
        secrets_dir=wrap_var("/srv/secrets"),
        docker_gid=wrap_var("998"),
    )
    assert project_text(project) == compose_text(platform_of("reference"))


def test_bake_is_the_renderers() -> None:
    definition = bake(
        reference(),
        project_dir="/srv/project",
        bases={"oven/bun:1.4.5-slim": "bunops/bases/bun:1.4.5"},
        ca_file="/etc/ssl/certs/ca, ours.crt",
        npmrc="/srv/npmrc",
    )
    assert json.dumps(definition, indent=2) + "\n" == bake_text(platform_of("reference"))


def test_the_collections_own_files_may_lie_elsewhere() -> None:
    project = compose(reference(), project_dir="/p", secrets_dir="/s", docker_dir="/collection/docker")
    assert "seccomp:/collection/docker/seccomp/chrome.json" in project["services"]["fetcher"]["security_opt"]
    targets = bake(reference(), project_dir="/p", docker_dir="/collection/docker")["target"]
    assert targets["redis"]["dockerfile"] == "/collection/docker/redis.Dockerfile"
    assert targets["api"]["dockerfile"] == "/p/docker/api.Dockerfile"


def test_endpoints() -> None:
    assert endpoints(reference()) == [
        {"service": "api", "url": "http://127.0.0.1:8080", "health": "http://127.0.0.1:8080/health"},
        {"service": "worker", "url": None, "health": None},
        {"service": "dashboard", "url": "http://127.0.0.1:3000", "health": "http://127.0.0.1:3000/health"},
        {"service": "redis", "url": "redis://127.0.0.1:6379", "health": None},
        {"service": "turso", "url": "http://127.0.0.1:8081", "health": None},
    ]


def test_secret_plan() -> None:
    plain = {"optional": False, "derived": []}
    assert secret_plan(reference(), "/srv/project") == [
        {**plain, "name": "CLERK_JWT_KEY", "source": {"file": "/srv/project/secrets/clerk.pem"}, "optional": True},
        {**plain, "name": "CLERK_SECRET_KEY", "source": {"env": "CLERK_SECRET_KEY"}, "optional": True},
        {**plain, "name": "OPENAI_API_KEY", "source": {"env": "OPENAI_API_KEY"}, "optional": True},
        {**plain, "name": "REDIS_OBSERVER_PASSWORD", "source": {"generate": {"length": 32}}},
        {**plain, "name": "REDIS_PASSWORD", "source": {"generate": {"length": 32}}, "derived": ["acl"]},
        {**plain, "name": "TURSO_AUTH_TOKEN", "source": {"generate": {"jwt": "ed25519"}}, "derived": ["jwt_public"]},
    ]


def test_environment_is_what_compose_gives() -> None:
    project = compose(reference(), project_dir="/p", secrets_dir="/s")
    rows = environment(reference())
    for name in ("api", "worker", "dashboard", "fetcher"):
        given = project["services"][name]["environment"]
        listed = {row["name"]: row for row in rows if row["service"] == name and "compose" in row["targets"]}
        assert set(listed) == set(given)
        for key, row in listed.items():
            assert given[key] == (f"${{{key}:-{row['default']}}}" if row["overridable"] else row["default"])


def test_summary() -> None:
    services = [
        {"name": "docker-guard", "state": "running", "health": "healthy"},
        {"name": "fetcher", "state": "absent", "health": ""},
        {"name": "redis", "state": "running", "health": "starting"},
        {"name": "worker", "state": "exited", "health": ""},
        {"name": "api", "state": "running", "health": "healthy"},
    ]
    assert summary(reference(), wrap_var(services)).splitlines() == [
        "SERVICE       URL                     HEALTH",
        "api           http://127.0.0.1:8080   healthy",
        "worker                                exited",
        "redis         redis://127.0.0.1:6379  starting",
        "docker-guard                          healthy",
    ]


def test_the_summary_shows_where_monitoring_has_its_pages() -> None:
    services = [{"name": name, "state": "running", "health": "healthy"} for name in ("alertmanager", "prometheus")]
    lines = summary(reference(), wrap_var(services), prometheus_port=wrap_var("29090")).splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [
        ["alertmanager", "http://127.0.0.1:9093/api/v2/alerts"],
        ["prometheus", "http://127.0.0.1:29090/user/"],
    ]


def test_notes_are_sentences() -> None:
    assert compose_notes(reference())[0].startswith("replicas: Compose runs one container each of api")


def test_a_validated_catalog_is_one() -> None:
    once = validated(reference())
    assert validated(once) == once


def test_a_refusal_names_every_problem() -> None:
    broken = reference()
    broken["services"]["api"] |= {"port": 80800, "prot": 1}
    with pytest.raises(AnsibleFilterError) as refused:
        validated(broken)
    assert str(refused.value) == (
        "the catalog has 2 problems:\n"
        "  platform.services.api.port: 80800 is not a port, 1 to 65535\n"
        "  platform.services.api.prot: unknown key; did you mean port?"
    )


@pytest.mark.parametrize(
    ("case", "patch", "problem"),
    [
        (
            "minimal",
            {"image": {"ref": "nginx:1.27"}, "port": 80, "health": {"http": "/"}},
            "platform.services.greeter.health.http: Compose asks by Bun inside of the container, and an image that "
            "is not built here may have none; use exec",
        ),
    ],
)
def test_what_compose_cannot_do_is_refused(case: str, patch: dict[str, Any], problem: str) -> None:
    raw = yaml.safe_load((GOLDEN / case / "platform.yml").read_text())
    raw["services"]["greeter"] |= patch
    assert validated(raw)
    with pytest.raises(AnsibleFilterError) as refused:
        compose(raw, project_dir="/p", secrets_dir="/s")
    assert str(refused.value) == f"the catalog has 1 problem:\n  {problem}"


def test_the_same_catalog_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = {**reference(), "name": "parsed-once"}
    endpoints(raw)
    monkeypatch.setattr(Platform, "parse", None)
    assert endpoints(raw) == endpoints(reference())


def test_a_call_takes_some_milliseconds() -> None:
    arguments = {"project_dir": "/p", "secrets_dir": "/s"}
    times = []
    for number in range(10):
        catalog = {**reference(), "name": f"timed-{number}"}
        start = time.process_time()
        compose(catalog, **arguments)
        times.append(time.process_time() - start)
    assert min(times) < 0.030


def test_ansible_prints_the_problems_and_no_traceback(tmp_path: Path) -> None:
    broken = reference()
    broken["services"]["api"] |= {"port": 80800, "prot": 1}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"platform": broken},
        "tasks": [{"ansible.builtin.set_fact": {"catalog": "{{ platform | bunops.platform.validated }}"}}],
    }
    (tmp_path / "play.yml").write_text(yaml.safe_dump([play]))
    done = subprocess.run(
        [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", "-c", "local", "play.yml"],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert (
        "the catalog has 2 problems:\n  platform.services.api.port: 80800 is not a port, 1 to 65535\n"
        in done.stdout + done.stderr
    )
    assert "Traceback" not in done.stdout + done.stderr
