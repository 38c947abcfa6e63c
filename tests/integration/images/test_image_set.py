# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What is built, when and why, with the real builder."""

from __future__ import annotations

import io
import re
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.integration.images.conftest import Project, causes, with_state
from ansible_collections.bunops.platform.tests.integration.run_module import Module


def test_the_first_run_builds_and_the_second_starts_no_process(
    image_set: Module, project: Project, tmp_path: Path, engine: Any
) -> None:
    first = image_set.ok(**project.options)
    assert first["changed"]
    assert causes(first) == {name: f"image missing: {project.tag(name)}" for name in ("one", "two")}
    one = first["images"][0]
    real = engine.images.get(project.tag("one"))
    assert one == {
        "target": "one",
        "tags": [project.tag("one")],
        "digest": real.id,
        "size": real.attrs["Size"],
        "layers": real.attrs["RootFS"]["Layers"],
        "built": True,
        "changed": True,
        "reference": project.tag("one"),
    }
    assert Path(first["log"]) == project.root / ".bunops/build.log"
    assert engine.containers.run(project.tag("one"), remove=True, network_mode="none") == b"one\n"

    without_docker = with_state("image_set", tmp_path / "state", PATH="/nonexistent")
    second = without_docker.ok(**project.options)
    assert not second["changed"]
    assert causes(second) == {}
    assert [image["built"] for image in second["images"]] == [False, False]
    assert [image["digest"] for image in second["images"]] == [image["digest"] for image in first["images"]]


def test_only_the_edited_image_is_built(image_set: Module, project: Project) -> None:
    before = image_set.ok(**project.options)
    project.write("one/text", "edited\n")
    expected = {"one": "source changed: text"}
    foreseen = image_set.ok(check=True, **project.options)
    assert (foreseen["changed"], causes(foreseen)) == (True, expected)
    assert foreseen["diff"]["after"] == "one: will be built: source changed: text\n"
    assert [image["digest"] for image in foreseen["images"]] == [image["digest"] for image in before["images"]]

    after = image_set.ok(**project.options)
    assert (after["changed"], causes(after)) == (True, expected)
    assert [image["changed"] for image in after["images"]] == [True, False]
    assert before["images"][0]["digest"] in after["diff"]["before"]
    assert not image_set.ok(**project.options)["changed"]


def test_what_the_ignore_file_leaves_out_is_no_source(image_set: Module, project: Project) -> None:
    image_set.ok(**project.options)
    project.write("one/notes", "x")
    assert causes(image_set.ok(**project.options)) == {}


def test_the_ignore_file_of_the_dockerfile_comes_first(image_set: Module, project: Project) -> None:
    project.write("one/Dockerfile.dockerignore", "*\n!text\n")
    image_set.ok(**project.options)
    project.write("one/other", "x")
    assert causes(image_set.ok(**project.options)) == {}
    project.write("one/Dockerfile.dockerignore", "*\n!text\n!other\n")
    cause = causes(image_set.ok(**project.options))["one"]
    assert cause == "source changed: Dockerfile.dockerignore (ignore file), other"


@pytest.mark.parametrize("edit", ["mode", "link", "dockerfile", "empty directory"])
def test_other_edits(image_set: Module, project: Project, edit: str) -> None:
    image_set.ok(**project.options)
    if edit == "mode":
        (project.root / "one/text").chmod(0o755)
    elif edit == "link":
        (project.root / "one/link").symlink_to("text")
    elif edit == "dockerfile":
        project.write("one/Dockerfile", "FROM base:1\nCOPY text /elsewhere\n")
    else:
        (project.root / "one/empty").mkdir()
    assert image_set.ok(check=True, **project.options)["changed"]
    after = image_set.ok(**project.options)
    assert [image["changed"] for image in after["images"]] == [True, False]
    assert not image_set.ok(**project.options)["changed"]


def test_an_edit_without_effect_on_the_image_is_no_change(image_set: Module, project: Project) -> None:
    image_set.ok(**project.options)
    project.write("one/Dockerfile", '# a remark\nFROM base:1\nCOPY . /srv\nCMD ["cat", "/srv/text"]\n')
    after = image_set.ok(**project.options)
    assert causes(after) == {"one": "source changed: Dockerfile (Dockerfile)"}
    assert not after["changed"]


def test_a_removed_image_is_built_again(image_set: Module, project: Project, engine: Any) -> None:
    image_set.ok(**project.options)
    engine.images.remove(project.tag("two"), force=True)
    expected = {"two": f"image missing: {project.tag('two')}"}
    foreseen = image_set.ok(check=True, **project.options)
    assert (foreseen["changed"], causes(foreseen)) == (True, expected)
    assert foreseen["images"][1]["digest"] is None
    after = image_set.ok(**project.options)
    assert (after["changed"], causes(after)) == (True, expected)


def test_a_replaced_image_is_built_again(image_set: Module, project: Project, engine: Any) -> None:
    image_set.ok(**project.options)
    engine.images.get(project.base).tag(project.tag("two"))
    expected = {"two": f"image replaced since it was built: {project.tag('two')}"}
    assert causes(image_set.ok(check=True, **project.options)) == expected
    after = image_set.ok(**project.options)
    assert (after["changed"], causes(after)) == (True, expected)


def test_a_replaced_base_builds_what_stands_on_it(image_set: Module, project: Project, engine: Any) -> None:
    image_set.ok(**project.options)
    engine.images.build(fileobj=_dockerfile(f"FROM {project.base}\nENV NEW=1\n"), tag=project.base, rm=True)
    expected = dict.fromkeys(("one", "two"), "base changed: base:1")
    foreseen = image_set.ok(check=True, **project.options)
    assert (foreseen["changed"], causes(foreseen)) == (True, expected)
    assert causes(image_set.ok(**project.options)) == expected
    assert not image_set.ok(**project.options)["changed"]


def _dockerfile(text: str) -> Any:
    return io.BytesIO(text.encode())


def test_a_changed_definition_builds_its_target(image_set: Module, project: Project) -> None:
    image_set.ok(**project.options)
    project.definition["target"]["one"]["labels"] = {"a": "b"}
    after = image_set.ok(**project.options)
    assert causes(after) == {"one": "definition changed"}
    assert [image["changed"] for image in after["images"]] == [True, False]


def test_targets_on_targets_and_local_named_contexts(image_set: Module, project: Project) -> None:
    project.write("library/code", "x")
    project.definition["target"]["two"]["contexts"] |= {"below": "target:one", "library": "library"}
    project.write("two/Dockerfile", "FROM below\nCOPY --from=library code /\n")
    options = {**project.options, "targets": ["two"]}
    assert list(causes(image_set.ok(**options))) == ["two"]
    assert not image_set.ok(**options)["changed"]
    project.write("library/code", "y")
    assert causes(image_set.ok(**options)) == {"two": "source changed: library: code"}
    project.write("one/text", "y")
    assert causes(image_set.ok(**options)) == {"two": "a target that it builds on changed"}


def _edit_once_copied(project: Project) -> None:
    log = project.root / ".bunops/build.log"
    limit = time.monotonic() + 60
    while time.monotonic() < limit and not (log.exists() and re.search(r"^#\d+ \d.* copied", log.read_text(), re.M)):
        time.sleep(0.1)
    project.write("one/text", "edited meanwhile\n")


def test_an_edit_during_the_build_is_not_taken_for_built(image_set: Module, project: Project) -> None:
    # The project's name keeps the builder from taking the step from its cache.
    project.write("one/Dockerfile", f"FROM base:1\nCOPY text /srv/text\nRUN echo copied {project.name} && sleep 5\n")
    editor = threading.Thread(target=_edit_once_copied, args=(project,))
    editor.start()
    first = image_set.ok(**project.options, targets=["one"])
    editor.join()
    assert "Target 'one': text changed during the build; the next run builds it again." in str(first["warnings"])
    assert causes(image_set.ok(**project.options, targets=["one"])) == {"one": "never built here"}


def test_what_only_bake_can_evaluate_is_always_built(image_set: Module, project: Project) -> None:
    project.definition["variable"] = {"V": {"default": "x"}}
    project.definition["target"]["one"]["labels"] = {"a": "${V}"}
    for _ in range(2):
        after = image_set.ok(**project.options, targets=["one"])
        assert "only bake can evaluate" in causes(after)["one"]
    assert not after["changed"]
    assert after["images"][0]["built"]


def test_a_failed_build_names_the_target_and_quotes_its_log(image_set: Module, project: Project) -> None:
    project.write("two/Dockerfile", "FROM base:1\nRUN echo about to fail && exit 7\n")
    result = image_set.failing(**project.options)
    assert result["msg"].startswith(
        "Target 'two' was not built at 'RUN echo about to fail && exit 7': it ended with exit code 7."
    )
    assert (result["target"], result["instruction"]) == ("two", "RUN echo about to fail && exit 7")
    assert result["lines"] == ["about to fail"]
    assert "about to fail" in Path(result["log"]).read_text()
    project.write("two/Dockerfile", "FROM base:1\n")
    assert image_set.ok(**project.options)["changed"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"context": "absent"}, "Target 'one': .*absent/Dockerfile: No such file or directory"),
        ({"dockerfile": "Absent"}, "Target 'one': .*one/Absent: No such file or directory"),
        ({"inherits": ["nobody"]}, "inherits from 'nobody'"),
    ],
)
def test_mistakes_are_one_sentence(image_set: Module, project: Project, change: dict[str, Any], says: str) -> None:
    project.definition["target"]["one"] |= change
    assert re.search(says, image_set.failing(**project.options)["msg"])


def test_a_base_that_no_registry_gives(image_set: Module, project: Project) -> None:
    project.write("one/Dockerfile", "FROM registry.invalid/base:1\n")
    message = image_set.failing(**project.options, targets=["one"])["msg"]
    assert "the base image registry.invalid/base:1 cannot be had from its registry" in message


def test_no_engine(image_set: Module, project: Project) -> None:
    message = image_set.failing(**project.options, docker_host="unix:///nonexistent.sock")["msg"]
    assert message == (
        "The Docker engine's socket unix:///nonexistent.sock does not exist: "
        "the engine is not running or not installed."
    )


def test_what_is_remembered_is_private(image_set: Module, project: Project, tmp_path: Path) -> None:
    image_set.ok(**project.options)
    files = list((tmp_path / "state/bunops/images").iterdir())
    assert len(files) == 2
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_broken_record_only_costs_a_build(image_set: Module, project: Project, tmp_path: Path) -> None:
    image_set.ok(**project.options)
    for file in (tmp_path / "state/bunops/images").iterdir():
        file.write_text("{")
    after = image_set.ok(**project.options)
    assert causes(after) == dict.fromkeys(("one", "two"), "never built here")
    assert not after["changed"]


def test_the_log_is_never_in_a_build_context(image_set: Module, project: Project, tmp_path: Path) -> None:
    project.write("Dockerfile", "FROM base:1\nCOPY . /srv\n")
    project.definition["target"]["one"]["context"] = "."
    first = image_set.ok(**project.options)
    assert Path(first["log"]) == tmp_path / "state/bunops/build.log"
    assert causes(image_set.ok(**project.options)) == {}
