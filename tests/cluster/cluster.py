# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""A cluster: started, found again, ended."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from ansible_collections.bunops.platform.tests.cluster import launch, programs, removal, state
from ansible_collections.bunops.platform.tests.cluster.autoscaling import install as install_autoscaling


class Cluster:
    """A running cluster. ``with Cluster.start(root) as cluster:`` ends it too."""

    def __init__(self, known: state.State, process: subprocess.Popen[bytes] | None = None) -> None:
        """Use :meth:`start` or :meth:`running`."""
        self._state = known
        self._process = process

    @classmethod
    def start(
        cls,
        root: Path,
        *,
        audit: bool = False,
        enforce: bool = False,
        autoscaling: bool = False,
        owned: bool = True,
        say: Callable[[str], None] | None = None,
    ) -> Cluster:
        """Start a cluster and wait until pods can run in it; removes first what killed ones left on this machine.

        Args:
            root: a folder that does not exist or is empty; all data of the cluster are below it.
            audit: write the API server's audit log.
            enforce: have NetworkPolicies enforced.
            autoscaling: have KEDA and metrics-server, as `autoscaling.install` does in a cluster that runs.
            owned: end the cluster when this process ends, however it does.
            say: gets a line on the progress now and then; by default they go to standard error.

        Raises:
            Unfit: this machine or this root cannot have a cluster.
            BuildError: the programs cannot be built.
            NotReady: the cluster does not come up in time.
        """
        removal.sweep()
        say = say or _say
        if autoscaling:
            programs.provide(say, programs.AUTOSCALING)
        known, process = launch.launch(root.resolve(), audit=audit, enforce=enforce, owned=owned, say=say)
        cluster = cls(known, process)
        if autoscaling:
            cluster._install_autoscaling(say)
        return cluster

    @classmethod
    def running(cls, root: Path) -> Cluster | None:
        """The cluster that runs below that root."""
        known = state.of_root(root)
        return cls(known) if known and known.ready and known.alive else None

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig; it names no other file."""
        return self._state.layout.kubeconfig

    @property
    def registry(self) -> str:
        """The image registry, "127.0.0.1:<port>", as Docker pushes to it and pods name it; HTTP without TLS."""
        return self._state.network.registry

    @property
    def kubelet_dir(self) -> Path:
        """The kubelet's directory; seccomp profiles go to its folder seccomp/."""
        return self._state.layout.kubelet

    @property
    def host_address(self) -> str:
        """The IPv4 address by which pods reach what listens on this machine."""
        return self._state.network.host

    @property
    def audit_log(self) -> Path:
        """The API server's audit log, JSON lines, if the cluster was started so."""
        return self._state.layout.audit_log

    @property
    def kubectl(self) -> Path:
        """The program kubectl, of the cluster's version."""
        return programs.folder() / "kubectl"

    def pid(self, component: str) -> int:
        """Process number of a component such as "kube-apiserver", for signals; one that ends is started again.

        Raises:
            LookupError: it does not run right now.
        """
        inside = self._state.layout.process(component).read_text()
        for status in Path("/proc").glob("[0-9]*/status"):
            if _numbers(status)[1:] == [inside] and _comm(status.parent) == component[:15]:
                return int(status.parent.name)
        raise LookupError(f"{component} does not run.")

    def stop(self) -> None:
        """End the cluster and remove all that it has made on this machine; nothing if that is done already."""
        with state.removing():
            if state.of_root(self._state.root) == self._state:
                removal.remove(self._state, self._process)

    def _install_autoscaling(self, say: Callable[[str], None]) -> None:
        try:
            install_autoscaling(self.kubeconfig, say)
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self.stop()


def _numbers(status: Path) -> list[str]:
    """A process's number in each nested namespace, the machine's first."""
    try:
        lines = status.read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return next((line.split()[1:] for line in lines if line.startswith("NSpid:")), [])


def _comm(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
