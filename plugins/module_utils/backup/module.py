# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""How both modules begin and end."""

from __future__ import annotations

from typing import Any, Callable, Dict

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import BackupError
from ansible_collections.bunops.platform.plugins.module_utils.backup.errors import LibraryMissing as NoLibrary
from ansible_collections.bunops.platform.plugins.module_utils.backup.signals import end_by_exception
from ansible_collections.bunops.platform.plugins.module_utils.engine import EngineError, LibraryMissing


def run_module(argument_spec: Dict[str, Any], run: Callable[[Dict[str, Any], bool], Dict[str, Any]]) -> None:
    """run: takes the parameters and whether it only checks; gives what the module returns."""
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True)
    end_by_exception()
    try:
        result = run(module.params, module.check_mode)
    except LibraryMissing as error:
        module.fail_json(msg=missing_required_lib("docker"), exception=error.trace)
    except NoLibrary as error:
        module.fail_json(msg=missing_required_lib(error.library), exception=error.trace)
    except (BackupError, EngineError, OSError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(diff={"prepared": result["msg"]}, **result)
