# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Compiles the Go programs of tests, most for a cluster: half an hour the first time, kept in ~/.cache/bunops."""

from __future__ import annotations

import signal
import sys

from ansible_collections.bunops.platform.tests.cluster import programs
from ansible_collections.bunops.platform.tests.integration.log_shipping.shipping import COLLECTOR
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster import operator
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources import vault_servers
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.test_sops_source import AGE_KEYGEN, SOPS
from ansible_collections.bunops.platform.tests.policy.tools import go_program, traefik


def main() -> None:
    # What is half built is removed when tests/run ends it.
    signal.signal(signal.SIGTERM, lambda *_unused: sys.exit(1))
    # In the order in which tests/run needs them.
    _provide(programs.CLUSTER, COLLECTOR)
    for path in (vault_servers.core(), go_program(SOPS), go_program(AGE_KEYGEN), operator.program()):
        print(path, flush=True)
    _provide(programs.ENFORCER)
    print(traefik(), flush=True)
    _provide(programs.AUTOSCALING, programs.METRICS_ADAPTER, programs.ENVOY_GATEWAY)


def _provide(*modules: programs.Module) -> None:
    for module in modules:
        print(programs.provide(lambda line: print(line, flush=True), module), flush=True)


if __name__ == "__main__":
    main()
