# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Reads one real source as the module does: Ansible checks the options, then all of the way to the value."""

from __future__ import annotations

import os
import traceback
from collections.abc import Mapping
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.bunops.platform.plugins.module_utils.cluster.connection import Options
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.model import Source, Surroundings
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.read import read
from ansible_collections.bunops.platform.plugins.module_utils.secrets.sources.registry import ARGUMENT_SPEC, source_of

# Stands in each value that must be told nowhere.
CANARY = "canary-5e1d"
# What is easily lost on the way.
ODD = f"{CANARY}\"'`$HOME ${{X}} $$ \\n \\ # ü\n -----\tx= "
NAME = "SECRET"


def source(
    kind: str, options: Any, environment: Mapping[str, str] | None = None, cluster: Options | None = None
) -> Source:
    """The source as the registry makes it. environment: on top of this process's."""
    checked = ArgumentSpecValidator({"source": ARGUMENT_SPEC}).validate({"source": {kind: options}})
    assert not checked.error_messages, checked.error_messages
    surroundings = Surroundings({**os.environ, **(environment or {})}, cluster or Options())
    return source_of(NAME, checked.validated_parameters["source"], surroundings)


def value(kind: str, options: Any, **more: Any) -> bytes | None:
    """The value that a source gives."""
    made = source(kind, options, **more)
    found = read({NAME: made})[NAME]
    # Also when it has been read, a source does not tell.
    assert CANARY not in f"{made!r} {made} {made.describe()}"
    return found


def refusal(kind: str, options: Any, **more: Any) -> str:
    """What is said of a source that cannot be read, after the secret's name; one line without a canary in it."""
    made = source(kind, options, **more)
    with pytest.raises(SecretError) as caught:
        read({NAME: made})
    told = [str(caught.value), repr(caught.value), repr(made), str(made), made.describe()]
    for text in [*told, "".join(traceback.format_exception(caught.value))]:
        assert CANARY not in text
    said = str(caught.value)
    assert "\n" not in said and said.startswith(f"secret {NAME}: {made.describe()} ")
    return said.removeprefix(f"secret {NAME}: ")
