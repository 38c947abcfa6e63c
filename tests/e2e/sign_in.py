"""Signing in to a dashboard without keys of Clerk, as its users do."""

from __future__ import annotations

import http.client

from playwright.sync_api import Page

SIGN_IN = "Sign in with a test session"


def with_test_session(page: Page) -> None:
    """In a browser that was led to the sign-in page."""
    page.get_by_role("button", name=SIGN_IN).click()


def session_cookie(port: int) -> str:
    """Without a browser: the cookie."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", "/sign-in", headers={"origin": f"http://127.0.0.1:{port}"})
        cookie = connection.getresponse().getheader("set-cookie") or ""
    finally:
        connection.close()
    return cookie.split(";")[0]
