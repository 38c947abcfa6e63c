# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The command line: `python -m ansible_collections.bunops.platform.tests.cluster up|down|status|build`."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from ansible_collections.bunops.platform.tests.cluster import autoscaling, programs, removal, state
from ansible_collections.bunops.platform.tests.cluster.cluster import Cluster
from ansible_collections.bunops.platform.tests.cluster.host import Unfit
from ansible_collections.bunops.platform.tests.cluster.layout import default_root
from ansible_collections.bunops.platform.tests.cluster.readiness import NotReady


def main() -> None:
    """Run one command; exit with 1 and a sentence if it fails."""
    arguments = _parser().parse_args()
    try:
        sys.exit(COMMANDS[arguments.command](arguments))
    except (Unfit, NotReady, programs.BuildError) as error:
        sys.exit(str(error))


def _parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(add_help=False)
    root.add_argument("--root", type=Path, default=default_root(), help="folder of the cluster (%(default)s)")
    parser = argparse.ArgumentParser(prog="cluster", description="A real Kubernetes on this machine, for tests.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start a cluster that lives until `down`", parents=[root])
    up.add_argument("--audit", action="store_true", help="write the API server's audit log")
    up.add_argument("--enforce", action="store_true", help="have NetworkPolicies enforced")
    up.add_argument("--autoscaling", action="store_true", help="have KEDA and metrics-server, also in one that runs")
    commands.add_parser("down", help="end a cluster and remove all that it has made", parents=[root])
    commands.add_parser("status", help="show what runs", parents=[root])
    build = commands.add_parser("build", help="build the programs now, which takes minutes the first time")
    build.add_argument("--enforce", action="store_true", help="those that enforce NetworkPolicies, too")
    build.add_argument("--autoscaling", action="store_true", help="KEDA and metrics-server, too")
    return parser


def _up(arguments: argparse.Namespace) -> int:
    start = time.monotonic()
    cluster = Cluster.running(arguments.root)
    if cluster is None:
        modes = {name: getattr(arguments, name) for name in ("audit", "enforce", "autoscaling")}
        cluster = Cluster.start(arguments.root, **modes, owned=False)
        print(f"Started in {time.monotonic() - start:.1f} s.")
    elif arguments.autoscaling:
        autoscaling.install(cluster.kubeconfig)
    _show(cluster)
    return 0


def _down(arguments: argparse.Namespace) -> int:
    removal.sweep()
    cluster = Cluster.running(arguments.root)
    if cluster is not None:
        cluster.stop()
    return 0


def _status(arguments: argparse.Namespace) -> int:
    for known in state.every():
        print(f"{known.root}: {'runs' if known.alive else 'was killed; `down` removes what is left'}")
    cluster = Cluster.running(arguments.root)
    if cluster is None:
        return 1
    _show(cluster)
    return 0


def _build(arguments: argparse.Namespace) -> int:
    optional = ((arguments.enforce, programs.ENFORCER), (arguments.autoscaling, programs.AUTOSCALING))
    for module in (programs.CLUSTER, *(module for wanted, module in optional if wanted)):
        print(programs.provide(lambda line: print(line, file=sys.stderr, flush=True), module))
    return 0


def _show(cluster: Cluster) -> None:
    print(f"KUBECONFIG={cluster.kubeconfig}")
    print(f"kubectl: {cluster.kubectl}")
    print(f"registry: {cluster.registry}")
    print(f"kubelet's folder: {cluster.kubelet_dir}")
    print(f"this machine, for pods: {cluster.host_address}")


COMMANDS = {"up": _up, "down": _down, "status": _status, "build": _build}


if __name__ == "__main__":
    main()
