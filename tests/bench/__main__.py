"""Measures what docs/benchmarks.md reports, on the reference platform under a name and ports of its own.

Run it with `make bench` on a quiet machine. Prints Markdown.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ansible_collections.bunops.platform.tests.bench.backup import backup
from ansible_collections.bunops.platform.tests.bench.cluster import on_a_cluster
from ansible_collections.bunops.platform.tests.bench.develop import develop
from ansible_collections.bunops.platform.tests.bench.edge import edge
from ansible_collections.bunops.platform.tests.e2e.pages import Pages
from ansible_collections.bunops.platform.tests.e2e.platform_under_test import (
    ROOT,
    PlatformUnderTest,
    command,
    inspect,
)

RUNS = 5


def seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def median_of(action: Callable[[], object], runs: int = RUNS) -> float:
    return statistics.median(seconds(action) for _run in range(runs))


def warm(platform: PlatformUnderTest) -> None:
    """The unchanged playbook against the tools that it drives, on the files that it rendered, in turn."""
    rendered = platform.directory / ".bunops"
    bake = ["docker", "buildx", "bake", "-f", str(rendered / "bake.json"), "--progress", "quiet"]
    compose = ["docker", "compose", "-p", platform.name, "-f", str(rendered / "compose.json")]
    compose += ["--project-directory", str(platform.directory), "--progress", "quiet", "up", "-d", "--wait"]
    playbook: list[float] = []
    tools: list[float] = []
    for _run in range(RUNS):
        tools.append(seconds(lambda: command(*bake)) + seconds(lambda: command(*compose)))
        playbook.append(seconds(lambda: platform.play("local.yml")))
    ours, theirs = statistics.median(playbook), statistics.median(tools)
    print("\n## Warm and unchanged\n")
    print("| | median of 5, s |\n|---|---|")
    print(f"| `docker buildx bake` + `docker compose up -d --wait` | {theirs:.2f} |")
    print(f"| `ansible-playbook playbooks/local.yml` | {ours:.2f} |")
    print(f"| ratio | {ours / theirs:.2f} |")


def healthy(platform: PlatformUnderTest) -> None:
    """From built images and no containers to every service healthy: the whole playbook, and Compose by itself."""
    project = ["docker", "compose", "-f", str(platform.directory / ".bunops/compose.json"), "--progress", "quiet"]
    playbook: list[float] = []
    compose: list[float] = []
    for _run in range(RUNS):
        platform.play("down.yml")
        playbook.append(seconds(lambda: platform.play("local.yml")))
        platform.play("down.yml")
        compose.append(seconds(lambda: command(*project, "up", "-d", "--wait")))
    print("\n## From built images, and nothing running, to healthy\n")
    print("| | median of 5, s | slowest, s |\n|---|---|---|")
    print(f"| `docker compose up -d --wait` by hand | {statistics.median(compose):.1f} | {max(compose):.1f} |")
    print(f"| `ansible-playbook playbooks/local.yml` | {statistics.median(playbook):.1f} | {max(playbook):.1f} |")


def sizes(platform: PlatformUnderTest) -> None:
    bun = int(command("docker", "run", "--rm", "--entrypoint", "bun", f"{platform.name}/api:local", "-e", BUN_SIZE))
    print("\n## Images\n")
    print("| image | bytes | times the bun binary |\n|---|---|---|")
    for tag in sorted(platform.images()):
        size = int(inspect("image", f"{tag}:local")["Size"])
        print(f"| {tag.split('/')[1]} | {size:,} | {size / bun:.3f} |")


BUN_SIZE = "console.log(Bun.file(process.execPath).size)"


def first_page(platform: PlatformUnderTest, pages: Pages) -> None:
    """`docker run` of the fetcher until it has printed the page's title, text and screenshot."""
    network = f"{platform.name}_egress-fetcher"
    profile = ROOT / "docker/seccomp/chrome.json"
    run = ["docker", "run", "--rm", "--init", "--network", network, "--read-only", "--cap-drop", "ALL"]
    run += ["--tmpfs", "/tmp:size=256m,mode=1777", "--shm-size", "256m", "--user", "1000:1000"]
    run += ["--security-opt", "no-new-privileges:true", "--security-opt", f"seccomp={profile}"]
    run += ["-e", "EGRESS=pages", "-e", "TIMEOUT_SECONDS=30", f"{platform.name}/fetcher:local"]
    run += ["--job", "bench", "--url", pages.url("/bench")]
    print("\n## The fetcher\n")
    taken = median_of(lambda: command(*run))
    print(f"`docker run` to title, text and screenshot of a page, median of {RUNS}: {taken:.2f} s")


def job(platform: PlatformUnderTest, pages: Pages) -> None:
    """From the POST to the stored result."""

    def one() -> None:
        platform.ended_job(platform.post_job(pages.url("/bench")))

    print(f"\nA job from POST to `done`, median of {RUNS}: {median_of(one):.2f} s")


def machine() -> str:
    processors = subprocess.run(["nproc"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{processors} processors, Docker engine {command('docker', 'version', '-f', '{{.Server.Version}}').strip()}"


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        platform = PlatformUnderTest("bunops-bench", directory)
        platform.copy_project()
        print(f"Measured on {machine()}.")
        try:
            platform.play("local.yml")
            warm(platform)
            healthy(platform)
            with Pages(platform) as pages:
                first_page(platform, pages)
                job(platform, pages)
            sizes(platform)
        finally:
            platform.clean()
    backup()
    edge()
    develop()
    on_a_cluster()


if __name__ == "__main__":
    main()
