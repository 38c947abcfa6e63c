"""The dashboard, used as a person would: in a browser."""

from __future__ import annotations

import os

from playwright.sync_api import expect

from ansible_collections.bunops.platform.tests.e2e.browser import chromium
from ansible_collections.bunops.platform.tests.e2e.pages import GALLERY, Pages
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import ROOT, PlatformUnderTest, eventually
from ansible_collections.bunops.platform.tests.e2e.sign_in import with_test_session

# Whether the screenshots that a person would see now are there; those further down are loaded later.
SHOWN = """() => {
  const seen = [...document.images].filter((image) => image.checkVisibility());
  const near = seen.filter((image) => image.getBoundingClientRect().top < innerHeight);
  return near.length > 0 && near.every((image) => image.complete && image.naturalWidth > 0);
}"""


def test_a_posted_url_appears_with_its_screenshot(platform: PlatformUnderTest, pages: Pages) -> None:
    for name in GALLERY:
        assert platform.ended_job(platform.post_job(pages.url(f"/gallery/{name}")))["status"] == "done"
    with chromium(platform) as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(platform.url("dashboard"))
        with_test_session(page)
        page.get_by_role("textbox").first.fill(pages.url("/from-the-dashboard"))
        page.keyboard.press("Enter")

        expect(page.get_by_text("Page /from-the-dashboard").first).to_be_visible(timeout=60_000)
        eventually(lambda: page.evaluate(SHOWN) or None, 20)
        # README's picture is taken here, on request, from the real thing.
        if picture := os.environ.get("BUNOPS_PICTURE"):
            page.screenshot(path=ROOT / picture)
        assert problems == []
