"""A real Chromium, the one in the fetcher's image, driven from the test with Playwright."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from ansible_collections.bunops.platform.tests.e2e.platform_under_test import (
    ROOT,
    PlatformUnderTest,
    command,
    eventually,
)

PORT = 29222
CHROMIUM = "/usr/lib/chromium/chromium-headless-shell"


@contextmanager
def chromium(platform: PlatformUnderTest, *more_flags: str) -> Iterator[Browser]:
    """Chromium with its sandbox on, in the host's network so that it sees what a user's browser sees."""
    name = f"{platform.name}-browser"
    rights = ["--read-only", "--tmpfs", "/tmp:size=512m", "--shm-size", "256m", "--cap-drop", "ALL"]
    rights += ["--security-opt", f"seccomp={ROOT / 'docker/seccomp/chrome.json'}", "--user", "1000:1000", "--init"]
    flags = [f"--remote-debugging-port={PORT}", "--user-data-dir=/tmp/profile", "--disable-gpu"]
    flags += ["--no-first-run", "--disable-background-networking", *more_flags, "about:blank"]
    image = f"{platform.name}/fetcher:local"
    command("docker", "rm", "-f", name, check=False)
    command(
        "docker", "run", "-d", "--name", name, "--network", "host", *rights, "--entrypoint", CHROMIUM, image, *flags
    )
    try:
        eventually(lambda: "DevTools listening" in logs(name) or None, 20)
        with sync_playwright() as playwright:
            yield playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{PORT}")
    finally:
        command("docker", "rm", "-f", name)


def logs(container: str) -> str:
    return command("sh", "-c", f"docker logs {container} 2>&1")
