# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""What the API server refuses, as errors of secrets."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Iterator, List

from ansible_collections.bunops.platform.plugins.module_utils.cluster.errors import ApiError, ClusterError
from ansible_collections.bunops.platform.plugins.module_utils.cluster.objects import Key
from ansible_collections.bunops.platform.plugins.module_utils.cluster.refusals import problems_of
from ansible_collections.bunops.platform.plugins.module_utils.secrets.errors import SecretError


@contextmanager
def told(title: str) -> Iterator[None]:
    """Turn errors of the cluster into SecretError. title: the target in words, each line begins with it."""
    try:
        yield
    except ApiError as error:
        raise SecretError("\n".join("%s: %s" % (title, line) for line in refusals(error))) from None
    except ClusterError as error:
        raise SecretError("%s: %s" % (title, error)) from None


def refusals(error: ApiError) -> List[str]:
    """What was refused, without the values that servers quote when they find them invalid."""
    name = error.details.get("name")
    lines = []
    # As a Secret's, whatever it is: of those the values are left out.
    for problem in problems_of(Key("", "Secret", "", ""), error):
        place = "%s %s: %s: " % (error.details.get("kind"), name, problem.field) if problem.field else ""
        lines.append(place + problem.message)
    return lines
