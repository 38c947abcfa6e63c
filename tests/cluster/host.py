# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What a cluster needs of the machine itself: a link with its routes and packet filter rules, and a cgroup."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

from ansible_collections.bunops.platform.tests.cluster.layout import Network

CGROUPS = Path("/sys/fs/cgroup")
CONTROLLERS = {"cpu", "cpuset", "hugetlb", "io", "memory", "pids"}
PROGRAMS = ("containerd", "ctr", "runc", "ip", "iptables", "nsenter", "unshare", "mount")
# What Calico calls where NetworkPolicies are enforced.
PROGRAMS_OF_ENFORCER = ("ipset", "conntrack")
PLUGIN_FOLDERS = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))
PLUGINS = ("ptp", "host-local", "portmap", "loopback")
LIMIT = 30


class Unfit(Exception):
    """This machine cannot run a cluster; the text says why and what to do."""


def check(*, enforce: bool = False) -> None:
    """Refuse a machine that lacks something. ``enforce``: NetworkPolicies, which takes more.

    Raises:
        Unfit: with everything that is missing.
    """
    problems = []
    if os.geteuid() != 0:
        problems.append("It has to be started by root: it makes network and mount namespaces.")
    programs = [*PROGRAMS, *(PROGRAMS_OF_ENFORCER if enforce else [])]
    missing = [program for program in programs if shutil.which(program) is None]
    if plugins() is None:
        missing.append(f"CNI plugins ({', '.join(PLUGINS)})")
    if missing:
        problems.append(f"Not installed: {', '.join(missing)}.")
    if Path("/proc/sys/net/ipv4/ip_forward").read_text().strip() == "0":
        problems.append(
            "net.ipv4.ip_forward is 0, so pods would reach nothing outside. A running Docker engine sets it."
        )
    if problems:
        raise Unfit(
            " ".join(["The test cluster cannot run here.", *problems, "`ansible-playbook tests/cluster/prepare.yml`"])
            + " provides what packages can provide."
        )


def plugins() -> Path | None:
    """The folder with the CNI plugins."""
    for folder in PLUGIN_FOLDERS:
        if all((folder / name).exists() for name in PLUGINS):
            return folder
    return None


def packet_filter() -> str:
    """The kind that `iptables` writes to, as Calico calls it: everybody on the node has to use the same."""
    return "NFT" if "nf_tables" in _run("iptables", "--version") else "Legacy"


def nameservers() -> list[str]:
    """Addresses of the machine's resolvers that pods can reach too."""
    # systemd-resolved: /etc/resolv.conf names an address of the loopback interface, this file the real ones.
    for file in (Path("/run/systemd/resolve/resolv.conf"), Path("/etc/resolv.conf")):
        if file.exists():
            lines = [line.split() for line in file.read_text().splitlines()]
            found = [words[1] for words in lines if len(words) > 1 and words[0] == "nameserver"]
            return [address for address in found if ":" not in address and not address.startswith("127.")][:3]
    return []


def is_free(network: Network) -> bool:
    """Whether nothing on this machine uses the addresses, the link's name or the registry's port."""
    if Path(f"/sys/class/net/{network.link}").exists():
        return False
    wanted = ipaddress.IPv4Network(network.whole)
    for route in json.loads(_run("ip", "-json", "-4", "route", "show", "table", "all")):
        with contextlib.suppress(ValueError):
            taken = ipaddress.IPv4Network(route["dst"], strict=False)
            # A wider route, such as a VPN's 10.0.0.0/8, gives way to the cluster's.
            if taken.prefixlen >= wanted.prefixlen and taken.subnet_of(wanted):
                return False
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", network.registry_port)) != 0


def connect(network: Network) -> None:
    """Make the link and let packets pass between it and everything else."""
    _run("ip", "link", "add", network.link, "type", "veth", "peer", "name", network.node_link)
    _run("ip", "address", "add", f"{network.host}/30", "dev", network.link)
    _run("ip", "link", "set", network.link, "up")
    _run("ip", "route", "add", network.whole, "via", network.node, "dev", network.link)
    for chain, rule in _rules(network):
        table, name = chain
        _run("iptables", "-w", "10", "-t", table, "-I", name, *rule)


def disconnect(network: Network) -> None:
    """Take back what :func:`connect` did, however far it came."""
    for chain, rule in _rules(network):
        table, name = chain
        while _succeeds("iptables", "-w", "10", "-t", table, "-D", name, *rule):
            pass
    if Path(f"/sys/class/net/{network.link}").exists():
        # With the node's network its end goes, and with its end this one: perhaps in this moment.
        _succeeds("ip", "link", "delete", network.link)


def _rules(network: Network) -> list[tuple[tuple[str, str], list[str]]]:
    """Docker's engine refuses to forward what it does not know; a firewall may refuse what comes in."""
    comment = ["-m", "comment", "--comment", network.link]
    outside = ["-s", network.whole, "!", "-o", network.link]
    return [
        (("filter", "FORWARD"), ["-i", network.link, *comment, "-j", "ACCEPT"]),
        (("filter", "FORWARD"), ["-o", network.link, *comment, "-j", "ACCEPT"]),
        (("filter", "INPUT"), ["-i", network.link, *comment, "-j", "ACCEPT"]),
        (("nat", "POSTROUTING"), [*outside, *comment, "-j", "MASQUERADE"]),
    ]


def make_cgroup(network: Network) -> None:
    """Make the cgroup below which the kubelet puts pods, in each hierarchy."""
    for hierarchy in _hierarchies():
        group = hierarchy / network.link
        if (hierarchy / "cgroup.controllers").exists():
            _enable_controllers(hierarchy)
        group.mkdir(exist_ok=True)
        # Version 1 starts a cpuset empty, and then nothing can run in it.
        for name in ("cpuset.cpus", "cpuset.mems"):
            if (hierarchy / name).exists() and hierarchy != CGROUPS:
                (group / name).write_text((hierarchy / name).read_text())


def _enable_controllers(hierarchy: Path) -> None:
    """Version 2 hands down to cgroups below only what is enabled for them."""
    there, enabled = ((hierarchy / f"cgroup.{file}").read_text().split() for file in ("controllers", "subtree_control"))
    missing = (CONTROLLERS & set(there)) - set(enabled)
    if missing:
        try:
            (hierarchy / "cgroup.subtree_control").write_text(" ".join(f"+{name}" for name in sorted(missing)))
        except OSError as error:
            raise Unfit(
                f"The cgroup controllers {', '.join(sorted(missing))} cannot be enabled below {hierarchy}: {error}."
                " In a container, give it the cgroup namespace of its host."
            ) from error


def remove_cgroup(network: Network) -> None:
    """Remove the cgroup and all below it; its processes have ended, though the kernel may not be done with the last."""
    end = time.monotonic() + LIMIT
    for hierarchy in _hierarchies():
        for folder, _, _ in os.walk(hierarchy / network.link, topdown=False):
            while not _remove_folder(Path(folder)):
                if time.monotonic() > end:
                    raise RuntimeError(f"{folder} is still in use.")
                time.sleep(0.05)


def _remove_folder(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError as error:
        if error.errno == errno.EBUSY:
            return False
        raise
    return True


def _hierarchies() -> list[Path]:
    if (CGROUPS / "cgroup.controllers").exists():
        return [CGROUPS]
    # Version 1 has links too, such as cpu for cpu,cpuacct.
    return [path for path in CGROUPS.iterdir() if path.is_dir() and not path.is_symlink()]


def _run(*command: str) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=LIMIT)
    if result.returncode != 0:
        raise RuntimeError(f"`{' '.join(command)}` failed: {result.stderr.strip()}")
    return result.stdout


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False, timeout=LIMIT).returncode == 0
