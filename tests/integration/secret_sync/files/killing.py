# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Ends a child process that writes: before any of its changes to the disk, or at any time."""

from __future__ import annotations

import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

# All through which the targets change something.
_CHANGES = ("open", "mkdir", "rename", "symlink", "unlink", "rmdir", "fsync", "fchmod", "fchown")
Action = Callable[[], object]


def deaths(prepare: Action, action: Action) -> Iterator[int]:
    """Do an action again and again, killed before its first, second … change, until one gets through.

    prepare: makes the situation before. Yields the number of each change before which it was killed.
    """
    for step in count(1):
        prepare()
        if not _is_killed(_forked(partial(_until, step, action))):
            return
        yield step


def _until(left: int, action: Action) -> None:

    def counted(change: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
            return change(*args, **options)

        return counting

    for name in _CHANGES:
        setattr(os, name, counted(getattr(os, name)))
    action()


def killed_after(seconds: float, action: Action) -> bool:
    """Do an action in a child, and whether it was killed before its end."""
    child = _forked(action)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return _is_killed(child)


def in_child(action: Action) -> None:
    """Do an action in a child that has to succeed."""
    assert not _is_killed(_forked(action))


def _forked(action: Action) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        action()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _is_killed(child: int) -> bool:
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False
