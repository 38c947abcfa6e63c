# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Base images: where they come from, and the recipes by which they are assembled."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.plugins.module_utils.images import base_set, debian, npm, origin, recipes
from ansible_collections.bunops.platform.plugins.module_utils.images.origin import Facts, Origin
from ansible_collections.bunops.platform.plugins.module_utils.images.recipes import Recipe, RecipeError

NAMES = ["debian:1", "bun:1"]
NOTHING = Facts([], [], None)


def probe(**problems: str) -> origin.Probe:
    return lambda names: {name: problems.get(name.partition(":")[0], "") for name in names}


def no_probe(names: Sequence[str]) -> dict[str, str]:
    raise AssertionError(f"nobody should have been asked about {names}")


@pytest.mark.parametrize(
    ("wanted", "facts", "ask", "expected"),
    [
        ("registry", NOTHING, no_probe, Origin("registry", "As asked for.")),
        ("packages", NOTHING, no_probe, Origin("packages", "As asked for.")),
        (
            "auto",
            Facts([], NAMES, None),
            no_probe,
            Origin("packages", "All base images were assembled from packages before."),
        ),
        ("auto", Facts(NAMES, [], None), no_probe, Origin("registry", "The engine has all base images.")),
        ("auto", Facts([], [], Origin("registry", "x")), no_probe, Origin("registry", "x")),
        ("auto", NOTHING, probe(), Origin("registry", "The registries of the base images answer.", True)),
        (
            "auto",
            Facts(NAMES[:1], [], None),
            probe(bun="no such host"),
            Origin("packages", "The registry of bun:1 cannot be used: no such host", True),
        ),
    ],
)
def test_where_base_images_come_from(wanted: str, facts: Facts, ask: origin.Probe, expected: Origin) -> None:
    assert origin.decide(wanted, NAMES, facts, ask) == expected


def test_an_answer_is_remembered_for_a_day(tmp_path: Path) -> None:
    origin.remember(str(tmp_path), "engine", NAMES, Origin("packages", "No network.", True))
    now = time.time()
    assert origin.recall(str(tmp_path), "engine", NAMES[::-1], now) == Origin("packages", "No network. (asked before)")
    assert origin.recall(str(tmp_path), "engine", NAMES, now + origin.REMEMBERED + 1) is None
    assert origin.recall(str(tmp_path), "engine", NAMES, now - 3600) is None
    assert origin.recall(str(tmp_path), "other", NAMES, now) is None
    assert origin.recall(str(tmp_path), "engine", ["x"], now) is None


def test_asking_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origin, "PROBE_LIMIT", 0.2)

    def ask(name: str, _: str | None) -> str:
        time.sleep(0.6 if name == "slow" else 0)
        return "no"

    monkeypatch.setattr(origin, "_ask", ask)
    started = time.monotonic()
    assert origin.ask(["slow", "fast"], None) == {"slow": "no answer within 0.2 s", "fast": "no"}
    assert time.monotonic() - started < 0.5


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Dockerfile").write_text("FROM debian:1\n")
    return tmp_path


def read(folder: Path, sources: str = "") -> list[Recipe]:
    return recipes.read(
        [{"name": "bun:1", "folder": str(folder)}, {"name": "debian:1", "debian": "bookworm"}], {"bookworm": sources}
    )


def test_recipes_come_in_the_order_in_which_they_can_be_assembled(folder: Path) -> None:
    first, second = read(folder)
    assert (first.name, first.suite, first.needs) == ("debian:1", "bookworm", ())
    assert (second.name, second.folder, second.needs) == ("bun:1", str(folder), ("debian:1",))
    assert second.tag.startswith("bunops-base/bun:1-")


def test_tags_follow_the_recipe_and_those_below_it(folder: Path) -> None:
    tags = [recipe.tag for recipe in read(folder)]
    assert tags == [recipe.tag for recipe in read(folder)]
    other = [recipe.tag for recipe in read(folder, "deb http://mirror.invalid/debian bookworm main\n")]
    assert not set(other) & set(tags)
    (folder / "package-lock.json").write_text("{}")
    assert read(folder)[0].tag == tags[0]
    assert read(folder)[1].tag != tags[1]


@pytest.mark.parametrize(
    ("name", "repository"),
    [
        ("debian:bookworm-slim", "bunops-base/debian:bookworm-slim-"),
        ("debian", "bunops-base/debian:latest-"),
        ("ghcr.io/A/b:v1", "bunops-base/ghcr.io-a-b:v1-"),
        ("localhost:5000/b:v1", "bunops-base/localhost-5000-b:v1-"),
    ],
)
def test_tags_are_valid_references(name: str, repository: str) -> None:
    assert recipes.read([{"name": name, "debian": "x"}], {})[0].tag.startswith(repository)


def test_recipes_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "loop").mkdir()
    (tmp_path / "loop/Dockerfile").write_text("FROM loop:1\n")
    cases: list[tuple[list[dict[str, Any]], str]] = [
        ([{"name": "a@sha256:0", "debian": "x"}], "a digest"),
        ([{"name": "a:1", "debian": "x"}, {"name": "a:1", "debian": "y"}], "the same name"),
        ([{"name": "a:1", "folder": str(tmp_path / "absent")}], "No such file"),
        ([{"name": "loop:1", "folder": str(tmp_path / "loop")}], "starts from itself"),
    ]
    for images, says in cases:
        with pytest.raises(RecipeError, match=says):
            recipes.read(images, {})


def test_the_plan_assembles_only_what_is_missing(folder: Path) -> None:
    wanted = read(folder)
    facts = Facts([], ["debian:1"], None)
    actions = {
        source: [operation.action for operation in base_set.plan(wanted, facts, Origin(source, ""))]
        for source in ("packages", "registry")
    }
    assert actions == {"packages": ["keep", "assemble"], "registry": ["keep", "keep"]}
    assert base_set.stand_ins(wanted, Origin("registry", "")) == {}
    assert base_set.stand_ins(wanted, Origin("packages", "")) == {recipe.name: recipe.tag for recipe in wanted}


DEB822 = """# a comment
Types: deb deb-src
URIs: http://mirror.invalid/debian/
Suites: trixie trixie-updates
Components: main

Types: deb
URIs: http://mirror.invalid/debian-security
Suites: trixie-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----

Types: deb
URIs: http://off.invalid/debian
Suites: trixie-backports
Enabled: no
"""


def machine(root: Path, release: str, **files: str) -> str:
    apt = root / "etc/apt/sources.list.d"
    apt.mkdir(parents=True)
    (root / "etc/os-release").write_text(release)
    for name, text in files.items():
        (apt / name.replace("_", ".")).write_text(text)
    return str(root)


def test_the_mirrors_of_a_debian_machine_serve_other_releases_too(tmp_path: Path) -> None:
    assert debian.sources("bookworm", machine(tmp_path, "ID=debian\n", x_sources=DEB822)) == (
        "deb http://mirror.invalid/debian bookworm main\n"
        "deb http://mirror.invalid/debian bookworm-updates main\n"
        "deb http://mirror.invalid/debian-security bookworm-security main\n"
    )


def test_one_line_sources(tmp_path: Path) -> None:
    text = "# deb x y\ndeb [signed-by=/k.gpg] https://m.invalid/debian bookworm main contrib\ndeb-src z bookworm main\n"
    assert debian.sources("bookworm", machine(tmp_path, 'ID="debian"\n', a_list=text)) == (
        "deb https://m.invalid/debian bookworm main\n"
    )


def test_other_machines_leave_the_mirror_to_the_tool(tmp_path: Path) -> None:
    text = "deb http://m.invalid/ubuntu noble main\n"
    assert debian.sources("bookworm", machine(tmp_path, "ID=ubuntu\nID_LIKE=debian\n", a_list=text)) == ""


def test_npm_comes_from_the_path_if_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "npm").write_text("#!/bin/sh\n")
    (tmp_path / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert npm.client(str(tmp_path / "cache"))[0] == [str(tmp_path / "npm")]


def fake_npm(folder: Path, script: str) -> None:
    (folder / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "npm").chmod(0o755)
    for name in ("package.json", "package-lock.json"):
        (folder / name).write_text("{}")


def test_packages_are_installed_once_per_lock_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_npm(
        tmp_path,
        'echo "$@" >> '
        + str(tmp_path / "calls")
        + '; mkdir node_modules; echo \'{"packages": {"x": {}}}\' > node_modules/.package-lock.json',
    )
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    first = npm.install(str(tmp_path), str(tmp_path / "cache"))
    assert npm.install(str(tmp_path), str(tmp_path / "cache")) == first
    assert (tmp_path / "calls").read_text().count("ci --ignore-scripts") == 1
    assert (Path(first) / "node_modules").is_dir()


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo EINTEGRITY >&2; exit 1", "could not install"),
        (
            "mkdir node_modules; echo '{\"packages\": {}}' > node_modules/.package-lock.json",
            "no package for this machine",
        ),
    ],
)
def test_a_failed_install_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, says: str
) -> None:
    fake_npm(tmp_path, script)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(npm.NpmError, match=says):
        npm.install(str(tmp_path), str(tmp_path / "cache"))
    assert list((tmp_path / "cache").iterdir()) == []
