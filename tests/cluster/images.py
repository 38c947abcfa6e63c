# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The images that the node has without a registry: one program each, with the libraries that it loads."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
import time
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.bunops.platform.tests.cluster.commands import containerd_tool
from ansible_collections.bunops.platform.tests.cluster.layout import (
    CONTAINERD_SOCKET,
    COREDNS_IMAGE,
    PAUSE_IMAGE,
    Layout,
)
from ansible_collections.bunops.platform.tests.cluster.state import Process

LIMIT = 120


def write(layout: Layout, programs: Path) -> None:
    """Write the archives below layout.images."""
    for reference, program in ((PAUSE_IMAGE, "pause"), (COREDNS_IMAGE, "coredns")):
        write_archive(layout.images / f"{program}.tar", reference, programs / program)


def load(layout: Layout) -> None:
    """Give the archives to the node's containerd, once that answers; on the node.

    Raises:
        subprocess.CalledProcessError: containerd refuses an archive.
        TimeoutError: containerd does not start.
    """
    end = time.monotonic() + LIMIT
    while not Path(CONTAINERD_SOCKET).exists():
        if time.monotonic() > end:
            raise TimeoutError("containerd has not started.")
        time.sleep(0.05)
    for archive in sorted(layout.images.glob("*.tar")):
        subprocess.run(containerd_tool("images", "import", str(archive)), check=True, timeout=LIMIT)


def add(first: Process, *archives: Path) -> None:
    """Give archives to the containerd of a running cluster, whose first process that is.

    Raises:
        subprocess.CalledProcessError: containerd refuses one.
    """
    # Its socket is in the node's own /run.
    on_node = ["nsenter", f"--target={first.pid}", "--mount", "--"]
    imports = [
        subprocess.Popen([*on_node, *containerd_tool("images", "import", str(archive))], stdout=subprocess.DEVNULL)
        for archive in archives
    ]
    for process in imports:
        if process.wait(LIMIT) != 0:
            raise subprocess.CalledProcessError(process.returncode, process.args)


def write_archive(path: Path, reference: str, program: Path) -> None:
    """An archive of one static program."""
    write_files(path, reference, {f"/{program.name}": program})


def write_files(path: Path, reference: str, files: Mapping[str, Path]) -> None:
    """An archive as `docker save` writes it, of programs and libraries; the first runs, as a user without rights.

    Format: https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format.
    """
    contents = {inside.lstrip("/"): file.read_bytes() for inside, file in files.items()}
    layer = _tar(contents, mode=0o755)
    first = next(iter(contents))
    config = {
        "architecture": _architecture(contents[first]),
        "os": "linux",
        "config": {"Entrypoint": [f"/{first}"], "User": "65532:65532"},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [reference], "Layers": ["layer.tar"]}]
    entries = {"manifest.json": _json(manifest), "config.json": _json(config), "layer.tar": layer}
    path.write_bytes(_tar(entries, mode=0o644))


def _tar(files: dict[str, bytes], mode: int) -> bytes:
    result = io.BytesIO()
    with tarfile.open(fileobj=result, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            archive.addfile(entry, io.BytesIO(content))
    return result.getvalue()


def _architecture(program: bytes) -> str:
    """From the ELF header's e_machine."""
    return {0x3E: "amd64", 0xB7: "arm64"}[int.from_bytes(program[18:20], "little")]


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
