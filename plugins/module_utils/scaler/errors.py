# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a scaler; every text is for people."""

from __future__ import annotations

from typing import Sequence

from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ClusterError


class NotPossible(ClusterError):
    """The scaler cannot be made as it is wanted; nothing was changed. problems: one sentence each, all of them."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class NotTaken(ClusterError):
    """KEDA has not taken up what was applied."""
