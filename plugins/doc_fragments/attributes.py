# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Documentation shared by all modules: what they support."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options: {}
attributes:
  check_mode:
    description: Whether the module says what it would change without changing it.
    support: full
    details:
      - The plan that check mode shows is the one that a run applies.
  diff_mode:
    description: Whether the module shows in diff mode what changes.
    support: full
  platform:
    description: Systems on which the module runs.
    platforms: posix
    support: full
  action_group:
    description: Default values for a group of modules with C(module_defaults).
    support: full
    membership:
      - bunops.platform.platform
"""

    INFO = r"""
options: {}
attributes:
  check_mode:
    description: Whether the module says what it would change without changing it.
    support: full
    details:
      - This module changes nothing.
  diff_mode:
    description: Whether the module shows in diff mode what changes.
    support: N/A
    details:
      - This module changes nothing.
  platform:
    description: Systems on which the module runs.
    platforms: posix
    support: full
  action_group:
    description: Default values for a group of modules with C(module_defaults).
    support: full
    membership:
      - bunops.platform.platform
"""
