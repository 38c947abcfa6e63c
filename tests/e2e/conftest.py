"""The reference platform, started by the playbook under a name and ports of its own, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.bunops.platform.tests.e2e.pages import Pages
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import PlatformUnderTest


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlatformUnderTest]:
    """The running platform. Its programs are a copy, so that tests may edit them."""
    directory = tmp_path_factory.mktemp("platform")
    under_test = PlatformUnderTest("bunops-e2e", directory)
    under_test.copy_project()
    under_test.clean()
    try:
        # As engineers begin: with a look at what would happen, before anything is there.
        assert under_test.play("local.yml", "--check", "--diff").changed > 0
        assert under_test.containers() == {}
        assert not (directory / ".bunops").exists()
        under_test.play("local.yml")
        yield under_test
    finally:
        under_test.clean()


@pytest.fixture(scope="session")
def pages(platform: PlatformUnderTest) -> Iterator[Pages]:
    """A web server in the network of the fetcher, under the only name that the catalog lets it reach."""
    with Pages(platform) as running:
        yield running
