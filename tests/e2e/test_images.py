"""The images of the reference platform: small, on one shared layer, without a shell, and fit for what they run."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from ansible_collections.bunops.platform.tests.e2e.platform_under_test import ROOT, PlatformUnderTest, command, inspect

ON_BUN = ["api", "worker", "fetcher", "dashboard", "docker-guard", "turso"]
# What the guard gives a fetcher, without a network.
CONFINED = [
    "--init",
    "--read-only",
    "--cap-drop",
    "ALL",
    "--security-opt",
    "no-new-privileges",
    "--security-opt",
    f"seccomp={ROOT}/docker/seccomp/chrome.json",
    "--network",
    "none",
    "--tmpfs",
    "/tmp:rw,nosuid,nodev,size=256m,mode=1777",
    "--shm-size",
    "256m",
    "--memory",
    "768m",
    "--pids-limit",
    "256",
]
# The kernel's account of every process that it shows: kind of Chromium process, depth of PID namespaces, filters.
PROCESSES = r"""
const { readdirSync, readFileSync } = require("node:fs");
const processes = [];
for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
  try {
    const kind = readFileSync(`/proc/${pid}/cmdline`, "utf8").match(/--type=([a-z]+)/)?.[1];
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const [, spaces] = status.match(/^NSpid:\s*(.*)$/m);
    const [, filters] = status.match(/^Seccomp_filters:\s*(\d+)$/m);
    if (kind) processes.push({ kind, depth: spaces.split(/\s+/).length, filters: Number(filters) });
  } catch {}
}
console.log(JSON.stringify(processes));
"""


def tag(platform: PlatformUnderTest, name: str) -> str:
    return f"{platform.name}/{name}:local"


def image(platform: PlatformUnderTest, name: str) -> dict[str, Any]:
    return inspect("image", tag(platform, name))


def test_all_images_on_bun_share_one_runtime_layer(platform: PlatformUnderTest) -> None:
    lowest = {name: image(platform, name)["RootFS"]["Layers"][0] for name in ON_BUN}
    assert len(set(lowest.values())) == 1, lowest


def test_the_api_image_is_hardly_larger_than_bun(platform: PlatformUnderTest) -> None:
    size = command(
        "docker",
        "run",
        "--rm",
        "--network",
        "none",
        "--entrypoint",
        "bun",
        tag(platform, "api"),
        "-e",
        "console.log(Bun.file('/usr/local/bin/bun').size)",
    )
    assert image(platform, "api")["Size"] <= 1.05 * int(size)


@pytest.mark.parametrize("name", [*ON_BUN, "redis"])
def test_no_image_runs_as_root_or_has_a_shell(platform: PlatformUnderTest, name: str) -> None:
    assert image(platform, name)["Config"]["User"] == "1000:1000"
    with pytest.raises(AssertionError, match="no such file or directory"):
        command("docker", "run", "--rm", "--network", "none", "--entrypoint", "/bin/sh", tag(platform, name))


def test_the_browser_runs_in_its_own_sandbox(platform: PlatformUnderTest) -> None:
    browser = "/usr/lib/chromium/chromium-headless-shell"
    container = command(
        "docker",
        "run",
        "--detach",
        *CONFINED,
        "--entrypoint",
        browser,
        tag(platform, "fetcher"),
        "--remote-debugging-port=9222",
        "--user-data-dir=/tmp/profile",
        "about:blank",
    ).strip()
    try:
        renderers: list[dict[str, Any]] = []
        limit = time.monotonic() + 30
        while not renderers and time.monotonic() < limit:
            processes = json.loads(command("docker", "exec", container, "bun", "-e", PROCESSES))
            renderers = [process for process in processes if process["kind"] == "renderer" and process["filters"] > 1]
        # One PID namespace is the container's, one filter is Docker's: the others are the browser's own.
        assert renderers, processes
        assert all(process["depth"] > 1 for process in renderers)
    finally:
        command("docker", "rm", "--force", container)
