# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The command line."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterable, Mapping

from . import process, sources
from .choice import Choice
from .entry import LEVELS, Entry
from .problem import Problem
from .render import Renderer

_EPILOG = """\
Each option may stand in the environment as well, in capitals: JOB=… is --job=…. So make hands them over.

A platform of this machine is looked for in the current folder, where `make local` was run."""
_FOLLOWED_SINCE = "10m"


def main() -> int:
    """The exit code: 1 if there is nothing to show."""
    # Also the one of Ctrl-C, which who starts it may have it ignore.
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    try:
        _show(_parser(os.environ).parse_args())
    except Problem as problem:
        print(f"logs: {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    except BrokenPipeError:
        # Who read it has seen enough. Python writes what is left when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _show(options: argparse.Namespace) -> None:
    choice = Choice(_names(options.service), _level(options.level), options.job, options.grep)
    follow = _follows(options.follow, options.job)
    source = _source(options, follow)
    if follow and not options.since and sys.stderr.isatty():
        print(f"Following {source.name}, from the last {_FOLLOWED_SINCE} on; Ctrl-C ends it.", file=sys.stderr)
    renderer = Renderer(colour=has_colours(os.environ, sys.stdout.isatty()))
    shown = False
    with process.running(source.command, source.environment) as program:
        entries: Iterable[Entry] = filter(choice.takes, map(source.entry, program.lines()))
        for entry in entries if follow else sorted(entries, key=lambda entry: entry.time):
            print(renderer.text(entry), flush=follow)
            shown = True
        program.end()
    if not shown:
        raise Problem(f"the log of {source.name} has no such line")


def _source(options: argparse.Namespace, follow: bool) -> sources.Source:
    since = options.since or (_FOLLOWED_SINCE if follow else "")
    if options.context:
        namespace = options.namespace or sources.project_name()
        return sources.kubernetes(options.context, namespace, follow=follow, since=since)
    if options.namespace:
        raise Problem("a namespace is of a cluster: name its CONTEXT too")
    return sources.compose(sources.project_name(), follow=follow, since=since)


def has_colours(environment: Mapping[str, str], is_terminal: bool) -> bool:
    """https://no-color.org"""
    return is_terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="logs",
        description="One readable log of the whole platform, of this machine or of a cluster.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for name, example, meaning in (
        ("service", "api,worker", "only these services and tasks"),
        ("level", "warn", f"only this level and those above: {', '.join(LEVELS)}; and lines that have none"),
        ("job", "ID", "only what concerns this job"),
        ("grep", "TEXT", "only what has this text, in any case"),
        ("since", "10m", f"only what is not older; when following {_FOLLOWED_SINCE}, unless said otherwise"),
        ("follow", "true|false", "go on with what comes; so on a terminal, unless a job is named"),
        ("context", "NAME", "a context of the kubeconfig: the log of a cluster, by stern"),
        ("namespace", "NAME", "there; unless said otherwise, called like the platform"),
    ):
        default = environment.get(name.upper(), "")
        parser.add_argument(f"--{name}", default=default, metavar=example, help=meaning)
    return parser


def _names(text: str) -> frozenset[str]:
    return frozenset(text.replace(",", " ").split())


def _level(text: str) -> str:
    if text and text.lower() not in LEVELS:
        raise Problem(f"there is no level {text}; there are {', '.join(LEVELS)}")
    return text.lower()


def _follows(text: str, job: str) -> bool:
    """Who reads a file or a pipe waits for the end, and so does who wants to know how a job went."""
    known = {"true": True, "false": False, "": sys.stdout.isatty() and not job}
    if text.lower() not in known:
        raise Problem(f"FOLLOW={text} is neither true nor false")
    return known[text.lower()]
