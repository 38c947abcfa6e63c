# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One run of `tilt ci`, and what came of it.

Tilt answers no more when it has ended, so its session is watched as long as it runs, and its logs are taken from the
snapshot that it leaves. The states in the snapshot are older than its end.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.bunops.platform.plugins.module_utils import runner
from ansible_collections.bunops.platform.plugins.module_utils.tilt import answers, client, report
from ansible_collections.bunops.platform.plugins.module_utils.tilt.judge import Trouble, Verdict, judge, settled
from ansible_collections.bunops.platform.plugins.module_utils.tilt.model import Session
from ansible_collections.bunops.platform.plugins.module_utils.tilt.observe import Observer

_INTERVAL = 0.05
# Seconds that a watch may take to end after its Tilt.
_LAST_WORDS = 5.0
# Seconds that Tilt's own limit is longer: it would only end without a chance to ask it.
_RESERVE = 60
_PREFIX = "Error: "

View = Mapping[str, Any]


class Result(NamedTuple):
    """How all stood at the end, what was in the way, the snapshot's view, and why it failed beyond that."""

    session: Optional[Session]
    troubles: Tuple[Trouble, ...]
    view: View
    failed: bool = False
    said: str = ""


def run(
    tiltfile: str, args: Sequence[str], observer: Observer, env: Mapping[str, str], timeout: int, context: str = ""
) -> Result:
    """Run `tilt ci` to its end, which is forced after timeout seconds. Raises runner.RunnerError."""
    with tempfile.TemporaryDirectory(prefix="bunops-tilt-") as scratch:
        # It holds all logs; Tilt would make it readable for all.
        snapshot = Path(scratch) / "snapshot.json"
        snapshot.touch(mode=0o600)
        argv = client.ci_args(tiltfile, args, observer.port, timeout + _RESERVE, str(snapshot), context)
        child = runner.start(argv, env=env, cwd=str(Path(tiltfile).parent))
        watch = _Watch(observer, env)
        end = time.monotonic() + timeout
        try:
            while child.poll() is None:
                if time.monotonic() > end:
                    return _late(observer, timeout)
                watch.keep_going()
                time.sleep(_INTERVAL)
        finally:
            child.stop()
            watch.end()
        done = child.completed()
        view = _view(snapshot)
    session = watch.session(view)
    if done.rc == 0:
        return Result(settled(session) if session else None, (), view)
    said = report.cause(done.stderr.replace(_PREFIX, "", 1))
    return _failed(session, view, said)


class _Watch:
    """Follows the session of a Tilt from when it answers first."""

    def __init__(self, observer: Observer, env: Mapping[str, str]) -> None:
        self._observer = observer
        self._env = env
        self._child: Optional[runner.Child] = None
        self._texts: List[str] = []

    def keep_going(self) -> None:
        """Begin, or again if Tilt did not answer yet."""
        if self._child is not None and self._child.poll() is not None:
            self._texts.append(self._child.completed().stdout)
            self._child = None
        if self._child is None and self._observer.is_taken():
            self._child = runner.start(client.watch_args(self._observer.port), env=self._env)

    def end(self) -> None:
        """Wait for the last words of a Tilt that has ended."""
        if self._child is not None:
            limit = time.monotonic() + _LAST_WORDS
            while self._child.poll() is None and time.monotonic() < limit:
                time.sleep(_INTERVAL)
            self._child.stop()
            self._texts.append(self._child.completed().stdout)
            self._child = None

    def session(self, view: View) -> Optional[Session]:
        """The session as it was seen last, with the resources of a snapshot."""
        found = [item for item in map(answers.watched, self._texts) if item is not None]
        if not found:
            return None
        return answers.session(found[-1], (), view.get("uiResources") or (), view.get("clusters") or ())


def _late(observer: Observer, timeout: int) -> Result:
    """While it still runs, Tilt is asked what it waits for."""
    said = f"it is not done after {timeout} seconds"
    session, view = observer.session(), observer.view()
    return _failed(session, view, said)


def _failed(session: Optional[Session], view: View, said: str) -> Result:
    verdict = judge(session) if session else Verdict()
    # What has failed explains more than the rest, and more than Tilt's one sentence.
    return Result(session, verdict.failed or verdict.pending, view, True, "" if verdict.failed else said)


def _view(snapshot: Path) -> Dict[str, Any]:
    text = snapshot.read_text(encoding="utf-8", errors="replace")
    return dict(json.loads(text).get("view") or {}) if text.strip() else {}
