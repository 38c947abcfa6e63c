# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""Draws docs/autoscaling.svg: a queue's depth, the replicas wanted and those ready over time, one panel a scaler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from ansible_collections.bunops.platform.tests.bench.watching import Sample, changes

WIDTH, HEIGHT_OF_PANEL, LEGEND = 9.0, 2.4, 0.7
# Told apart by the colour-blind too.
DEPTH, WANTED, READY = "#bbbbbb", "#d55e00", "#0072b2"


def draw(path: Path, runs: Mapping[str, Sequence[Sample]], most: int) -> None:
    """runs: samples by the panel's title, their times in s since the first job; most: replicas that there may be."""
    # The same samples give the same bytes; text stays text, in the font of whoever looks at it.
    with matplotlib.rc_context({"svg.hashsalt": "bunops", "svg.fonttype": "none", "font.size": 10}):
        # White, so that it can be read on a dark page too.
        size = (WIDTH, LEGEND + HEIGHT_OF_PANEL * len(runs))
        figure = Figure(figsize=size, facecolor="white", layout="constrained")
        panels = figure.subplots(len(runs), sharex=True, sharey=True, squeeze=False)[:, 0]
        for panel, (title, samples) in zip(panels, runs.items(), strict=True):
            _draw(panel, title, samples, most)
        panels[-1].set_xlabel("seconds since the first job")
        times = [sample.at for samples in runs.values() for sample in samples]
        panels[-1].set_xlim(min(times), max(times) - min(times))
        figure.legend(handles=_explained(), loc="outside upper center", ncols=3, frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None})


def _draw(panel: Axes, title: str, samples: Sequence[Sample], most: int) -> None:
    panel.set_title(title, loc="left", fontsize=10)
    panel.fill_between(*_steps(samples, "depth"), step="post", color=DEPTH, linewidth=0)
    panel.set_ylabel("jobs")
    panel.set_ylim(bottom=0)
    replicas = panel.twinx()
    replicas.step(*_steps(samples, "ready"), where="post", color=READY, linewidth=2)
    replicas.step(*_steps(samples, "wanted"), where="post", color=WANTED, linestyle="--")
    replicas.set_ylabel("replicas")
    replicas.set_ylim(0, most * 1.15)


def _steps(samples: Sequence[Sample], field: str) -> tuple[list[float], list[int]]:
    """Times and numbers."""
    found = changes([(sample.at, getattr(sample, field)) for sample in samples])
    return [at for at, _number in found], [number for _at, number in found]


def _explained() -> list[Patch | Line2D]:
    return [
        Patch(color=DEPTH, label="jobs that wait or run (left)"),
        Line2D([], [], color=WANTED, linestyle="--", label="replicas wanted (right)"),
        Line2D([], [], color=READY, linewidth=2, label="replicas ready (right)"),
    ]
