# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Writes the reference pages that are made from the model: `make docs`."""

from __future__ import annotations

from pathlib import Path

import yaml

from ansible_collections.bunops.platform.plugins.plugin_utils.model.platform import Platform
from ansible_collections.bunops.platform.plugins.plugin_utils.reference import pages

ROOT = Path(__file__).parents[1]
CATALOG = ROOT / "inventories/local/group_vars/all/platform.yml"


def main() -> None:
    platform = Platform.parse(yaml.safe_load(CATALOG.read_text())["platform"])
    for path, text in pages(platform).items():
        (ROOT / path).write_text(text)


if __name__ == "__main__":
    main()
