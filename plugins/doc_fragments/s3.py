# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Documentation shared by the modules that keep backups in an S3-compatible store."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  s3:
    description:
      - An S3-compatible store that keeps the backups, as objects C(<prefix>/<name>/<time>/<file>) of a bucket. The
        manifest comes last; without one it is no backup.
      - A large file is sent in parts. What an interrupted run has left, objects and parts, the next backup removes.
      - Only one machine at a time may back up a platform to a prefix.
    type: dict
    suboptions:
      endpoint:
        description:
          - Where the store is, V(https://host) or V(https://host:port). The bucket becomes part of the path.
        type: str
        required: true
      bucket:
        description:
          - Name of the bucket. It has to be there.
        type: str
        required: true
      access_key_file:
        description:
          - Path of a file with the ID of the access key.
        type: path
        required: true
      secret_key_file:
        description:
          - Path of a file with the secret of the access key.
        type: path
        required: true
      prefix:
        description:
          - What the names of all objects begin with.
        type: str
        default: ""
      region:
        description:
          - Region that requests are signed for. If the store says that it is another, that one is used.
        type: str
        default: us-east-1
      ca_file:
        description:
          - Path of a file with the authorities that may have signed the store's certificate, as PEM. By default those
            of the library.
        type: path
"""
