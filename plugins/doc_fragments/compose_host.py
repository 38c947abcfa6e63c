# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Documentation shared by the filters that render Compose projects."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  project_dir:
    description: Absolute path of the project.
    type: path
    required: true
  secrets_dir:
    description: Absolute path of the directory that holds a file per secret.
    type: path
    required: true
  docker_socket:
    description: The Docker engine's socket on the host, for the guard.
    type: path
    default: /var/run/docker.sock
  docker_gid:
    description: Numeric id of the group that may use O(docker_socket).
    type: int
    default: 0
"""
