# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Compiles the Go programs of tests, most for a cluster: half an hour the first time, kept in ~/.cache/bunops."""

from __future__ import annotations

from ansible_collections.bunops.platform.tests.cluster import programs
from ansible_collections.bunops.platform.tests.integration.log_shipping.shipping import COLLECTOR
from ansible_collections.bunops.platform.tests.integration.secret_sync.cluster import operator
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources import vault_servers
from ansible_collections.bunops.platform.tests.integration.secret_sync.sources.test_sops_source import AGE_KEYGEN, SOPS
from ansible_collections.bunops.platform.tests.policy.tools import go_program, traefik


def main() -> None:
    modules = (programs.CLUSTER, programs.ENFORCER, programs.AUTOSCALING, programs.METRICS_ADAPTER)
    for module in (*modules, programs.ENVOY_GATEWAY, COLLECTOR):
        print(programs.provide(lambda line: print(line, flush=True), module), flush=True)
    for path in (vault_servers.core(), go_program(SOPS), go_program(AGE_KEYGEN), operator.program(), traefik()):
        print(path, flush=True)


if __name__ == "__main__":
    main()
