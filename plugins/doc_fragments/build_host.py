# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Documentation shared by the filters that say how images are built."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  bases:
    description: >-
      A local image for each base image that shall not be pulled, such as C(debian:bookworm-slim). The Dockerfiles stay
      as they are.
    type: dict
    default: {}
  ca_file:
    description: Certificates to trust while building, as the build secret C(ca).
    type: path
  npmrc:
    description: Settings of the package registry, as the build secret C(npmrc).
    type: path
"""
