"""The seccomp profile for browsers, on the real kernel: what it opens for Chromium's sandbox, and nothing beyond.

The system calls are made as root with every capability, so that only the profile can be what refuses them.
"""

from __future__ import annotations

import errno
import json
import platform
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.bunops.platform.tests.integration.docker_guard.engine_client import Engine, pack
from ansible_collections.bunops.platform.tests.integration.docker_guard.under_test import ROOT, Guard, bun

PROFILE = (ROOT / "docker/seccomp/chrome.json").read_text()
PROBE = Path(__file__).with_name("probe.js")

# System call numbers: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h
X86_64 = {
    "socket": 41, "setsockopt": 54, "clone": 56, "ptrace": 101, "syslog": 103, "personality": 135, "pivot_root": 155,
    "acct": 163, "mount": 165, "umount2": 166, "swapon": 167, "reboot": 169, "init_module": 175, "delete_module": 176,
    "clock_settime": 227, "mbind": 237, "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250,
    "unshare": 272, "perf_event_open": 298, "fanotify_init": 300, "open_by_handle_at": 304, "setns": 308,
    "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313, "bpf": 321,
    "userfaultfd": 323, "io_uring_setup": 425, "open_tree": 428, "move_mount": 429, "fsopen": 430, "clone3": 435,
    "pidfd_getfd": 438, "mount_setattr": 442, "chroot": 161, "getpid": 39,
}  # fmt: skip
AARCH64 = {
    "socket": 198, "setsockopt": 208, "clone": 220, "ptrace": 117, "syslog": 116, "personality": 92, "pivot_root": 41,
    "acct": 89, "mount": 40, "umount2": 39, "swapon": 224, "reboot": 142, "init_module": 105, "delete_module": 106,
    "clock_settime": 112, "mbind": 235, "kexec_load": 104, "add_key": 217, "request_key": 218, "keyctl": 219,
    "unshare": 97, "perf_event_open": 241, "fanotify_init": 262, "open_by_handle_at": 265, "setns": 268,
    "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "finit_module": 273, "bpf": 280,
    "userfaultfd": 282, "io_uring_setup": 425, "open_tree": 428, "move_mount": 429, "fsopen": 430, "clone3": 435,
    "pidfd_getfd": 438, "mount_setattr": 442, "chroot": 51, "getpid": 172,
}  # fmt: skip
NUMBERS = {"x86_64": X86_64, "aarch64": AARCH64}[platform.machine()]

HIGH = 1 << 32  # above the int that the kernel reads: must not hide a value from the filter
BAD = -1  # no file descriptor, no process: a call that is let through fails without an effect
NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER = 0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000
CLONE_FS = 0x200  # not together with CLONE_NEWNS: EINVAL (clone(2))
UNIX, INET, INET6, NETLINK, PACKET, ALG, VSOCK = 1, 2, 10, 16, 17, 38, 40
IP, SOCKET, TCP, UDP, IPV6, RAW = 0, 1, 6, 17, 41, 255

Call = tuple[str | int, ...]  # the name and up to six arguments

REFUSED: list[Call] = [
    *[(name, BAD, BAD, BAD, BAD, BAD, BAD) for name in (
        "mount", "umount2", "pivot_root", "setns", "open_tree", "move_mount", "fsopen", "mount_setattr",
        "open_by_handle_at", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "keyctl", "add_key",
        "request_key", "init_module", "finit_module", "delete_module", "kexec_load", "reboot", "swapon", "acct",
        "syslog", "clock_settime", "fanotify_init", "kcmp", "process_vm_readv", "process_vm_writev", "pidfd_getfd",
        "mbind", "personality",
    )],
    ("ptrace", 16, BAD),
    *[("unshare", flag) for flag in (NEWNS, NEWTIME, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER | NEWNS, HIGH | NEWNS)],
    *[("clone", flag) for flag in (NEWNS | CLONE_FS, NEWUSER | NEWNS | CLONE_FS, HIGH | NEWNS | CLONE_FS)],
    *[("socket", family, 3) for family in (PACKET, ALG, VSOCK, HIGH | PACKET)],
    *[("setsockopt", BAD, IP, option) for option in (64, 65, 96, 128, 200, HIGH | 64)],
    *[("setsockopt", BAD, HIGH | IP, option) for option in (64, 200)],
    *[("setsockopt", BAD, IPV6, option) for option in (64, 65, 80, 200, HIGH | 64)],
    *[("setsockopt", BAD, HIGH | IPV6, option) for option in (64, 200)],
    ("setsockopt", BAD, RAW, 1),
]  # fmt: skip

LET_THROUGH: list[Call] = [
    ("getpid",),
    ("chroot", 0),
    ("unshare", 0),
    ("unshare", NEWUSER),
    *[("socket", family, 1) for family in (UNIX, INET, INET6)],
    *[("setsockopt", BAD, level, 1) for level in (IP, SOCKET, TCP, UDP, IPV6)],
    *[("setsockopt", BAD, IPV6, option) for option in (26, 66, 67, 70, 75)],
]


def _libraries(binary: str) -> list[Path]:
    listed = subprocess.run(["ldd", binary], check=True, capture_output=True, text=True, timeout=20).stdout
    return [Path(word) for word in listed.split() if word.startswith("/")]


@pytest.fixture(scope="module")
def probe_image(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> Iterator[str]:
    """Bun, the libraries that it loads, and the program that makes the calls."""
    archive = tmp_path_factory.mktemp("probe") / "root.tar"
    libraries = {str(path).lstrip("/"): path for path in _libraries(bun())}
    pack(archive, {"bin/bun": Path(bun()), "probe.js": PROBE, **libraries}, {})
    name = engine.import_image(archive, "bunops-guard-probe", uuid.uuid4().hex[:12])
    yield name
    engine.remove_image(name)


def _results(engine: Engine, image: str, seccomp: str, calls: list[Call]) -> list[int]:
    numbers = [[NUMBERS[str(name)], *arguments] for name, *arguments in calls]
    command = ["/bin/bun", "/probe.js", json.dumps(numbers)]
    host = {"CapAdd": ["ALL"], "SecurityOpt": [f"seccomp={seccomp}"]}
    code, output, errors = engine.run({"Image": image, "Cmd": command, "HostConfig": host})
    assert (code, errors) == (0, "")
    return [int(result) for result in json.loads(output)]


def test_what_the_profile_refuses(engine: Engine, probe_image: str) -> None:
    results = _results(engine, probe_image, PROFILE, REFUSED)
    other = {str(call): result for call, result in zip(REFUSED, results, strict=True) if result != -errno.EPERM}
    assert other == {}


def test_it_is_the_profile_that_refuses(engine: Engine, probe_image: str) -> None:
    results = _results(engine, probe_image, "unconfined", REFUSED)
    refused = [str(call) for call, result in zip(REFUSED, results, strict=True) if result == -errno.EPERM]
    assert refused == []


def test_what_the_profile_lets_through(engine: Engine, probe_image: str) -> None:
    results = _results(engine, probe_image, PROFILE, LET_THROUGH)
    refused = [str(call) for call, result in zip(LET_THROUGH, results, strict=True) if result == -errno.EPERM]
    assert refused == []


def test_calls_that_have_a_gentler_answer(engine: Engine, probe_image: str) -> None:
    calls: list[Call] = [("clone3", 0, 0), ("socket", NETLINK, 3), ("socket", HIGH | NETLINK, 3)]
    expected = [-errno.ENOSYS, -errno.EAFNOSUPPORT, -errno.EAFNOSUPPORT]
    assert _results(engine, probe_image, PROFILE, calls) == expected


def test_a_task_without_capabilities_can_build_chromium_s_walls(guard: Guard) -> None:
    """Namespaces for users, processes and network, and in them the change of root: as an ordinary user."""
    code, output, errors = guard.run("unshare --user --map-root-user --net --pid --fork chroot / id -u")
    assert (code, output, errors) == (0, "0\n", "")


@pytest.mark.parametrize(
    "command",
    [
        "chroot / id",
        "unshare --user --map-root-user --mount true",
        "unshare --user --map-root-user --uts true",
        "unshare --user --map-root-user --ipc true",
        "unshare --user --map-root-user mount -t tmpfs none /tmp",
    ],
)
def test_a_task_can_build_no_other(guard: Guard, command: str) -> None:
    code, output, errors = guard.run(command)
    assert (code != 0, output) == (True, "")
    assert "not permitted" in errors or "ermission denied" in errors
