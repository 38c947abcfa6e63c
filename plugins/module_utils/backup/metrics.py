# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The age of backups, for the textfile collector of Prometheus' node exporter. Pure."""

from __future__ import annotations

from typing import Any, Callable, List, Tuple

from ansible_collections.bunops.platform.plugins.module_utils.backup.model import Manifest, Snapshot

_Value = Callable[[Manifest, Snapshot], Any]
_GAUGES: List[Tuple[str, str, _Value]] = [
    (
        "bunops_backup_last_success_timestamp_seconds",
        "When the newest backup that was checked by restoring it was begun.",
        lambda manifest, _snapshot: manifest.taken_at,
    ),
    ("bunops_backup_size_bytes", "Size of the newest backup.", lambda _manifest, snapshot: snapshot.bytes),
]


def exposition(manifest: Manifest) -> str:
    """https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format"""
    lines: List[str] = []
    for name, text, value in _GAUGES:
        lines += ["# HELP %s %s" % (name, text), "# TYPE %s gauge" % name]
        for snapshot in manifest.snapshots:
            labels = 'platform="%s",store="%s"' % (manifest.platform, snapshot.store)
            lines.append("%s{%s} %d" % (name, labels, value(manifest, snapshot)))
    return "\n".join(lines) + "\n"
