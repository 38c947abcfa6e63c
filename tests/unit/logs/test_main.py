# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The program as it is called, with stand-ins for Docker and stern that tell how they were called."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tests.unit.logs.test_golden import FOLDER, JOB

PROGRAM = Path(__file__).resolve().parents[3] / "tools/logs"
LIMIT = 30
# `ps` says what containers there are; everything else is a log.
STAND_IN = """\
#!/bin/sh
echo "$(basename "$0") $*" >>calls
case "$*" in
*" ps "*) [ -e containers ] && exec cat containers ;;
*) cat log; [ -e endless ] && exec sleep 30 ;;
esac
cat errors >&2
exit "$(cat exit_code)"
"""


class Site:
    """A folder with a platform of which Docker and stern know."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        programs = folder / "programs"
        programs.mkdir()
        for name in ("docker", "stern"):
            (programs / name).write_text(STAND_IN)
            (programs / name).chmod(0o755)
        (folder / ".bunops").mkdir()
        self.write(".bunops/compose.json", json.dumps({"name": "atlas"}))
        self.write("containers", "4f1d2c8e6b10\n")
        self.write("log", (FOLDER / "written/compose.log").read_text())
        self.write("errors", "")
        self.write("exit_code", "0")
        self.environment = {"PATH": f"{programs}:{os.environ['PATH']}", "TZ": "UTC"}

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def start(
        self, *arguments: str, variables: Mapping[str, str], stdout: int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(PROGRAM), *arguments],
            cwd=self.folder,
            env={**self.environment, **variables},
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **variables: str) -> tuple[int | None, str, str]:
        """The exit code and what was printed, also as errors."""
        program = self.start(*arguments, variables=variables)
        output, errors = program.communicate(timeout=LIMIT)
        return program.returncode, output, errors

    def calls(self) -> list[str]:
        return (self.folder / "calls").read_text().splitlines()


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def shown(case: str) -> str:
    return (FOLDER / "shown" / f"{case}.txt").read_text()


def test_compose(site: Site) -> None:
    assert site.run() == (0, shown("everything"), "")
    assert site.calls() == [
        "docker compose --project-name atlas ps --all --quiet",
        "docker compose --project-name atlas logs --no-color --timestamps",
    ]


def test_options_and_what_make_hands_over(site: Site) -> None:
    everything = {"service": "worker", "level": "INFO", "job": JOB, "grep": "job d", "since": "5m", "follow": "false"}
    options = [f"--{name}={value}" for name, value in everything.items()]
    wanted = (0, shown("all_at_once"), "")
    assert site.run(*options) == wanted
    assert site.run(**{name.upper(): value for name, value in everything.items()}) == wanted
    assert site.calls()[1].endswith("logs --no-color --timestamps --since=5m")
    assert site.run(SERVICE="api, fetcher") == (0, shown("api_and_fetcher"), "")


def test_following_begins_a_while_ago_and_shows_lines_as_they_come(site: Site) -> None:
    code, output, errors = site.run(FOLLOW="true")
    assert (code, errors) == (0, "")
    assert sorted(output) == sorted(shown("everything"))
    assert output.splitlines()[0].endswith("listening  port=8080 queue=fetch")
    assert site.calls()[1].endswith("logs --no-color --timestamps --follow --since=10m")
    site.run(FOLLOW="true", SINCE="1h")
    assert site.calls()[3].endswith("--follow --since=1h")


@pytest.mark.parametrize(("variables", "follows"), [({}, True), ({"JOB": JOB}, False), ({"FOLLOW": "false"}, False)])
def test_a_terminal_has_colours_and_is_followed(site: Site, variables: dict[str, str], follows: bool) -> None:
    ours, its = pty.openpty()
    program = site.start(variables=variables, stdout=its)
    os.close(its)
    read = os.read(ours, 100)
    os.close(ours)
    program.communicate(timeout=LIMIT)
    assert read.startswith(b"\x1b[2m22:1")
    assert ("--follow" in site.calls()[1]) is follows


def test_a_cluster(site: Site) -> None:
    site.write("log", "".join((FOLDER / "written/stern.log").read_text().splitlines(keepends=True)[:3]))
    code, output, errors = site.run(CONTEXT="kind-local", LEVEL="info", SERVICE="api,fetcher")
    assert (code, output, errors) == (0, "".join(shown("stern").splitlines(keepends=True)[:2]), "")
    site.run("--context=kind-local", "--namespace=atlas,atlas-tasks", "--since=5m", "--follow=true")
    common = "--output=json --timestamps=default --timezone=UTC --color=never --only-log-lines"
    assert site.calls() == [
        f"stern --config=/dev/null --context=kind-local --namespace=atlas {common} --since=8760h --no-follow .",
        f"stern --config=/dev/null --context=kind-local --namespace=atlas,atlas-tasks {common} --since=5m"
        " --max-log-requests=500 .",
    ]


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        ({"LEVEL": "loud"}, "there is no level loud; there are trace, debug, info, warn, error, fatal"),
        ({"FOLLOW": "perhaps"}, "FOLLOW=perhaps is neither true nor false"),
        ({"NAMESPACE": "atlas"}, "a namespace is of a cluster: name its CONTEXT too"),
        ({"JOB": "no-such-job"}, "the log of atlas has no such line"),
        ({"CONTEXT": "kind-local", "JOB": "no-such-job"}, "the log of atlas in kind-local has no such line"),
        ({"PATH": "/nowhere"}, "docker is not installed, or not on the PATH"),
        ({"PATH": "/nowhere", "CONTEXT": "kind-local"}, "stern is not installed, or not on the PATH"),
    ],
)
def test_a_problem_is_one_line(site: Site, variables: dict[str, str], problem: str) -> None:
    assert site.run(**variables) == (1, "", f"logs: {problem}\n")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "is not there; `make local` writes it"),
        ("{", "is no Compose project with a name; `make local` writes it anew"),
        ("[]", "is no Compose project with a name; `make local` writes it anew"),
        ("{}", "is no Compose project with a name; `make local` writes it anew"),
    ],
)
def test_without_a_project(site: Site, text: str | None, problem: str) -> None:
    if text is None:
        (site.folder / ".bunops/compose.json").unlink()
    else:
        site.write(".bunops/compose.json", text)
    assert site.run() == (1, "", f"logs: .bunops/compose.json {problem}\n")


def test_a_platform_that_only_make_dev_has_run(site: Site) -> None:
    (site.folder / ".bunops/compose.json").rename(site.folder / ".bunops/compose.dev.json")
    assert site.run() == (0, shown("everything"), "")


def test_without_containers(site: Site) -> None:
    site.write("containers", "")
    assert site.run() == (1, "", "logs: the project atlas has no containers; `make local` starts them\n")


@pytest.mark.parametrize(
    ("errors", "problem"),
    [
        (
            'Error: context "nope" does not exist\nUsage:\n  stern pod-query [flags]\n',
            'Error: context "nope" does not exist',
        ),
        ("a warning\nCannot connect to the Docker daemon.\n\n", "Cannot connect to the Docker daemon."),
        ("", "failed, and does not say why"),
    ],
)
def test_a_tool_that_fails_says_why_after_what_it_had(site: Site, errors: str, problem: str) -> None:
    site.write("exit_code", "3")
    site.write("errors", errors)
    assert site.run() == (1, shown("everything"), f"logs: docker: {problem}\n")
    (site.folder / "containers").unlink()
    assert site.run() == (1, "", f"logs: docker: {problem}\n")


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ended_from_outside(site: Site, ending: signal.Signals) -> None:
    site.write("endless", "")
    program = site.start(variables={"FOLLOW": "true"})
    assert program.stdout is not None
    for _line in shown("everything").splitlines():
        program.stdout.readline()
    program.send_signal(ending)
    assert program.communicate(timeout=LIMIT) == ("", "")
    assert program.returncode == 0


def test_who_reads_it_has_seen_enough(site: Site) -> None:
    site.write("log", (FOLDER / "written/compose.log").read_text() * 1_000)
    program = site.start(variables={})
    assert program.stdout is not None
    assert program.stdout.readline()
    program.stdout.close()
    assert program.communicate(timeout=LIMIT)[1] == ""
    assert program.returncode == 0
