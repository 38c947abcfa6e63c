# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Between Ansible's templates and the model: plain values in, readable errors out."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ansible.errors import AnsibleFilterError

from .model.errors import CatalogError
from .model.plain import plain

if TYPE_CHECKING:
    from .model.platform import Platform

R = TypeVar("R")

_KEPT = 8
_parsed: dict[str, Platform] = {}


def catalog_filter(render: Callable[..., R]) -> Callable[..., R]:
    """Makes a filter of a function of the typed catalog, which is its first parameter.

    The filter takes the raw `platform` variable. A refused catalog and a missing pydantic become
    an AnsibleFilterError that says everything in its message.
    """

    @functools.wraps(render)
    def apply(platform: object, *args: object, **options: object) -> R:
        try:
            known = _parse(plain(platform))
            return render(known, *map(plain, args), **{key: plain(value) for key, value in options.items()})
        except CatalogError as error:
            raise AnsibleFilterError(_summary(error)) from None
        except ImportError as error:
            raise AnsibleFilterError(f"the catalog's model needs pydantic 2 in {sys.executable}: {error}") from error

    return apply


def _parse(data: object) -> Platform:
    """Templates are rendered over and over: the same catalog is parsed once per process."""
    from .model.platform import Platform

    key = repr(data)
    if key not in _parsed:
        if len(_parsed) >= _KEPT:
            _parsed.pop(next(iter(_parsed)))
        _parsed[key] = Platform.parse(data)
    return _parsed[key]


def _summary(error: CatalogError) -> str:
    count = len(error.problems)
    title = f"the catalog has {count} problem{'s' if count > 1 else ''}"
    return "\n".join([f"{title}:", *(f"  {problem}" for problem in error.problems)])
