# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What ansible-doc says of the module's options is what the module takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from ansible_collections.bunops.platform.plugins.doc_fragments.kubernetes import ModuleDocFragment
from ansible_collections.bunops.platform.plugins.modules import secret_sync

Options = Mapping[str, Any]
_SAID_ONCE = {"type": "str", "required": False, "default": None, "choices": None, "elements": None}


def differences(spec: Options, documented: Options, at: str = "") -> Iterator[str]:
    for name in sorted({*spec, *documented}):
        path, option, said = f"{at}{name}", spec.get(name), documented.get(name)
        if option is None or said is None:
            yield f"{path} is only {'documented' if option is None else 'in the argument spec'}"
            continue
        for key, default in _SAID_ONCE.items():
            if option.get(key, default) != said.get(key, default):
                yield f"{path}.{key}: {option.get(key)} in the argument spec, {said.get(key)} documented"
        yield from differences(option.get("options", {}), said.get("suboptions", {}), f"{path}.")


def test_every_option_is_documented_as_it_is() -> None:
    documented = yaml.safe_load(secret_sync.DOCUMENTATION)["options"]
    shared = yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"]
    assert list(differences(secret_sync.ARGUMENTS, {**shared, **documented})) == []
