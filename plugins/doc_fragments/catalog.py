# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Documentation shared by the filters of the catalog."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  _input:
    description: The catalog, that is the variable C(platform).
    type: dict
    required: true
requirements:
  - pydantic >= 2 on the controller
"""
