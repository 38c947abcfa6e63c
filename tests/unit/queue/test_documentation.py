# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What ansible-doc and docs/queues.md say is what the module takes, gives and needs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.bunops.platform.plugins.module_utils.queue.depth import Depth
from ansible_collections.bunops.platform.plugins.module_utils.queue.refusals import RULES
from ansible_collections.bunops.platform.plugins.module_utils.queue.spec import ARGUMENT_SPEC, wanted_of
from ansible_collections.bunops.platform.plugins.modules import queue_info
from ansible_collections.bunops.platform.tests.integration.queue_info.asking import filled
from ansible_collections.bunops.platform.tests.unit.secrets.test_documentation import differences

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/queues.md").read_text()
_BLOCK = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def tasks(text: str) -> list[dict[str, Any]]:
    name = "bunops.platform.queue_info"
    return [task[name] for task in yaml.safe_load(text) if name in task]


def test_every_option_is_documented_as_it_is() -> None:
    documented = yaml.safe_load(queue_info.DOCUMENTATION)["options"]
    assert list(differences(ARGUMENT_SPEC, documented)) == []


def test_every_value_is_documented() -> None:
    returned = yaml.safe_load(queue_info.RETURN)["queues"]["contains"]
    assert list(returned) == ["name", *Depth._fields]


@pytest.mark.parametrize("text", [queue_info.EXAMPLES, *_BLOCK.findall(PAGE)])
def test_the_examples_are_right(text: str, tmp_path: Path) -> None:
    found = tasks(text)
    assert found
    file = tmp_path / "password"
    file.write_text("secret")
    for task in found:
        task = {**task, **({"password_file": str(file)} if "password_file" in task else {})}
        # What is in the file, its tests with real servers show.
        task.pop("ca_cert", None)
        wanted_of(filled(task))


@pytest.mark.parametrize("kind", RULES)
def test_the_page_has_the_rules(kind: str) -> None:
    assert f"`{RULES[kind]}`" in PAGE


def test_the_page_has_every_value() -> None:
    for name in Depth._fields:
        assert f"| `{name}` |" in PAGE
