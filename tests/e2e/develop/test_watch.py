"""With sources that are copied, by `docker compose watch`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.bunops.platform.tests.e2e.develop.developed import Developed
from ansible_collections.bunops.platform.tests.e2e.develop.watch import Watch
from ansible_collections.bunops.platform.tests.e2e.test_secrets import secret_values


@pytest.fixture(scope="module")
def watch(developed: Developed) -> Iterator[Watch]:
    """Afterwards the sources are mounted again, and the images are those that the playbook builds."""
    play = developed.develop("--extra-vars", "tilt_dev_sources=sync")
    assert "sources are copied, as long as `docker compose watch` runs" in " ".join(play.output.split())
    try:
        with Watch(developed) as watch:
            yield watch
    finally:
        developed.develop()


def test_an_edit_is_served(developed: Developed, watch: Watch) -> None:
    before = developed.states()
    with developed.edited("api/src/server.ts", ("nothing at", "copied, nothing at")):
        developed.await_served("api", "/v2", "copied, nothing at")
    assert developed.states() == before
    assert watch.lives()


def test_a_new_and_a_removed_file_reach_the_container(developed: Developed, watch: Watch) -> None:
    server = developed.sources / "api/src/server.ts"
    file = developed.sources / "api/src/added.ts"
    former = server.read_text()

    def add() -> None:
        file.write_text('export const added = "added";\n')
        text = former.replace("nothing at", "${added}, nothing at")
        server.write_text(f'import {{ added }} from "./added.ts";\n{text}')

    def remove() -> None:
        server.write_text(former)
        file.unlink()

    try:
        add()
        developed.await_served("api", "/v2", "added, nothing at")
    finally:
        developed.reloads(remove, "api")
    assert "added" not in str(developed.served("api", "/v2"))
    assert watch.lives()


def test_no_secret_is_in_what_it_prints(developed: Developed, watch: Watch) -> None:
    output = watch.output()
    assert [name for name, value in secret_values(developed).items() if value in output] == []
