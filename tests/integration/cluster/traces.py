# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a cluster has left on this machine."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from ansible_collections.bunops.platform.tests.cluster.state import State

TUNABLES = ("kernel/panic", "kernel/panic_on_oops", "vm/overcommit_memory", "kernel/keys/root_maxkeys")
FOLDERS = ("/run/containerd", "/run/netns", "/run/bunops", "/var/lib/cni", "/var/log/containers", "/opt/containerd")


def processes(known: State) -> list[str]:
    """The cluster's processes: those of its root, and its pods'."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(known.root) in command or f"/{known.network.link}/" in (process / "cgroup").read_text():
                found.append(command)
    return found


def packet_filter(known: State) -> list[str]:
    """Rules of the machine's own packet filter."""
    rules = [_output("iptables-save"), _output("ip6tables-save")]
    return [line for line in "\n".join(rules).splitlines() if known.network.link in line or "KUBE" in line]


def network(known: State) -> list[str]:
    """Links and routes."""
    lines = [*_output("ip", "-brief", "link").splitlines(), *_output("ip", "route").splitlines()]
    return [line for line in lines if known.network.link in line]


def mounts(known: State) -> list[str]:
    """Mounts that the machine sees."""
    return [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(known.root) in line]


def cgroups(known: State) -> list[str]:
    """Cgroups, in every hierarchy."""
    below = Path("/sys/fs/cgroup")
    return [str(path) for pattern in ("", "*/") for path in below.glob(pattern + known.network.link)]


def files(known: State) -> list[str]:
    """The root and the record."""
    return [str(path) for path in (known.root, known.file) if path.exists()]


KINDS: dict[str, Callable[[State], list[str]]] = {
    "processes": processes,
    "packet filter": packet_filter,
    "network": network,
    "mounts": mounts,
    "cgroups": cgroups,
    "files": files,
}


def of(known: State) -> dict[str, list[str]]:
    """All traces by kind; kinds without any are left out."""
    return {kind: found for kind, look in KINDS.items() if (found := look(known))}


def settings() -> dict[str, str]:
    """Values and folders of the machine that the components would change if they could."""
    values = {name: Path(f"/proc/sys/{name}").read_text() for name in TUNABLES}
    return values | {path: str(Path(path).exists()) for path in FOLDERS}


def until_gone(look: Callable[[], list[str]], limit: float = 15) -> None:
    """Wait until nothing is found any more."""
    end = time.monotonic() + limit
    while found := look():
        assert time.monotonic() < end, found
        time.sleep(0.1)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
