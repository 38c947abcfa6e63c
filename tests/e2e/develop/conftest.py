"""The reference platform on its sources, with Compose alone, under a name and ports of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.bunops.platform.tests.e2e.develop.developed import Developed, DevelopedPages
from ansible_collections.bunops.platform.tests.e2e.pages import Pages


@pytest.fixture(scope="package")
def developed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Developed]:
    """The running platform; its sources are mounted."""
    platform = Developed("bunops-develop", tmp_path_factory.mktemp("develop"))
    platform.copy_project()
    platform.clean()
    try:
        # As engineers begin: with a look at what would happen, before anything is there.
        assert platform.develop("--check", "--diff").changed > 0
        assert platform.containers() == {}
        assert not platform.file.parent.exists()
        platform.develop()
        yield platform
    finally:
        platform.clean()


@pytest.fixture(scope="package")
def pages(developed: Developed) -> Iterator[Pages]:
    """A web server in the network of the fetcher, under the only name that the catalog lets it reach."""
    with DevelopedPages(developed) as running:
        yield running
