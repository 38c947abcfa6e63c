# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Reference pages made from the model, so that they cannot say anything else than it does."""

from __future__ import annotations

from collections.abc import Mapping

from ..model.platform import Platform
from .catalog_page import catalog_page
from .environment_page import environment_page
from .schema_file import schema_file


def pages(platform: Platform) -> Mapping[str, str]:
    """The texts of the generated files by their path in the project.

    platform: the reference platform, whose variables docs/environment.md lists.
    """
    return {
        "docs/platform.schema.json": schema_file(),
        "docs/catalog.md": catalog_page(),
        "docs/environment.md": environment_page(platform),
    }
