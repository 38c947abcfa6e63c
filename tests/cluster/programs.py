# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Builds the cluster's programs from Go modules, once for each set of versions."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ansible_collections.bunops.platform.tests.cluster.layout import cache

SOURCE = Path(__file__).parent / "go"
ROOT = Path(__file__).parents[2]
PROGRAMS = ("pause", "coredns", "kubernetes")
# Names of the one program `kubernetes`: go/kubernetes/main.go.
PARTS = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "kubectl",
    "registry",
    "volumes",
)
REPORT_EVERY = 15.0


class BuildError(Exception):
    """The programs could not be built; the text says why."""


def folder() -> Path:
    """Where the programs of these sources are, or will be."""
    return cache() / f"cluster-{_key()}"


def provide(say: Callable[[str], None]) -> Path:
    """The folder with the built programs; builds them unless they are there, which takes minutes.

    ``say`` gets a line on the progress now and then.

    Raises:
        BuildError: no suitable Go, or the build fails.
    """
    target = folder()
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / "cluster.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.exists():
            _build(target, say)
    return target


def kubernetes_version() -> str:
    """Of the module k8s.io/kubernetes, such as "v1.37.2"."""
    return _required(r"k8s\.io/kubernetes (v\S+)")


def _build(target: Path, say: Callable[[str], None]) -> None:
    go = _go()
    with tempfile.TemporaryDirectory(prefix="cluster-", dir=target.parent) as temporary:
        draft = Path(temporary) / "programs"
        draft.mkdir(mode=0o755)
        for program in PROGRAMS:
            _build_one(go, program, draft / program, say)
        for part in PARTS:
            (draft / part).symlink_to("kubernetes")
        draft.rename(target)


def _build_one(go: str, program: str, target: Path, say: Callable[[str], None]) -> None:
    """`go build`, which names each package on standard error as it compiles it."""
    # Without a version in it, clients cannot parse what the API server answers.
    flags = f"-s -w -X k8s.io/component-base/version.gitVersion={kubernetes_version()}"
    command = [go, "build", "-v", "-trimpath", f"-ldflags={flags}", f"-o={target}", f"./{program}"]
    environment = {**os.environ, "CGO_ENABLED": "0"}
    total = len(_output([go, "list", "-deps", f"./{program}"], environment).split())
    say(f"Building {program} of up to {total} packages")
    start = reported = time.monotonic()
    last: list[str] = []
    compiled = 0
    with subprocess.Popen(command, cwd=SOURCE, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            last = [*last[-19:], line.rstrip()]
            compiled += 1
            if time.monotonic() - reported > REPORT_EVERY:
                reported = time.monotonic()
                say(f"Building {program}: {compiled} of up to {total} packages after {reported - start:.0f} s")
    if process.returncode != 0:
        raise BuildError("\n".join([f"Building {program} failed:", *last]))
    say(f"Built {program} in {time.monotonic() - start:.0f} s")


def _go() -> str:
    """A Go that is new enough: the one on PATH, or the one that prepare.yml provides."""
    wanted = _required(r"go (\d+\.\d+\S*)")
    found = []
    for candidate in (shutil.which("go"), ROOT / ".cache/go/bin/go"):
        if candidate and Path(candidate).exists():
            version = _output([str(candidate), "env", "GOVERSION"], {**os.environ, "GOTOOLCHAIN": "local"}).strip()
            if _numbers(version) >= _numbers(wanted):
                return str(candidate)
            found.append(f"{candidate} is {version}")
    raise BuildError(
        f"Building the test cluster needs Go {wanted} or newer; {', '.join(found) or 'there is none'}."
        " `ansible-playbook tests/cluster/prepare.yml` provides it."
    )


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]


def _required(pattern: str) -> str:
    match = re.search(rf"^\s*(?:require )?{pattern}", (SOURCE / "go.mod").read_text(), re.MULTILINE)
    if match is None:
        raise BuildError(f"{SOURCE / 'go.mod'} lacks a line like {pattern}")
    return match[1]


def _output(command: list[str], environment: dict[str, str]) -> str:
    result = subprocess.run(command, cwd=SOURCE, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise BuildError(f"`{' '.join(command)}` failed: {result.stderr.strip()}")
    return result.stdout


def _key() -> str:
    """A name for these sources with these versions."""
    digest = hashlib.sha256()
    for file in sorted(path for path in SOURCE.rglob("*") if path.is_file()):
        digest.update(file.relative_to(SOURCE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
