# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Configuration that is rendered into files for programs beside the platform's own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping


def checksum_of(files: Mapping[str, object]) -> str:
    """Programs read their files when they start: a change of them has to start them anew."""
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]
