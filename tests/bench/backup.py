"""Measures a backup and a restore of 1,000 results, by the playbooks. `tests/run bench backup`, on a quiet machine."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ansible_collections.bunops.platform.tests.e2e.platform_under_test import PlatformUnderTest
from ansible_collections.bunops.platform.tests.e2e.results import JOBS
from ansible_collections.bunops.platform.tests.e2e.test_backup import write_results


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def backup() -> None:
    with tempfile.TemporaryDirectory() as folder:
        platform = PlatformUnderTest("bunops-bench-backup", Path(folder))
        platform.copy_project()
        platform.clean()
        try:
            platform.play("local.yml")
            write_results(platform)
            taken = _seconds(lambda: platform.play("backup.yml"))
            (dump,) = Path(folder).glob(f".bunops/backups/{platform.name}/2*/turso.sql")
            size = dump.stat().st_size / 2**20
            platform.clean()
            restored = _seconds(lambda: platform.play("restore.yml"))
        finally:
            platform.clean()
    print(f"\n## A backup of {JOBS:,} results, and all of it back\n")
    print(f"The dump has {size:.0f} MiB.\n")
    print("| | s |\n|---|---|")
    print(f"| `ansible-playbook playbooks/backup.yml` | {taken:.1f} |")
    print(f"| `ansible-playbook playbooks/restore.yml`, until all is healthy | {restored:.1f} |")


if __name__ == "__main__":
    backup()
