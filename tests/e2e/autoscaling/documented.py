# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What docs/autoscaling.md has others write into the configuration of Prometheus and its adapter."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

PAGE = Path(__file__).parents[3] / "docs/autoscaling.md"
# The namespace of its examples.
NAMESPACE = "atlas"


def scraped(job: str, namespace: str) -> dict[str, Any]:
    """The entry of scrape_configs of that name, for a namespace."""
    (found,) = (entry for entry in _list("scrape_configs", namespace) if entry["job_name"] == job)
    return found


def external_rules(namespace: str) -> list[dict[str, Any]]:
    """The adapter's rules."""
    return _list("externalRules", namespace)


def _list(key: str, namespace: str) -> list[dict[str, Any]]:
    """What all blocks that begin with that key have in it."""
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    wanted = [re.sub(rf"\b{NAMESPACE}\b", namespace, block) for block in blocks if block.startswith(f"{key}:")]
    return [entry for block in wanted for entry in yaml.safe_load(block)[key]]
