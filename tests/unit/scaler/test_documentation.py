# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What ansible-doc says of the module's options is what the module takes."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from ansible_collections.bunops.platform.plugins.doc_fragments.kubernetes import ModuleDocFragment
from ansible_collections.bunops.platform.plugins.module_utils.scaler import spec
from ansible_collections.bunops.platform.plugins.module_utils.scaler.forecast import forecast
from ansible_collections.bunops.platform.plugins.modules import queue_scaler
from ansible_collections.bunops.platform.tests.unit.scaler.support import QUEUE, observed, wanted
from ansible_collections.bunops.platform.tests.unit.secrets.test_documentation import differences

MODULE = "bunops.platform.queue_scaler"
PAGE = (Path(__file__).resolve().parents[3] / "docs/autoscaling.md").read_text()


def test_every_option_is_documented_as_it_is() -> None:
    documented = yaml.safe_load(queue_scaler.DOCUMENTATION)["options"]
    shared = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    assert list(differences(queue_scaler.ARGUMENTS, {**shared, **documented})) == []


def test_the_examples_are_right() -> None:
    tasks = [task[MODULE] for task in yaml.safe_load(queue_scaler.EXAMPLES)]
    for task in tasks:
        if task.get("state") != "absent":
            assert list(spec.problems(wanted(**task))) == []
    assert len(tasks) == 4


def test_the_tasks_on_the_page_are_right() -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    tasks = [block[0][MODULE] for block in map(yaml.safe_load, blocks) if isinstance(block, list)]
    for task in tasks:
        assert list(spec.problems(wanted(**task))) == []
    assert len(tasks) == 3


def test_what_it_would_do_is_as_on_the_page() -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    (shown,) = (block["would_do_now"] for block in map(yaml.safe_load, blocks) if "would_do_now" in block)
    depth = {**shown["depth"], "demand": shown["demand"]}
    seen = observed({"depth": depth, "target": {"replicas": shown["current_replicas"]}})
    assert forecast(wanted(**QUEUE), "keda", seen).as_dict() == shown
