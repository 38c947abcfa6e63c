# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Starts a cluster: claims its addresses, writes its files, starts its first process and waits for it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from ansible_collections.bunops.platform.tests.cluster import (
    addons,
    certificates,
    configuration,
    enforcer,
    host,
    images,
    kubeconfig,
    programs,
    readiness,
    removal,
    state,
)
from ansible_collections.bunops.platform.tests.cluster.api import Client
from ansible_collections.bunops.platform.tests.cluster.layout import OWN_FOLDERS

COLLECTIONS = Path(__file__).parents[5]
SUPERVISOR = "ansible_collections.bunops.platform.tests.cluster.supervisor"
# Sockets lie below the root, and the path of a socket may have 104 characters only.
LONGEST_ROOT = 60


def launch(
    root: Path, *, audit: bool, enforce: bool, owned: bool, say: Callable[[str], None]
) -> tuple[state.State, subprocess.Popen[bytes]]:
    """Start a cluster and wait until pods can run in it.

    Raises:
        Unfit: this machine or this root cannot have a cluster.
        BuildError: the programs cannot be built.
        NotReady: the cluster does not come up in time.
    """
    host.check(enforce=enforce)
    _check_root(root)
    built = programs.provide(say)
    enforcing = programs.provide(say, programs.ENFORCER) if enforce else None
    known = _claim(root)
    process = None
    try:
        _write_files(known, built, enforcing)
        host.make_cgroup(known.network)
        host.connect(known.network)
        modes = [str(enforcing or "-"), "audit" if audit else "-", "owned" if owned else "-"]
        process = _spawn(known, built, *modes)
        known = _run(known, process, owned=owned)
        _wait(known, enforcing)
        known = replace(known, ready=True)
        known.save()
    except BaseException:
        with state.removing():
            removal.remove(known, process)
        raise
    return known, process


def _check_root(root: Path) -> None:
    if state.of_root(root):
        raise host.Unfit(f"A cluster runs below {root} already.")
    if root.exists() and any(root.iterdir()):
        raise host.Unfit(f"{root} is not empty, and not a cluster's.")
    if len(str(root)) > LONGEST_ROOT:
        raise host.Unfit(
            f"{root} is longer than {LONGEST_ROOT} characters; sockets below it would have too long paths."
        )
    for path in (root, programs.folder(), Path(sys.prefix), COLLECTIONS):
        if any(path.is_relative_to(folder) for folder in OWN_FOLDERS):
            raise host.Unfit(f"{path} is below one of {', '.join(OWN_FOLDERS)}, of which a node has its own.")


def _claim(root: Path) -> state.State:
    """Take addresses that nothing else on this machine uses."""
    starter = state.Process.of(os.getpid())
    assert starter is not None
    for block in state.BLOCKS:
        known = state.State(root, block, starter)
        if host.is_free(known.network) and known.claim():
            return known
    raise host.Unfit(f"None of the networks 10.{state.BLOCKS[0]}.0.0/16 to 10.{state.BLOCKS[-1]}.0.0/16 is free.")


def _write_files(known: state.State, built: Path, enforcing: Path | None) -> None:
    layout, network = known.layout, known.network
    plugins = host.plugins()
    assert plugins is not None
    layout.make_folders()
    if enforcing:
        enforcer.prepare(layout, network, plugins, enforcing)
        plugins = layout.plugins
    certificates.make(layout, network)
    kubeconfig.make(layout, network)
    configuration.write(layout, network, host.nameservers(), plugins, enforce=enforcing is not None)
    images.write(layout, built)


def _run(known: state.State, process: subprocess.Popen[bytes], *, owned: bool) -> state.State:
    """Write down which process it is, and let it go on: it does nothing before it is on record."""
    first = _child(process)
    if first is None:
        log = readiness.last_lines(known.layout, "supervisor")
        raise readiness.NotReady("\n".join(["The cluster ended at once:", *log]))
    known = replace(known, first=first)
    known.save()
    assert process.stdin is not None
    # If it has ended meanwhile, the first wait says why.
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(b"go\n")
        process.stdin.flush()
    if not owned:
        process.stdin.close()
    return known


def _child(process: subprocess.Popen[bytes]) -> state.Process | None:
    """The process that `unshare` starts: the first one in the cluster's namespaces."""
    while process.poll() is None:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        if children:
            return state.Process.of(int(children[0]))
        time.sleep(0.01)
    return None


def _spawn(known: state.State, built: Path, *modes: str) -> subprocess.Popen[bytes]:
    """`unshare` and its child, the supervisor, end with each other."""
    command = ["unshare", "--mount", "--propagation=slave", "--pid", "--fork", "--kill-child", "--mount-proc"]
    command += [sys.executable, "-m", SUPERVISOR, str(known.root), str(known.block), str(built), *modes]
    # Nothing of the caller's environment, such as a proxy, reaches the components.
    environment = {
        "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin",
        "HOME": str(known.root),
        "PYTHONPATH": str(COLLECTIONS),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with known.layout.log("supervisor").open("wb") as log:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment, cwd="/", start_new_session=True
        )


def _wait(known: state.State, enforcing: Path | None) -> None:
    assert known.first is not None
    layout, network = known.layout, known.network
    wait = readiness.Wait(layout, known.first)
    client = Client(layout.kubeconfig)
    wait.until("the API server is ready", readiness.api_answers(client), 120, ["etcd", "kube-apiserver"])
    wait.until("the image registry answers", readiness.registry_answers(network), 60, ["registry"])
    if enforcing:
        # No pod starts without them, the DNS included.
        for item in enforcer.kinds(enforcing):
            client.apply(item)
        wait.until("the API server knows Calico's kinds", enforcer.is_informed(client), 60, ["kube-apiserver"])
    addons.apply(client, network, host.nameservers())
    wait.until("the node is ready", readiness.node_is_ready(client), 120, ["containerd", "kubelet"])
    if enforcing:
        wait.until("policies are enforced", enforcer.is_ready(network), 60, ["felix"])
    controllers = ["kube-controller-manager"]
    wait.until("pods may be made", readiness.pods_may_be_made(client), 60, controllers)
    blamed = [*controllers, "kube-scheduler", "kube-proxy", "kubelet", "containerd"]
    wait.until("the DNS is available", readiness.names_are_resolved(client), 180, blamed)
