# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A tiny image for tests, made from Debian's busybox-static: no image registry is needed.

As a program: `python busybox_image.py REFERENCE` makes the image unless it is there.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

PACKAGE = "busybox-static"


def ensure(engine: Any, reference: str) -> bool:
    """Make the image unless it is there; whether it had to be made."""
    repository, _, tag = reference.partition(":")
    if engine.images.list(name=reference):
        return False
    engine.api.import_image_from_data(
        _root(_busybox()), repository=repository, tag=tag, changes=['CMD ["sleep", "3600"]', "STOPSIGNAL SIGKILL"]
    )
    return True


def _busybox() -> bytes:
    """The static program, from the installed package or from a fresh download of it."""
    installed = shutil.which("busybox")
    if installed and b"statically linked" in _said(["file", "-L", installed]):
        return Path(installed).read_bytes()
    with tempfile.TemporaryDirectory() as folder:
        if _download(folder) != 0:
            subprocess.run(["apt-get", "update", "-qq"], check=True, timeout=120)
            if _download(folder) != 0:
                raise RuntimeError(f"The package {PACKAGE} could not be downloaded.")
        package = next(Path(folder).glob("*.deb"))
        subprocess.run(["dpkg-deb", "-x", str(package), f"{folder}/x"], check=True, timeout=60)
        return (Path(folder) / "x/bin/busybox").read_bytes()


def _download(folder: str) -> int:
    command = ["apt-get", "-o", "APT::Sandbox::User=root", "download", "-qq", PACKAGE]
    return subprocess.run(command, cwd=folder, check=False, timeout=120).returncode


def _said(command: list[str]) -> bytes:
    if shutil.which(command[0]) is None:
        return b""
    return subprocess.run(command, check=False, capture_output=True, timeout=10).stdout


def _root(program: bytes) -> bytes:
    """A root file system as a tar archive: the program, a link per command, /tmp and an account."""
    names = ("sh", "sleep", "cat", "echo", "true", "false", "test", "touch", "tail", "httpd", "wget", "mkdir", "env")
    result = io.BytesIO()
    with tarfile.open(fileobj=result, mode="w") as archive:
        for folder, mode in (("bin", 0o755), ("tmp", 0o1777), ("etc", 0o755)):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            archive.addfile(entry)
        for name, data, mode in (
            ("bin/busybox", program, 0o755),
            ("etc/passwd", b"app:x:1000:1000::/:/bin/sh\n", 0o644),
        ):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), mode
            archive.addfile(entry, io.BytesIO(data))
        for name in names:
            entry = tarfile.TarInfo(f"bin/{name}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(entry)
    return result.getvalue()


if __name__ == "__main__":
    import docker

    ensure(docker.from_env(), sys.argv[1])
