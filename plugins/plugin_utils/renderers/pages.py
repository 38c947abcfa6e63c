# Copyright: (c) 2026, bunops contributors
# SPDX-License-Identifier: Apache-2.0
"""The dashboard as a page of Prometheus itself, drawn by what its own consoles are drawn by.

https://prometheus.io/docs/visualization/consoles/
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from itertools import count
from typing import Any

from ..model.platform import Platform
from .alerts_parts import Monitoring
from .panels import Panel, Row, rows_of

# Four readings at the least, for there is one every 15 s or sooner.
_WINDOW = "1m"

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<link rel="icon" href="/classic/static/img/favicon.ico">
<link rel="stylesheet" href="/classic/static/rickshaw/rickshaw.min.css">
<link rel="stylesheet" href="/classic/static/css/prom_console.css">
<style>
body {{ font: 14px/1.4 system-ui, sans-serif; margin: 1.5em 1.5em 5em }}
h3 {{ margin: 0; font-size: 1.05em }}
nav a {{ margin-right: 1em }}
.row {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(26em, 1fr)); gap: 1.5em }}
.row p {{ margin: 0 0 .5em; color: #666; min-height: 2.8em }}
.row section {{ min-width: 0 }}
.prom_graph_table {{ width: 100% }}
</style>
<script>var PATH_PREFIX = "";</script>
<script src="/classic/static/d3/d3.min.js"></script>
<script src="/classic/static/rickshaw/rickshaw.min.js"></script>
<script src="/classic/static/js/prom_console.js"></script>
</head>
<body>
<h1>{title}</h1>
<nav><a href="/classic/alerts">Alerts</a><a href="/classic/targets">Targets</a><a href="/classic/graph">Graph</a></nav>
<p>
<button id="prom_graph_duration_shrink">shorter</button>
<input id="prom_graph_duration" size="3" aria-label="How long">
<button id="prom_graph_duration_grow">longer</button>
<button id="prom_graph_time_back">earlier</button>
<input id="prom_graph_time_end" size="16" placeholder="until now" aria-label="Until, UTC">
<button id="prom_graph_time_forward">later</button>
<button id="prom_graph_refresh_button">again, each <span id="prom_graph_refresh_button_value"></span></button>
</p>
<ul id="prom_graph_refresh_intervals" hidden></ul>
"""

_TAIL = """<script>
var FORMATS = {
  bytes: function (y) { return PromConsole.NumberFormatter.humanize1024(y) + "B"; },
  percentunit: function (y) { return PromConsole.NumberFormatter.humanizeNoSmallPrefix(100 * y) + " %"; },
  s: function (y) { return PromConsole.NumberFormatter.humanize(y) + "s"; }
};
PANELS.forEach(function (panel, index) {
  var unit = FORMATS[panel.unit] || PromConsole.NumberFormatter.humanizeNoSmallPrefix;
  var format = function (y) { return y === 0 ? "0" : unit(y); };
  new PromConsole.Graph({
    node: document.getElementById("panel-" + index), expr: panel.expr, name: panel.name, renderer: panel.renderer,
    min: 0, max: panel.max, yAxisFormatter: format, yHoverFormatter: format, xTitle: ""
  });
});
new PromConsole.TimeControl().setRefresh("30s");
</script>
</body>
</html>
"""


def page(platform: Platform, monitoring: Monitoring) -> str:
    """HTML, for a Prometheus that is reached at `/` and has its classic pages."""
    return _HEAD.format(title=escape(platform.name)) + content(platform, monitoring) + _TAIL


def content(platform: Platform, monitoring: Monitoring) -> str:
    """The part of it that is about the platform: the places of the panels, and what is drawn there."""
    rows = rows_of(platform, monitoring, _WINDOW)
    panels = [_drawn(panel) for row in rows for panel in row.panels]
    # Nothing in it ends the script.
    data = json.dumps(panels, indent=1).replace("<", "\\u003c")
    return "".join(_placed(rows)) + f"<script>\nvar PANELS = {data};\n</script>\n"


def _placed(rows: Sequence[Row]) -> Iterator[str]:
    numbers = count()
    for row in rows:
        yield f'<h2>{escape(row.title)}</h2>\n<div class="row">\n'
        for panel in row.panels:
            yield (
                f"<section><h3>{escape(panel.title)}</h3><p>{escape(panel.description)}</p>"
                f'<div id="panel-{next(numbers)}"></div></section>\n'
            )
        yield "</div>\n"


def _drawn(panel: Panel) -> dict[str, Any]:
    limit = [("the line", f"vector({panel.limit:g})")] if panel.limit is not None else []
    queries = [*panel.queries, *limit]
    return {
        "unit": panel.unit,
        "expr": [expr for _name, expr in queries],
        "name": [name.replace("{{", "[[").replace("}}", "]]") for name, _expr in queries],
        "renderer": "area" if panel.stacked else "line",
        **({} if panel.greatest is None else {"max": panel.greatest}),
    }
