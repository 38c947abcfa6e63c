# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The first process of a cluster: prepares the node, starts the components and starts those again that end.

It runs in process and mount namespaces of its own (`unshare`): when it ends, the kernel ends every process of the
cluster, pods included, and undoes every mount. The node's network goes with them. However it ends, little is left.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from ansible_collections.bunops.platform.tests.cluster import api, enforcer, images
from ansible_collections.bunops.platform.tests.cluster.commands import Component, components
from ansible_collections.bunops.platform.tests.cluster.layout import NODE_NETWORK, OWN_FOLDERS, Layout, Network

# What the kubelet wants to find and would set on the machine: https://github.com/kubernetes/kubernetes/blob/master/
# pkg/kubelet/cm/container_manager_linux.go, setupKernelTunables. The node sees files with these values in their place.
TUNABLES = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}
RESTART_DELAY = 1.0


def main() -> None:
    """Arguments: root, block, folder of the programs, then `-` or: the enforcer's folder, `audit`, `owned`."""
    root, block, programs, enforcing, audit, owned = sys.argv[1:]
    layout, network = Layout(Path(root)), Network(int(block))
    if not sys.stdin.readline():
        return
    if owned == "owned":
        threading.Thread(target=_end_with_starter, daemon=True).start()
    _prepare_mounts()
    _prepare_network(network)
    wanted = components(layout, network, Path(programs), audit=audit == "audit")
    if enforcing != "-":
        wanted.append(enforcer.component(layout, Path(enforcing)))
    supervisor = _Supervisor(layout)
    for component in wanted:
        if not component.needs_api:
            supervisor.start(component)
    images.load(layout)
    client = api.Client(layout.kubeconfig)
    while not client.is_ready():
        supervisor.reap(os.WNOHANG)
        time.sleep(0.1)
    for component in wanted:
        if component.needs_api:
            supervisor.start(component)
    while True:
        supervisor.reap()


class _Supervisor:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._running: dict[int, Component] = {}
        self._lock = threading.Lock()

    def start(self, component: Component) -> None:
        log = self._layout.log(component.name)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        command = [*(["nsenter", f"--net={NODE_NETWORK}", "--"] if component.on_node else []), *component.arguments]
        with self._lock:
            pid = os.posix_spawnp(
                command[0],
                command,
                os.environ,
                file_actions=[
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, str(log), flags, 0o644),
                    (os.POSIX_SPAWN_DUP2, 1, 2),
                ],
                setsid=True,
            )
            self._running[pid] = component
        self._layout.process(component.name).write_text(str(pid))

    def reap(self, options: int = 0) -> None:
        """Take note of one process that ended: a component, to start it again, or one that a container left."""
        pid, status = os.waitpid(-1, options)
        with self._lock:
            component = self._running.pop(pid, None)
        if component is not None:
            code = os.waitstatus_to_exitcode(status)
            with self._layout.log(component.name).open("a") as log:
                log.write(f"supervisor: {component.name} ended with {code}; it is started again\n")
            threading.Timer(RESTART_DELAY, self.start, (component,)).start()


def _end_with_starter() -> None:
    """Standard input is a pipe that only the starter holds."""
    sys.stdin.read()
    os._exit(0)


def _prepare_mounts() -> None:
    _run("mount", "--make-rshared", "/")
    for folder in OWN_FOLDERS:
        _run("mount", "-t", "tmpfs", "-o", "mode=755", "bunops", folder)
    tunables = Path("/run/bunops/tunables")
    tunables.mkdir(parents=True)
    for name, value in TUNABLES.items():
        stand_in = tunables / name.replace("/", "-")
        stand_in.write_text(f"{value}\n")
        _run("mount", "--bind", str(stand_in), f"/proc/sys/{name}")


def _prepare_network(network: Network) -> None:
    _run("ip", "netns", "add", Path(NODE_NETWORK).name)
    _run("ip", "link", "set", network.node_link, "netns", Path(NODE_NETWORK).name, "name", "eth0")
    for command in (
        ["ip", "link", "set", "lo", "up"],
        ["ip", "address", "add", f"{network.node}/30", "dev", "eth0"],
        ["ip", "link", "set", "eth0", "up"],
        ["ip", "route", "add", "default", "via", network.host],
    ):
        _run("nsenter", f"--net={NODE_NETWORK}", "--", *command)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, timeout=30)


if __name__ == "__main__":
    main()
