# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How programs that were built are brought to a cluster that runs, with their objects, and waited for."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.bunops.platform.tests.cluster import images, readiness, state
from ansible_collections.bunops.platform.tests.cluster.api import Client

LIMIT = 120


def running(kubeconfig: Path) -> readiness.Wait:
    """The cluster of this machine whose kubeconfig that is, in its root, to wait for.

    Raises:
        LookupError: no cluster of this machine runs there.
    """
    known = state.of_root(kubeconfig.resolve().parent)
    if known is None or known.first is None or not known.alive:
        raise LookupError(f"No cluster runs below {kubeconfig.parent}.")
    return readiness.Wait(known.layout, known.first)


def bring(client: Client, to: readiness.Wait, built: Sequence[Path], items: Iterable[dict[str, Any]]) -> None:
    """Images of these programs, then the objects."""
    add_images(to, {program.name: {f"/{program.name}": program} for program in built})
    for item in items:
        client.apply(item)


def add_images(to: readiness.Wait, files: Mapping[str, Mapping[str, Path]]) -> None:
    """files: of each image, by path; the first of them is its program."""
    archives = {name: to.layout.images / f"{name}.tar" for name in files}
    for name, archive in archives.items():
        images.write_files(archive, image(name), files[name])
    images.add(to.first, *archives.values())
    for archive in archives.values():
        archive.unlink()


def image(program: str) -> str:
    """The reference of a program's image, which no registry has."""
    return f"bunops.test/{program}:local"


def encoded(path: Path) -> str:
    """A file as objects hold it."""
    return base64.b64encode(path.read_bytes()).decode()


def await_serving(wait: readiness.Wait, what: str, serves: Callable[[], bool], deployments: Iterable[str]) -> None:
    """Wait until it serves, which ``what`` says as a sentence.

    Raises:
        NotReady: not in time; the text has the last lines of the Deployments' pods.
    """
    try:
        wait.until(what, serves, LIMIT, ["kubelet", "kube-apiserver"])
    except readiness.NotReady as error:
        logs = wait.layout.logs
        pods = sorted(file for name in deployments for file in logs.glob(f"pods/*_{name}-*/*/*.log"))
        lines = [line for file in pods for line in readiness.last_lines(wait.layout, str(file.relative_to(logs))[:-4])]
        raise readiness.NotReady("\n".join([str(error), "Last lines of the pods:", *lines])) from error


def say(line: str) -> None:
    """A line on the progress, to standard error."""
    print(line, file=sys.stderr, flush=True)
