# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Debian's root file system as an image, from the packages of a mirror with their signatures verified.

Tool: https://manpages.debian.org/mmdebstrap. The settings inside are those of the official slim image
(https://github.com/debuerreotype/debuerreotype): no documentation, no services started by packages.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence

from ansible_collections.bunops.platform.plugins.module_utils import engine, runner

TOOL = "mmdebstrap"
# Seconds for all downloads and the installation.
TIME_LIMIT = 1800
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_DPKG_OPTIONS = (
    "force-unsafe-io",
    *(f"path-exclude=/usr/share/{name}/*" for name in ("man", "locale", "doc", "info", "groff", "lintian", "linda")),
    "path-include=/usr/share/doc/*/copyright",
)
_APT_OPTIONS = (
    'Acquire::Languages "none"',
    'Acquire::GzipIndexes "true"',
    'APT::AutoRemove::SuggestsImportant "false"',
)
_NO_SERVICES = 'printf "#!/bin/sh\\nexit 101\\n" > "$1/usr/sbin/policy-rc.d" && chmod 0755 "$1/usr/sbin/policy-rc.d"'


class DebianError(Exception):
    """The image cannot be assembled; the text is one sentence, lines what the tool said last."""

    def __init__(self, sentence: str, lines: Sequence[str] = ()) -> None:
        super().__init__(sentence)
        self.lines = list(lines)


class Source(NamedTuple):
    """One line of a sources.list: address of the mirror and one suite."""

    address: str
    suite: str


def sources(suite: str, root: str = "/") -> str:
    """Lines of a sources.list for a suite from the mirrors that this machine uses; empty if it is no Debian.

    An empty text leaves the choice of the mirror to mmdebstrap. root: the machine's root directory.
    """
    release = _read(Path(root, "etc/os-release"))
    if not re.search(r"^ID=\"?debian\"?$", release, re.MULTILINE):
        return ""
    known = list(_one_line(root)) + list(_deb822(root))
    kinds: Dict[str, str] = {}
    for source in known:
        # Mirrors are told apart by the kind of suite they serve; any release of it tells the address.
        kind = source.suite.partition("-")[2] if "/" not in source.suite else "other"
        kinds.setdefault(kind, source.address)
    lines = [
        f"deb {kinds[kind]} {suite}{'-' + kind if kind else ''} main"
        for kind in ("", "updates", "security")
        if kind in kinds
    ]
    return "\n".join(lines) + "\n" if "" in kinds else ""


def install(suite: str, tag: str, mirrors: str, docker_host: Optional[str], folder: str) -> None:
    """Assemble Debian and import it into the engine as an image.

    mirrors: as sources() gives. folder: for the archive meanwhile. Raises DebianError, runner.RunnerError.
    """
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        archive = f"{scratch}/root.tar"
        done = runner.run(
            _command(suite, archive, mirrors),
            stdin=mirrors or None,
            timeout=TIME_LIMIT,
            env={**os.environ, "TMPDIR": scratch},
        )
        if done.rc != 0:
            raise DebianError(_sentence(suite, done.stderr), runner.last_lines(done.stderr, 10))
        _import(archive, tag, engine.cli_environment(docker_host))


def _command(suite: str, archive: str, mirrors: str) -> List[str]:
    argv = [TOOL, "--variant=apt", "--format=tar", f"--customize-hook={_NO_SERVICES}"]
    argv += [f"--dpkgopt={option}" for option in _DPKG_OPTIONS] + [f"--aptopt={option}" for option in _APT_OPTIONS]
    return [*argv, suite, archive] + (["-"] if mirrors else [])


def _import(archive: str, tag: str, environment: Mapping[str, str]) -> None:
    argv = ["docker", "import", "--change", 'CMD ["bash"]', "--change", f"ENV PATH={_PATH}", archive, tag]
    done = runner.run(argv, env=environment, timeout=TIME_LIMIT)
    if done.rc != 0:
        raise DebianError(f"The engine did not take the image {tag}.", runner.last_lines(done.stderr, 5))


def _sentence(suite: str, said: str) -> str:
    # For people only; that it failed is known from the exit code.
    if "No space left on device" in said:
        return f"Debian {suite} cannot be assembled: the disk is full."
    if re.search(r"Could not resolve|Could not connect|Connection (?:refused|timed out)|Unable to connect", said):
        return f"Debian {suite} cannot be assembled: its package mirror cannot be reached."
    if re.search(r"NO_PUBKEY|not signed|signature", said):
        return f"Debian {suite} cannot be assembled: the mirror's signatures cannot be verified."
    return f"Debian {suite} cannot be assembled."


def _one_line(root: str) -> Iterable[Source]:
    for path in [Path(root, "etc/apt/sources.list"), *_files(root, "*.list")]:
        for line in _read(path).splitlines():
            match = re.match(r"deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)", line)
            if match:
                yield Source(match.group(1).rstrip("/"), match.group(2))


def _deb822(root: str) -> Iterable[Source]:
    for path in _files(root, "*.sources"):
        text = re.sub(r"^#.*\n", "", _read(path), flags=re.MULTILINE)
        for stanza in re.split(r"\n\s*\n", text):
            fields = {
                key.lower(): value.split()
                for key, value in re.findall(r"^([\w-]+):((?:.*)(?:\n[ \t].*)*)", stanza, re.MULTILINE)
            }
            if "deb" not in fields.get("types", []) or fields.get("enabled", ["yes"])[0].lower() in ("no", "false"):
                continue
            for address in fields.get("uris", []):
                for suite in fields.get("suites", []):
                    yield Source(address.rstrip("/"), suite)


def _files(root: str, pattern: str) -> List[Path]:
    return sorted(Path(root, "etc/apt/sources.list.d").glob(pattern))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
