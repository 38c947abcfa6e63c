"""An edit is served by the very same containers, and each service that it concerns reloads once."""

from __future__ import annotations

import re
import shutil
from itertools import chain
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tests.e2e.develop.developed import SERVICES, Developed, replaced
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import command

FILES = 200
JUST_THE_API = {"api": 1, "dashboard": 0, "worker": 0}
SCRIPT = re.compile(r"/assets/main\.[0-9a-f]+\.js")
STYLE = re.compile(r"/assets/style\.[0-9a-f]+\.css")
NOTHING = ("nothing at", "edited, nothing at")


def test_an_edit_of_the_api_is_served(developed: Developed) -> None:
    before = developed.states()
    with developed.edited("api/src/server.ts", NOTHING):
        developed.await_served("api", "/v2", "edited, nothing at")
    assert "edited" not in str(developed.served("api", "/v2"))
    assert developed.states() == before


def test_an_edit_of_the_dashboard_is_served(developed: Developed) -> None:
    before = developed.states()
    with developed.edited("dashboard/src/answers.ts", ("there is nothing here", "edited, nothing here")):
        developed.await_served("dashboard", "/nowhere", "edited, nothing here")
    assert developed.states() == before


@pytest.mark.parametrize(
    ("path", "name", "addition"),
    [
        ("main.ts", SCRIPT, '\nconsole.debug("edited by a test");\n'),
        ("style.css", STYLE, "\n.edited-by-a-test{color:red}\n"),
    ],
    ids=["script", "style"],
)
def test_an_edit_of_what_browsers_get_is_served(
    developed: Developed, path: str, name: re.Pattern[str], addition: str
) -> None:
    def asset() -> str | None:
        named = name.search(developed.served("dashboard", "/") or "")
        return named and developed.served("dashboard", named[0])

    found = re.compile("edited.by.a.test")
    before = developed.states()
    file = developed.sources / "dashboard/src/client" / path
    former = file.read_text()
    assert not found.search(asset() or "")
    developed.reloads(lambda: file.write_text(former + addition), "dashboard")
    try:
        assert found.search(asset() or "")
    finally:
        developed.reloads(lambda: file.write_text(former), "dashboard")
    assert not found.search(asset() or "")
    assert developed.states() == before


@pytest.mark.parametrize(
    ("path", "concerned"),
    [
        ("shared/src/log.ts", {"api", "dashboard", "worker"}),
        ("shared/src/queue.ts", {"api", "worker"}),
        ("shared/src/drain.test.ts", set()),
    ],
    ids=["all", "two", "none"],
)
def test_an_edit_of_shared_code_reloads_every_service_that_imports_it_once(
    developed: Developed, path: str, concerned: set[str]
) -> None:
    before = developed.states()
    file = developed.sources / path
    former = file.read_text()
    expected = {service: int(service in concerned) for service in SERVICES}
    assert developed.reloads(lambda: file.write_text(former + "// Edited.\n"), *concerned) == expected
    assert developed.reloads(lambda: file.write_text(former), *concerned) == expected
    assert developed.states() == before


def test_a_burst_of_new_files_and_one_of_changed_files_reload_once(developed: Developed) -> None:
    folder = developed.sources / "api/src/burst"
    server = developed.sources / "api/src/server.ts"
    former = server.read_text()
    names = [f"value{number}" for number in range(FILES)]

    def write(value: int) -> None:
        for name in names:
            (folder / f"{name}.ts").write_text(f"export const {name} = {value};\n")

    def add() -> None:
        folder.mkdir()
        write(1)
        imports = [f'import {{ {name} }} from "./{name}.ts";' for name in names]
        (folder / "index.ts").write_text("\n".join([*imports, f"export const total = {' + '.join(names)};\n"]))
        text = 'import { total } from "./burst/index.ts";\n' + former
        server.write_text(replaced(text, ("`nothing at", "`${total} times nothing at")))

    def remove() -> None:
        server.write_text(former)
        shutil.rmtree(folder)

    before = developed.states()
    try:
        assert developed.reloads(add, "api") == JUST_THE_API
        assert f"{FILES} times nothing" in str(developed.served("api", "/v2"))
        assert developed.reloads(lambda: write(2), "api") == JUST_THE_API
        assert f"{2 * FILES} times nothing" in str(developed.served("api", "/v2"))
    finally:
        developed.reloads(remove, "api")
    assert "times nothing" not in str(developed.served("api", "/v2"))
    assert developed.states() == before


@pytest.mark.parametrize("path", ["late.ts", "later/late.ts"], ids=["file", "folder"])
def test_a_file_that_comes_after_its_import_is_served(developed: Developed, path: str) -> None:
    """As git, tar and people do it: the import is written first."""
    server = developed.sources / "api/src/server.ts"
    file = developed.sources / "api/src" / path
    former = server.read_text()
    text = f'import {{ late }} from "./{path}";\n{former}'
    log = developed.log("api")
    server.write_text(replaced(text, ("`nothing at", "`${late}, nothing at")))
    try:
        log.await_text("Cannot find module")
        file.parent.mkdir(exist_ok=True)
        file.write_text('export const late = "late";\n')
        developed.await_served("api", "/v2", "late, nothing at")
    finally:
        developed.reloads(lambda: server.write_text(former), "api")
        file.unlink(missing_ok=True)


def test_a_burst_over_all_sources_reloads_each_service_once(developed: Developed, tmp_path: Path) -> None:
    """As a change of branches does it: each file is made anew, in a few milliseconds for all of them."""
    archive = tmp_path / "sources.tar"
    folders = [f"{folder}/src" for folder in (*SERVICES, "shared")]
    pack = ["tar", "--create", "--file", str(archive), "--directory", str(developed.sources)]
    files = len(list(chain.from_iterable((developed.sources / folder).rglob("*.*") for folder in folders)))
    command(*pack, "--hard-dereference", *folders * -(-FILES // files))

    def unpack() -> None:
        command("tar", "--extract", "--touch", "--file", str(archive), "--directory", str(developed.sources))

    before = developed.states()
    assert developed.reloads(unpack, *SERVICES) == dict.fromkeys(SERVICES, 1)
    assert developed.states() == before
