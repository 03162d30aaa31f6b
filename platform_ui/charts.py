"""Rows into Plotly figures: plain dictionaries that the page's script draws."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from lineage.selectors.overview import LiveByDay
from lineage.selectors.uptake import Uptake

Figure = dict[str, Any]


def uptake_figure(uptake: Uptake) -> Figure:
    """Stacked areas: live deployments by the line they take, oldest line at the bottom."""
    lines = list(reversed(uptake.lines))
    return _stacked(uptake.days, [(line, uptake.counts[line]) for line in lines])


def live_figure(live: LiveByDay) -> Figure:
    """Stacked areas: live deployments by tier."""
    return _stacked(live.days, [("production", live.prod), ("preproduction", live.preprod)])


def _stacked(days: Sequence[date], series: Sequence[tuple[str, Sequence[int]]]) -> Figure:
    x = [day.isoformat() for day in days]
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": x,
            "y": list(values),
            "stackgroup": "all",
            "line": {"width": 1},
            "hovertemplate": "%{y} on %{x|%-d %b}",
        }
        for name, values in series
    ]
    return {"data": traces, "layout": {"yaxis": {"rangemode": "tozero"}}}
