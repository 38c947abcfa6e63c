"""Drives the reference platform as its users do: playbooks, HTTP and the docker command line."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml

ROOT = Path(__file__).resolve().parents[2]
# No playbook takes longer, also with every image to build.
PLAYBOOK_LIMIT = 1800
PORTS = {"api": 28080, "dashboard": 23000, "redis": 26379, "turso": 28081}
T = TypeVar("T")
Catalog = dict[str, Any]


@dataclass(frozen=True)
class Play:
    """An ended playbook run: exit code, everything that it printed, and how many tasks changed something."""

    rc: int
    output: str
    changed: int

    def expect_success(self) -> Play:
        assert self.rc == 0, self.output
        return self


def command(*argv: str, timeout: float = 120, check: bool = True) -> str:
    """Run a program and return what it prints; its errors are the failure's text."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(argv)} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def run_playbook(inventory: Path, playbook: Path, *arguments: str, check: bool = True) -> Play:
    """Run a playbook as from a checkout; ``changed`` is that of all hosts."""
    done = subprocess.run(
        ["ansible-playbook", "-i", str(inventory), str(playbook), *arguments],
        cwd=ROOT,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PLAYBOOK_LIMIT,
        check=False,
    )
    counted = [int(count) for count in re.findall(r"changed=(\d+)", done.stdout)]
    play = Play(done.returncode, done.stdout, sum(counted) if counted else -1)
    return play.expect_success() if check else play


def copy_folders(directory: Path, *folders: str) -> None:
    """Folders of this project that tests may edit, without what is installed in them."""
    for folder in folders:
        shutil.copytree(ROOT / folder, directory / folder, ignore=shutil.ignore_patterns("node_modules"))


def inspect(kind: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(command("docker", kind, "inspect", name))[0]
    return found


class PlatformUnderTest:
    """The reference catalog under another name, on other ports, fetching only from the test's own pages."""

    def __init__(self, name: str, directory: Path, ports: Mapping[str, int] = PORTS) -> None:
        self.name = name
        self.directory = directory
        self.ports = ports
        self.inventory = directory / "inventory"
        self.catalog = self._catalog()

    def _catalog(self) -> Catalog:
        text = (ROOT / "inventories/local/group_vars/all/platform.yml").read_text()
        catalog: Catalog = yaml.safe_load(text)["platform"]
        catalog["name"] = self.name
        for kind in ("services", "stores"):
            for name, entry in catalog[kind].items():
                if name in self.ports:
                    entry["port"] = self.ports[name]
        catalog["tasks"]["fetcher"]["egress"] = ["pages"]
        return catalog

    def copy_project(self) -> None:
        """Programs and Dockerfiles, which tests may edit, and an inventory."""
        copy_folders(self.directory, "examples", "docker")
        self.write_inventory()

    def write_inventory(self) -> None:
        variables = self.inventory / "group_vars" / "all"
        variables.mkdir(parents=True, exist_ok=True)
        hosts = (ROOT / "inventories/local/hosts.yml").read_text()
        (self.inventory / "hosts.yml").write_text(hosts)
        settings = {
            "platform": self.catalog,
            "docker_images_project_dir": str(self.directory),
            "compose_stack_project_dir": str(self.directory),
            "tilt_dev_project_dir": str(self.directory),
        }
        (variables / "platform.yml").write_text(yaml.safe_dump(settings))

    def play(self, playbook: str, *arguments: str, check: bool = True) -> Play:
        return run_playbook(self.inventory, ROOT / "playbooks" / playbook, *arguments, check=check)

    def clean(self) -> None:
        self.play("clean.yml")

    def url(self, service: str, path: str = "") -> str:
        return f"http://127.0.0.1:{self.ports[service]}{path}"

    def container(self, service: str) -> str:
        """Id of the one container of a service."""
        labels = [f"label=com.docker.compose.project={self.name}", f"label=com.docker.compose.service={service}"]
        listed = command("docker", "ps", "-aq", "--no-trunc", "--filter", labels[0], "--filter", labels[1]).split()
        assert len(listed) == 1, f"{service}: {listed}"
        return listed[0]

    def containers(self) -> dict[str, str]:
        """Container ids by service."""
        template = '{{.Label "com.docker.compose.service"}} {{.ID}}'
        project = f"label=com.docker.compose.project={self.name}"
        listed = command("docker", "ps", "-a", "--no-trunc", "--filter", project, "--format", template)
        return dict(line.split() for line in listed.splitlines())

    def images(self) -> dict[str, str]:
        """Image ids by tag."""
        template = "{{.Repository}} {{.ID}}"
        listed = command("docker", "images", "--no-trunc", "--format", template, f"{self.name}/*")
        return dict(line.split() for line in listed.splitlines())

    def post_job(self, url: str) -> str:
        return str(request("POST", self.url("api", "/v1/jobs"), {"url": url})["id"])

    def job(self, identifier: str) -> dict[str, Any]:
        return request("GET", self.url("api", f"/v1/jobs/{identifier}"))

    def ended_job(self, identifier: str, limit: float = 60) -> dict[str, Any]:
        """The job once it is done or failed."""

        def ended() -> dict[str, Any] | None:
            job = self.job(identifier)
            return job if job["status"] in ("done", "failed") else None

        return eventually(ended, limit)


def request(method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One JSON request; a service that is just restarting is asked again, as any client does."""
    data = None if body is None else json.dumps(body).encode()

    def ask() -> dict[str, Any] | None:
        asked = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            if error.code < 500:
                raise AssertionError(f"{method} {url}: {error.code} {error.read().decode()}") from error
        except OSError:
            pass
        return None

    return eventually(ask, 60)


def eventually(ask: Callable[[], T | None], limit: float, pause: float = 0.1) -> T:
    """The first answer that is not None, asked for until ``limit`` seconds have passed."""
    end = time.monotonic() + limit
    while True:
        answer = ask()
        if answer is not None:
            return answer
        assert time.monotonic() < end, f"no answer within {limit} s"
        time.sleep(pause)
