"""Who sees the dashboard: in a browser, with Clerk's keys and without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ansible_collections.bunops.platform.tests.e2e.browser import chromium
from ansible_collections.bunops.platform.tests.e2e.clerk import (
    BROWSER_FLAGS,
    PUBLISHABLE_KEY,
    SECRET_KEY,
    SIGN_IN_URL,
    Clerk,
)
from ansible_collections.bunops.platform.tests.e2e.pages import Pages
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import PlatformUnderTest, command, inspect
from ansible_collections.bunops.platform.tests.e2e.sign_in import SIGN_IN, with_test_session

TITLE = "Page /behind-sign-in"


@pytest.fixture(scope="module")
def job(platform: PlatformUnderTest, pages: Pages) -> str:
    done = platform.ended_job(platform.post_job(pages.url("/behind-sign-in")))
    assert done["title"] == TITLE
    return str(done["id"])


@pytest.fixture(scope="module")
def clerk(platform: PlatformUnderTest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clerk]:
    """Clerk, whose keys the platform has got as users give them. Afterwards it has none again."""
    settings = {"CLERK_PUBLISHABLE_KEY": PUBLISHABLE_KEY, "CLERK_SIGN_IN_URL": SIGN_IN_URL}
    env = platform.directory / ".env"
    pem = platform.directory / "secrets/clerk.pem"
    with Clerk(platform.url("dashboard"), tmp_path_factory.mktemp("clerk")) as running:
        pem.parent.mkdir(exist_ok=True)
        pem.write_text(running.jwt_key)
        env.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        try:
            with pytest.MonkeyPatch.context() as environment:
                environment.setenv("CLERK_SECRET_KEY", SECRET_KEY)
                output = platform.play("local.yml", "-vvv", "--diff").output
            assert SECRET_KEY not in output
            yield running
        finally:
            env.unlink()
            pem.unlink()
            platform.play("local.yml")


def test_without_keys_a_page_load_ends_at_the_local_sign_in_which_leads_to_the_jobs(
    platform: PlatformUnderTest, job: str
) -> None:
    url = platform.url("dashboard")
    with chromium(platform) as browser:
        page = browser.new_page()
        page.goto(url)
        assert page.url == f"{url}/sign-in"
        expect(page.get_by_role("heading", name=TITLE)).to_have_count(0)
        assert page.request.get(f"{url}/jobs/{job}").status == 401
        with_test_session(page)
        shows_the_jobs(page, url)
    assert "no keys of Clerk" in command("docker", "logs", platform.container("dashboard"))


@pytest.mark.usefixtures("job")
def test_a_session_that_ends_leads_an_open_page_to_sign_in(platform: PlatformUnderTest) -> None:
    with chromium(platform) as browser:
        page = browser.new_page()
        page.goto(platform.url("dashboard"))
        with_test_session(page)
        shows_the_jobs(page, platform.url("dashboard"))
        page.context.clear_cookies()
        page.get_by_role("link", name=TITLE).first.click()
        expect(page.get_by_role("button", name=SIGN_IN)).to_be_visible()


@pytest.mark.usefixtures("job")
def test_with_keys_a_page_load_ends_at_clerks_sign_in_and_with_a_session_it_shows_the_jobs(
    platform: PlatformUnderTest, clerk: Clerk
) -> None:
    url = platform.url("dashboard")
    with chromium(platform, *BROWSER_FLAGS) as browser:
        page = browser.new_page()
        page.goto(url)
        assert page.url.split("?")[0] == SIGN_IN_URL
        assert clerk.asked[-1] == f"/sign-in?redirect_url={url.replace(':', '%3A').replace('/', '%2F')}%2F"

        page.context.add_cookies(clerk.cookies(clerk.session()))
        page.goto(url)
        shows_the_jobs(page, url)


def test_an_expired_token_is_renewed_by_a_handshake_on_page_loads_and_behind_an_open_page(
    platform: PlatformUnderTest, clerk: Clerk, job: str
) -> None:
    url = platform.url("dashboard")
    with chromium(platform, *BROWSER_FLAGS) as browser:
        page = browser.new_page()
        page.context.add_cookies(clerk.cookies(clerk.session(-30)))
        page.goto(url)
        expect(page.get_by_role("heading", name=TITLE).first).to_be_visible()

        loaded = page.evaluate("performance.timeOrigin")
        page.context.add_cookies(clerk.cookies(clerk.session(-30)))
        clerk.asked.clear()
        page.get_by_role("link", name=TITLE).first.click()
        expect(page.get_by_role("dialog").get_by_text(job)).to_be_visible()
        expect(page.get_by_role("dialog").get_by_text("200")).to_be_visible()
        assert [path.split("?")[0] for path in clerk.asked] == ["/v1/client/handshake"]
        assert page.evaluate("performance.timeOrigin") == loaded, "the page was loaded again"


def test_keys_and_tokens_are_in_no_log_and_no_environment(platform: PlatformUnderTest, clerk: Clerk) -> None:
    token = clerk.session(-30)
    with chromium(platform, *BROWSER_FLAGS) as browser:
        page = browser.new_page()
        page.context.add_cookies(clerk.cookies(token))
        page.goto(platform.url("dashboard"))
    container = platform.container("dashboard")
    places = {
        "log": command("sh", "-c", f"docker logs {container} 2>&1"),
        "container": str(inspect("container", container)),
        "project": (platform.directory / ".bunops/compose.json").read_text(),
        "processes": "".join(file.read_text(errors="replace") for file in cmdlines()),
    }
    assert "sessions of Clerk" in places["log"]
    secrets = (SECRET_KEY, token, token.rsplit(".", 1)[1])
    assert [(place, secret) for place, text in places.items() for secret in secrets if secret in text] == []


def shows_the_jobs(page: Page, url: str) -> None:
    expect(page.get_by_role("heading", name=TITLE).first).to_be_visible()
    assert page.url == f"{url}/"


def cmdlines() -> Iterator[Path]:
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        if process.exists():
            yield process
