# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Base images from recipes, with the real builder. Debian itself is assembled by `make local` and not here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.images.conftest import with_state
from ansible_collections.bunops.platform.tests.integration.images.registry_stub import Registry
from ansible_collections.bunops.platform.tests.integration.run_module import Module


@pytest.fixture
def recipe(tmp_path: Path, project_name: str, busybox_image: str, engine: Any) -> Iterator[dict[str, str]]:
    """A recipe of two steps on a local image."""
    folder = tmp_path / "recipe"
    folder.mkdir()
    (folder / "Dockerfile").write_text(f"FROM {busybox_image}\nUSER 1000:1000\n")
    yield {"name": f"{project_name}:1", "folder": str(folder)}
    for image in engine.images.list():
        for tag in image.tags:
            if tag.startswith(f"bunops-base/{project_name}:"):
                engine.images.remove(tag, force=True)


def test_a_recipe_is_carried_out_once(base_images: Module, recipe: dict[str, str], engine: Any) -> None:
    options = {"images": [recipe], "source": "packages"}
    foreseen = base_images.ok(check=True, **options)
    assert foreseen["changed"]
    tag = foreseen["bases"][recipe["name"]]
    assert not engine.images.list(name=tag)

    first = base_images.ok(**options)
    assert (first["changed"], first["bases"]) == (True, foreseen["bases"])
    assert engine.images.get(tag).attrs["Config"]["User"] == "1000:1000"
    second = base_images.ok(**options)
    assert (second["changed"], second["bases"], second["diff"]["after"]) == (False, first["bases"], "")


def test_another_recipe_is_another_image(base_images: Module, recipe: dict[str, str]) -> None:
    options = {"images": [recipe], "source": "packages"}
    first = base_images.ok(**options)
    (Path(recipe["folder"]) / "note").write_text("x")
    second = base_images.ok(**options)
    assert second["changed"]
    assert second["bases"] != first["bases"]


def test_recipes_may_stand_on_each_other(
    base_images: Module, recipe: dict[str, str], tmp_path: Path, engine: Any
) -> None:
    (tmp_path / "upper").mkdir()
    (tmp_path / "upper/Dockerfile").write_text(f"FROM {recipe['name']}\nENV UPPER=1\n")
    upper = {"name": recipe["name"].replace(":1", ":upper"), "folder": str(tmp_path / "upper")}
    result = base_images.ok(images=[upper, recipe], source="packages")
    assert [step["target"] for step in result["plan"]] == [recipe["name"], upper["name"]]
    settings = engine.images.get(result["bases"][upper["name"]]).attrs["Config"]
    assert "UPPER=1" in settings["Env"]
    assert settings["User"] == "1000:1000"


def test_assembled_images_are_used_without_asking_a_registry(base_images: Module, recipe: dict[str, str]) -> None:
    base_images.ok(images=[recipe], source="packages")
    result = base_images.ok(images=[recipe])
    assert (result["source"], result["reason"]) == ("packages", "All base images were assembled from packages before.")


def test_an_image_under_its_own_name_is_as_good_as_a_registry(base_images: Module, busybox_image: str) -> None:
    result = base_images.ok(images=[{"name": busybox_image, "debian": "bookworm"}])
    assert (result["source"], result["reason"], result["bases"]) == ("registry", "The engine has all base images.", {})


def test_a_registry_that_does_not_answer_leads_to_packages(
    base_images: Module, recipe: dict[str, str], tmp_path: Path
) -> None:
    # Nothing listens on port 1 of the loopback interface.
    there = {**recipe, "name": "127.0.0.1:1/" + recipe["name"]}
    result = base_images.ok(check=True, images=[there])
    assert result["source"] == "packages"
    assert result["reason"].startswith(f"The registry of {there['name']} cannot be used: ")
    assert not (tmp_path / "state/bunops/bases").exists()
    no_answers = {**there, "debian": "bookworm"}
    del no_answers["folder"]
    without_tool = with_state("base_images", tmp_path / "state", PATH=_only(tmp_path, "docker"))
    failed = without_tool.failing(images=[no_answers])
    assert failed["missing_tools"] == ["mmdebstrap"]
    assert "install first: mmdebstrap" in failed["msg"]
    assert base_images.ok(check=True, images=[there])["reason"].endswith("(asked before)")


def _only(folder: Path, program: str) -> str:
    path = folder / "path"
    path.mkdir()
    found = shutil.which(program)
    assert found
    (path / program).symlink_to(found)
    return str(path)


def test_a_failed_recipe_says_why(base_images: Module, recipe: dict[str, str], busybox_image: str) -> None:
    (Path(recipe["folder"]) / "Dockerfile").write_text(f"FROM {busybox_image}\nRUN echo out of luck && false\n")
    result = base_images.failing(images=[recipe], source="packages")
    assert "ended with exit code 1" in result["msg"]
    assert result["lines"] == ["out of luck"]


@pytest.mark.parametrize(
    ("image", "says"),
    [
        ({"name": "a:1"}, "one of the following is required: debian, folder"),
        ({"name": "a:1", "debian": "x", "folder": "/x"}, "mutually exclusive"),
        ({"name": "a:1", "folder": "/nonexistent"}, "/nonexistent/Dockerfile: No such file"),
        ({"name": "a@sha256:0", "debian": "x"}, "stand in for a digest"),
    ],
)
def test_mistakes_are_one_sentence(base_images: Module, image: dict[str, str], says: str) -> None:
    assert says in base_images.failing(images=[image], source="packages")["msg"]


def test_a_registry_that_has_the_images_is_used_and_remembered(
    base_images: Module, project_name: str, busybox_image: str, engine: Any
) -> None:
    with Registry() as registry:
        name = f"{registry.address}/{project_name}:1"
        engine.images.get(busybox_image).tag(name)
        engine.images.push(name)
        engine.images.remove(name)
        options = {"images": [{"name": name, "debian": "bookworm"}]}
        first = base_images.ok(**options)
        assert (first["source"], first["bases"], first["changed"]) == ("registry", {}, False)
        assert first["reason"] == "The registries of the base images answer."
    # The registry is gone now; an unchanged platform must not wait for it.
    assert base_images.ok(**options)["reason"] == "The registries of the base images answer. (asked before)"
