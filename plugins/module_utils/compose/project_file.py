# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The project as it is run, written down for people and for `docker compose` by hand."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.bunops.platform.plugins.module_utils import atomic_file
from ansible_collections.bunops.platform.plugins.module_utils.compose.definition import document_to_apply
from ansible_collections.bunops.platform.plugins.module_utils.compose.model import ComposeError, Project


def write(path: str, project: Project) -> None:
    """Put the file in place in one step, closed to others: it holds the services' environment. Raises ComposeError."""
    text = json.dumps(document_to_apply(project), indent=2, sort_keys=True) + "\n"
    target = Path(path)
    try:
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            return
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic_file.write(path, text.encode("utf-8"))
    except OSError as error:
        raise ComposeError(f"The project file {path} cannot be written: {error.strerror}.") from error
