"""Rows into Plotly figures: plain dictionaries that the page's script draws."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from lifecycle.burndown import Burndown
from lifecycle.selectors.reclaimed import Week as ReclaimedWeek
from lineage.models import IngestRun
from lineage.selectors.overview import LiveByDay
from lineage.selectors.uptake import Uptake

Figure = dict[str, Any]


def uptake_figure(uptake: Uptake, *, is_share: bool = False) -> Figure:
    """Stacked areas: live deployments by what they take, oldest at the bottom; or their shares."""
    lines = list(reversed(uptake.lines))
    if not is_share:
        return _stacked(uptake.days, [(line, uptake.counts[line]) for line in lines])
    shares = [
        (line, [_percent(n, of) for n, of in zip(uptake.counts[line], uptake.totals, strict=True)])
        for line in lines
    ]
    figure = _stacked(uptake.days, shares)
    figure["layout"]["yaxis"] |= {"ticksuffix": " %", "range": [0, 100]}
    return figure


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def live_figure(live: LiveByDay) -> Figure:
    """Stacked areas: live deployments by tier."""
    return _stacked(live.days, [("production", live.prod), ("preproduction", live.preprod)])


def runs_figure(runs: Sequence[IngestRun]) -> Figure:
    """Bars: how many records each run of a source took in, oldest first."""
    trace = {
        "type": "bar",
        "name": "records",
        "x": [run.started_at.isoformat() for run in runs],
        "y": [run.accepted for run in runs],
        "hovertemplate": "%{y} on %{x|%-d %b %H:%M}",
    }
    return {"data": [trace], "layout": {"yaxis": {"rangemode": "tozero"}}}


def reclaimed_figure(weeks: Sequence[ReclaimedWeek]) -> Figure:
    """Stacked bars: what went in each week, by what it is, and what of it came back."""
    parts = (
        ("versions", [week.versions for week in weeks]),
        ("deployments", [week.deployments for week in weeks]),
        ("came back", [week.returned for week in weeks]),
    )
    x = [week.start.date().isoformat() for week in weeks]
    traces = [
        {
            "type": "bar",
            "name": name,
            "x": x,
            "y": counts,
            "hovertemplate": f"%{{y}} {name}, week of %{{x|%-d %b}}",
        }
        for name, counts in parts
    ]
    return {"data": traces, "layout": {"barmode": "stack", "yaxis": {"rangemode": "tozero"}}}


def burndown_figure(run: Burndown) -> Figure:
    """Lines: who is left day by day, where that leads at this pace, and the deadline."""
    x = [day.isoformat() for day in run.days]
    hover = "%{y} on %{x|%-d %b}"
    traces: list[dict[str, Any]] = [
        {"type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": values,
         "line": {"width": 2 if name == "consumers" else 1}, "hovertemplate": hover}
        for name, values in (("consumers", run.consumers), ("deployments", run.deployments))
    ]  # fmt: skip
    zero_on = run.projection.zero_on
    if run.days and zero_on is not None:
        traces.append({
            "type": "scatter", "mode": "lines", "name": "at this pace",
            "x": [x[-1], zero_on.isoformat()], "y": [run.consumers[-1], 0],
            "line": {"width": 1, "dash": "dot"}, "hovertemplate": hover,
        })  # fmt: skip
    top = max([*run.consumers, *run.deployments, 1])
    deadline = run.deadline.isoformat()
    traces.append({
        "type": "scatter", "mode": "lines", "name": "deadline", "x": [deadline, deadline],
        "y": [0, top], "line": {"width": 1, "dash": "dash"}, "hoverinfo": "skip",
    })  # fmt: skip
    return {"data": traces, "layout": {"yaxis": {"rangemode": "tozero"}}}


def _stacked(days: Sequence[date], series: Sequence[tuple[str, Sequence[float]]]) -> Figure:
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


def backtest_figure(weeks: Sequence[dict[str, Any]]) -> Figure:
    """Stacked bars: what would have gone in each week, and of it what was used again."""
    x = [week["monday"] for week in weeks]
    series = (
        ("not used again", "", [week["gone"] - week["used_again"] for week in weeks]),
        ("used again", "/", [week["used_again"] for week in weeks]),
    )
    traces = [
        {
            "type": "bar",
            "name": name,
            "x": x,
            "y": y,
            "marker": {"pattern": {"shape": shape}},  # marked by shape, not by colour alone
            "hovertemplate": "%{y} in the week of %{x|%-d %b}",
        }
        for name, shape, y in series
    ]
    return {"data": traces, "layout": {"barmode": "stack", "yaxis": {"rangemode": "tozero"}}}
