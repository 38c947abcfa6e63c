# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Image registries: asked through the engine, and where that is refused through buildx, which knows `docker login`."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Dict, Sequence

from ansible_collections.bunops.platform.plugins.module_utils import engine, runner
from ansible_collections.bunops.platform.plugins.module_utils.images.bake import Settings
from ansible_collections.bunops.platform.plugins.module_utils.images.engine_api import EngineApi

# Seconds for one question.
ANSWER_LIMIT = 30.0
# Questions at one time.
CONNECTIONS = 8


def digests(tags: Sequence[str], settings: Settings) -> Dict[str, str]:
    """Digest of the manifest that each tag names in its registry; empty where there is none or none answers."""
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return dict(zip(tags, pool.map(lambda tag: _digest(tag, settings), tags)))


def _digest(tag: str, settings: Settings) -> str:
    return _by_engine(tag, settings) or _by_buildx(tag, settings)


def _by_engine(tag: str, settings: Settings) -> str:
    try:
        with EngineApi(settings.docker_host, ANSWER_LIMIT) as api:
            return api.registry_digest(tag)
    except engine.EngineError:
        return ""


def _by_buildx(tag: str, settings: Settings) -> str:
    argv = ["docker", "buildx", "imagetools", "inspect", "--format", "{{json .Manifest}}", tag]
    try:
        done = runner.run(argv, env=engine.cli_environment(settings.docker_host), timeout=ANSWER_LIMIT)
        return str(json.loads(done.stdout)["digest"]) if done.rc == 0 else ""
    except (runner.ToolTimeout, ValueError, KeyError, TypeError):
        return ""
