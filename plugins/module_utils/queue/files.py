# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Files that options name. What is wrong with one becomes a problem."""

from __future__ import annotations

import ssl
from typing import List, Optional


def read(option: str, path: str, problems: List[str]) -> Optional[bytes]:
    """A file's content, None where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        problems.append(f"{option}: {path} cannot be read: {error.strerror}; expected a readable file")
        return None


def check_certificates(
    ca_cert: Optional[str], client_cert: Optional[str], key: Optional[str], problems: List[str]
) -> None:
    """Whether files that can be read hold certificates and a key, in PEM."""
    context = ssl.create_default_context()
    try:
        if ca_cert:
            context.load_verify_locations(cafile=ca_cert)
    except ssl.SSLError:
        problems.append(f"ca_cert: {ca_cert} holds no certificate; expected certificates in PEM")
    try:
        if client_cert:
            # The library would ask the terminal for the password of a key.
            context.load_cert_chain(client_cert, key, password=str)
    except ssl.SSLError:
        problems.append(
            f"client_cert: {client_cert} and {key or 'the same file'} are no certificate and its key; expected both in "
            "PEM, the key without a password"
        )
