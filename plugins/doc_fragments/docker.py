# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Documentation shared by the modules that use a Docker engine."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  docker_host:
    description:
      - Address of the Docker engine, for example V(unix:///var/run/docker.sock) or V(tcp://192.0.2.23:2376).
      - Without it, the environment variable E(DOCKER_HOST) is used, else V(unix:///var/run/docker.sock).
      - E(DOCKER_TLS_VERIFY) and E(DOCKER_CERT_PATH) are honoured.
    type: str
requirements:
  - Docker engine 26.1 or newer
"""
