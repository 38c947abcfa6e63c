# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Contents of files, as sources read them."""

from __future__ import annotations

import os
from typing import Optional

from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError


def read_content(path: str) -> Optional[bytes]:
    """A file's bytes, None where there is no such file; ~ is a home directory. Raises SecretError."""
    try:
        with open(os.path.expanduser(path), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SecretError(f"cannot be read: {error.strerror}; expected a readable file") from None


def without_line_end(content: bytes) -> bytes:
    """A line without the line end that editors and programs add; more than one line stays as it is."""
    return content[:-1] if content.endswith(b"\n") and content.count(b"\n") == 1 else content
