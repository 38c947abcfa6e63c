# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""One run of the module: observe, plan, apply, and what came of it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils import runner
from ansible_collections.bunops.platform.plugins.module_utils.tilt import ci, client, detached, report
from ansible_collections.bunops.platform.plugins.module_utils.tilt.judge import judge
from ansible_collections.bunops.platform.plugins.module_utils.tilt.leftovers import leftovers
from ansible_collections.bunops.platform.plugins.module_utils.tilt.model import Leftovers, Seen, Session, TiltError
from ansible_collections.bunops.platform.plugins.module_utils.tilt.observe import Observer
from ansible_collections.bunops.platform.plugins.module_utils.tilt.plan import (
    Plan,
    plan_ci,
    plan_down,
    plan_up,
    same,
)
from ansible_collections.bunops.platform.plugins.module_utils.tilt.wait import Waiter

# How long a Tilt may take to end after SIGTERM, in seconds; it gives itself two.
END_GRACE = 10.0
# After other arguments Tilt enables resources one after the other: one look may come in between.
_LOOKS_AFTER_ARGS = 2


@dataclass(frozen=True)
class Options:
    """The module's parameters. tiltfile: an absolute path. context: of the kubeconfig, empty for its current one."""

    state: str
    tiltfile: str
    args: Sequence[str]
    wait: bool
    timeout: int
    port: int
    check: bool
    context: str = ""

    @property
    def log(self) -> str:
        """Where a running Tilt writes what it prints."""
        return os.path.join(os.path.dirname(self.tiltfile), ".bunops", "tilt.log")


@dataclass
class Outcome:
    """What the module returns; kept while it is made, so that a failing run can tell how far it came."""

    changed: bool = False
    msg: str = ""
    url: str = ""
    log: str = ""
    resources: List[Dict[str, Any]] = field(default_factory=list)
    diff: Dict[str, str] = field(default_factory=dict)


def run(options: Options, outcome: Outcome) -> None:
    """Bring Tilt to the wanted state and fill in the outcome. Raises TiltError, report.GaveUp, runner.RunnerError."""
    env = client.environment(os.environ)
    _find(env)
    if not 0 < options.port < 65536:
        raise TiltError(f"port: found {options.port}, expected 1 to 65535.")
    if not os.path.isfile(options.tiltfile):
        raise TiltError(f"tiltfile: found no file {options.tiltfile}, expected a Tiltfile.")
    this = _Run(options, outcome, env, Observer(options.port, env), time.monotonic() + options.timeout)
    seen = this.observer.look()
    if options.state == "ci":
        _ci(this, seen)
    elif options.state == "up":
        _up(this, seen)
    else:
        _down(this, seen)


@dataclass(frozen=True)
class _Run:
    options: Options
    outcome: Outcome
    env: Mapping[str, str]
    observer: Observer
    deadline: float

    @property
    def limit(self) -> float:
        """Seconds that are left."""
        return max(1.0, self.deadline - time.monotonic())

    def planned(self, plan: Plan, before: str, after: str) -> None:
        """Fill in what check mode returns."""
        self.outcome.changed = bool(plan.operations)
        self.outcome.msg = str(plan)
        if plan.operations:
            self.outcome.diff = {"before": f"{before}\n", "after": f"{after}\n"}

    def nothing_done(self) -> None:
        """Take back what was planned."""
        self.outcome.changed, self.outcome.diff = False, {}

    def stands(self, session: Optional[Session]) -> None:
        """Fill in how a running Tilt stands."""
        if session is not None:
            self.outcome.resources = report.states(session)


def _ci(this: _Run, seen: Seen) -> None:
    options = this.options
    plan = plan_ci(options.tiltfile, seen, options.port)
    this.planned(plan, "not run yet", f"tilt ci with {options.tiltfile}{_with(options.args)} has run to its end")
    if options.check:
        return
    result = ci.run(options.tiltfile, options.args, this.observer, this.env, options.timeout, options.context)
    this.stands(result.session)
    if result.failed:
        failures = report.failures(result.troubles, result.view)
        heading = " ".join([f"tilt ci with {options.tiltfile} has failed:", result.said]).rstrip()
        error = report.GaveUp(report.message(failures, heading), failures)
        if error.vain:
            this.nothing_done()
        raise error


def _up(this: _Run, seen: Seen) -> None:
    options, outcome = this.options, this.outcome
    plan = plan_up(options.tiltfile, options.args, seen, options.port)
    before = _described(seen.session, options.port)
    this.planned(plan, before, f"Tilt on port {options.port} with {options.tiltfile}{_with(options.args)}")
    outcome.url, outcome.log = client.url(options.port), options.log
    this.stands(seen.session)
    if options.check:
        return
    waiter = Waiter(this.observer, this.deadline, options.timeout)
    read_before = seen.session.loaded if seen.session else ""
    try:
        if "start" in plan:
            _start(this, waiter)
        elif "args" in plan:
            _must(client.args_args(options.args, options.port), this)
            _wait(this, waiter, read_before, _LOOKS_AFTER_ARGS)
        elif seen.session is None or not _settled(seen.session, options.wait):
            _wait(this, waiter)
    finally:
        this.stands(waiter.last or seen.session)


def _start(this: _Run, waiter: Waiter) -> None:
    options = this.options
    argv = client.up_args(options.tiltfile, options.args, options.port, options.context)
    process = detached.start(argv, this.env, os.path.dirname(options.tiltfile), options.log)
    try:
        waiter.until_read("", options.log, process)
    except BaseException:
        # Nothing but Tilt itself would be left.
        _take_back(this, process.pid)
        raise
    try:
        if options.wait:
            waiter.until_ready()
    except report.GaveUp as error:
        if error.vain:
            _take_back(this, process.pid)
        raise


def _settled(session: Session, wait: bool) -> bool:
    """Whether there is nothing to wait for."""
    verdict = judge(session)
    return bool(session.loaded) and (verdict.ready if wait else not verdict.failed)


def _take_back(this: _Run, pid: int) -> None:
    detached.end(pid, END_GRACE)
    this.nothing_done()


def _wait(this: _Run, waiter: Waiter, read_before: str = "", looks: int = 1) -> None:
    waiter.until_read(read_before, this.options.log)
    if this.options.wait:
        waiter.until_ready(looks)


def _down(this: _Run, seen: Seen) -> None:
    options = this.options
    session = seen.session if seen.session and same(seen.session, options.tiltfile) else None
    try:
        left = leftovers(options.tiltfile, options.args, this.env, this.limit, options.context)
    except (TiltError, runner.RunnerError):
        if session is None:
            raise
        # A Tilt can be ended without; `tilt down` says then what is wrong.
        left = Leftovers(known=False)
    plan = plan_down(options.tiltfile, seen, left, options.port)
    words = [*([_described(session, options.port)] if session else []), *left.found]
    this.planned(plan, "\n".join(words) or "what is left cannot be told", "nothing is left")
    if options.check:
        return
    if session is not None:
        _end(this, session)
    if "remove" in plan:
        _must(client.down_args(options.tiltfile, options.args, options.context), this)


def _end(this: _Run, session: Session) -> None:
    # Reading the Tiltfile took its time: the number may belong to another process by now.
    current = this.observer.session() if this.observer.is_taken() else None
    if current is not None and current.pid == session.pid and not detached.end(session.pid, END_GRACE):
        raise TiltError(f"Tilt (process {session.pid}) has not ended {2 * END_GRACE:g} seconds after it was told to.")


def _must(argv: Sequence[str], this: _Run) -> None:
    done = runner.run(argv, env=this.env, timeout=this.limit, cwd=os.path.dirname(this.options.tiltfile))
    if done.rc != 0:
        said = report.clean(done.stderr or done.stdout) or f"exit code {done.rc}"
        raise TiltError(f"'{' '.join(argv[:2])}' has failed: {said}")


def _find(env: Mapping[str, str]) -> None:
    try:
        runner.find_tool("tilt", env)
    except runner.ToolMissing as error:
        raise TiltError(
            f"The program 'tilt' was looked for on the PATH ({env.get('PATH', '')}) and is not there. "
            "The role bunops.platform.tilt_dev installs it, from where its option tilt_dev_source says."
        ) from error


def _described(session: Optional[Session], port: int) -> str:
    if session is None:
        return f"no Tilt on port {port}"
    return f"Tilt on port {port} with {session.tiltfile}{_with(session.args)}"


def _with(args: Sequence[str]) -> str:
    return f", args: {' '.join(args)}" if args else ""
