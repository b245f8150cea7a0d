# SPDX-License-Identifier: Apache-2.0
"""Trends: one small panel a series, its level as a line that steps where a shift was found."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter

from makespan import units
from makespan.casekey import batch_of_key, benchmark_of, contender_of_key
from makespan.charts.grid import grid_for
from makespan.charts.page import Page, finish, text_width
from makespan.charts.text import shortened
from makespan.metrics import CPU, MAKESPAN, Metric
from makespan.theme import FAINT, INK, MUTED, style

from .analysis import Analysis
from .machine import MachineClass
from .reported import Shift
from .series import Point, Series

#: Okabe and Ito's vermillion and green, which the colour-blind tell apart; words say it as well.
COLOURS: Mapping[str, str] = {"slower": "#D55E00", "faster": "#009E73"}
PANEL_HEIGHT = 1.55  # inches
COLUMNS = 3
MOST_PANELS = 24
LABEL = 7.0  # points
LEAST_SPAN = 0.25  # of an axis, as a logarithm: a quiet series looks quiet

_READING = (
    "One panel a case, one dot a commit, oldest on the left; bars are 95 % intervals. The line is"
    " the median of each level. Where it steps, the label names the first commit at the new level"
    " and what the change costs: above × 1 is worse. Axes are logarithmic, each of its own range,"
    " and none shows less than a change of {least}. {work}"
)
_WORK = "Times of computing tasks are told for the work of the newest run."


def trends(analysis: Analysis, machine: MachineClass) -> Iterator[tuple[str, Figure]]:
    """Name and figure of each benchmark and metric with a series of two commits or more."""
    groups: dict[tuple[str, Metric], list[Series]] = {}
    for series in analysis.history.series:
        if len(series.points) > 1:
            groups.setdefault((benchmark_of(series.key), series.metric), []).append(series)
    for (benchmark, metric), own in sorted(groups.items(), key=lambda item: str(item[0])):
        yield f"{benchmark}-{metric.name}", _figure(analysis, machine, benchmark, metric, own)


def _figure(
    analysis: Analysis, machine: MachineClass, benchmark: str, metric: Metric, own: list[Series]
) -> Figure:
    shifts: dict[str, list[Shift]] = {series.label: [] for series in own}
    for shift in analysis.shifts:
        if shift.series.label in shifts:
            shifts[shift.series.label].append(shift)
    ranked = sorted(own, key=lambda series: (-_greatest(shifts[series.label]), _order(series)))
    shown = sorted(ranked[:MOST_PANELS], key=_order)
    with style():
        grid = grid_for(len(shown), PANEL_HEIGHT, COLUMNS)
        for axes, series in zip(grid.panels, shown):
            _draw(axes, series, shifts[series.label], analysis.history.commits)
        commits = analysis.history.commits
        for axes in grid.bottom:
            axes.set_xlabel(
                f"{units.count(len(commits), 'commit')}, {commits[0][:7]} to {commits[-1][:7]}"
            )
        page = Page(
            title=f"{metric.title[0].upper()}{metric.title[1:]} of {benchmark} over the commits",
            reading=_reading(benchmark, metric),
            body=grid.body,
            footer=f"{machine.line} · {analysis.machine_class}",
            legend=_legend([shift for some in shifts.values() for shift in some]),
            notes=_notes(len(own) - len(shown)),
        )
        finish(grid.figure, page)
        for axes, series in zip(grid.panels, shown):
            _label(axes, shifts[series.label])
        return grid.figure


def _reading(benchmark: str, metric: Metric) -> str:
    computes = benchmark in ("compute", "mixed") and metric in (MAKESPAN, CPU)
    least = units.percent(math.expm1(LEAST_SPAN), 2)
    return _READING.format(least=least, work=_WORK if computes else "").strip()


def _notes(left_out: int) -> list[str]:
    if not left_out:
        return []
    return [f"{left_out} more series, with smaller shifts or none, are not shown."]


def _legend(shifts: Sequence[Shift]) -> list[tuple[Any, str]]:
    entries: list[tuple[Any, str]] = [
        (Line2D([], [], linestyle="none", **_dot()), "a commit: median over its launches"),
        (Line2D([], [], color=INK, linewidth=1.8), "level"),
    ]
    for verdict, colour in COLOURS.items():
        if any(shift.verdict == verdict for shift in shifts):
            handle = Line2D([], [], color=colour, linewidth=2.4)
            entries.append((handle, f"level after a shift to {verdict}"))
    return entries


def _dot() -> dict[str, Any]:
    return {
        "marker": "o",
        "markersize": 3.2,
        "markerfacecolor": MUTED,
        "markeredgecolor": "white",
        "markeredgewidth": 0.4,
    }


def _greatest(shifts: Sequence[Shift]) -> float:
    return max((abs(math.log(shift.cost)) for shift in shifts), default=0.0)


def _order(series: Series) -> tuple[object, ...]:
    return (*batch_of_key(series.key).sort_key[:-1], contender_of_key(series.key), series.name)


def _draw(axes: Axes, series: Series, shifts: Sequence[Shift], commits: Sequence[str]) -> None:
    batch = str(batch_of_key(series.key))
    axes.set_title(shortened(contender_of_key(series.key), 42), fontsize=8.5, pad=14)
    where: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
    axes.annotate(
        shortened(batch, 48), (0, 1), (0, 4), fontsize=7.5, color=MUTED, gid="batch", **where
    )
    points = series.points
    axes.set_yscale("log")
    axes.set_xlim(-1, len(commits))
    low, high = _limits(points, bool(shifts))
    axes.set_ylim(low, high)
    ticks = _ticks(low, high)
    axes.yaxis.set_major_locator(FixedLocator(ticks))
    axes.yaxis.set_minor_locator(FixedLocator([]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: series.metric.show(value)))
    axes.xaxis.set_major_locator(FixedLocator([]))
    axes.tick_params(axis="y", labelsize=7)
    axes.grid(axis="x", visible=False)
    for point in points:
        if point.low is not None and point.high is not None:
            bar: dict[str, Any] = {"color": FAINT, "linewidth": 1.0, "zorder": 2.0}
            axes.plot([point.place, point.place], [point.low, point.high], gid="interval", **bar)
    places, values = [point.place for point in points], [point.value for point in points]
    axes.plot(places, values, linestyle="none", zorder=2.4, gid="commits", **_dot())
    _levels(axes, series, shifts)


def _limits(points: Sequence[Point], labelled: bool) -> tuple[float, float]:
    """All values and as much of their intervals as does not dwarf them; room above for labels."""
    values = [point.value for point in points]
    low, high = math.log(min(values)), math.log(max(values))
    reach = max(high - low, LEAST_SPAN)
    for point in points:
        if point.low and point.high:
            low = max(min(low, math.log(point.low)), math.log(min(values)) - 0.3 * reach)
            high = min(max(high, math.log(point.high)), math.log(max(values)) + 0.3 * reach)
    missing = max(0.0, LEAST_SPAN - (high - low)) / 2
    span = high - low + 2 * missing
    top = 0.42 if labelled else 0.1
    return math.exp(low - missing - 0.1 * span), math.exp(high + missing + top * span)


def _ticks(low: float, high: float) -> list[float]:
    """Two to four round numbers within the limits."""
    for step in (1.0, 0.5, 0.25, 0.2, 0.1, 0.05, 0.02, 0.01):
        unit = 10.0 ** math.floor(math.log10(high)) * step
        first, last = math.ceil(low / unit), math.floor(high / unit)
        if last - first >= 1:
            every = max(1, (last - first + 1) // 3)
            return [unit * number for number in range(first, last + 1, every)]
    return [math.sqrt(low * high)]


def _levels(axes: Axes, series: Series, shifts: Sequence[Shift]) -> None:
    """The medians of the stretches between shifts, and a label at each shift."""
    points = series.points
    if not shifts:
        values = sorted(point.value for point in points)
        middle = len(values) // 2
        level = (
            values[middle] if len(values) % 2 else math.sqrt(values[middle - 1] * values[middle])
        )
        line: dict[str, Any] = {"color": INK, "linewidth": 1.2, "zorder": 2.8, "alpha": 0.75}
        axes.plot([points[0].place, points[-1].place], [level, level], gid="level", **line)
        return
    edges = [
        points[0].place - 0.5,
        *(shift.place - 0.5 for shift in shifts),
        points[-1].place + 0.5,
    ]
    levels = [shifts[0].before, *(shift.after for shift in shifts)]
    colours = [INK, *(COLOURS[shift.verdict] for shift in shifts)]
    for start, end, level, colour in zip(edges, edges[1:], levels, colours):
        line = {"color": colour, "linewidth": 2.0, "zorder": 2.8, "solid_capstyle": "butt"}
        axes.plot([start, end], [level, level], gid="level", **line)
    for number, shift in enumerate(shifts):
        colour, x = COLOURS[shift.verdict], shift.place - 0.5
        axes.axvspan(x, edges[number + 2], color=colour, alpha=0.07, linewidth=0, zorder=0.5)
        axes.axvline(x, color=colour, linewidth=0.9, zorder=1.5, gid="shift")


def _label(axes: Axes, shifts: Sequence[Shift]) -> None:
    """Names the shifts, each in the first row below the upper edge that has room. The layout must be
    final."""
    figure = axes.figure
    inch = float(figure.dpi)
    room = axes.get_window_extent()
    rows: list[float] = []  # where the last label of each row ends
    for shift in shifts:
        text = f"× {shift.cost:.2f} at {shift.commit[:7]}"
        width = (text_width(figure, text, LABEL) + 0.08) * inch
        x = float(axes.transData.transform((shift.place - 0.5, 1.0))[0])
        start = min(max(x + 0.03 * inch, room.x0), room.x1 - width)
        row = next((row for row, end in enumerate(rows) if end <= start), len(rows))
        rows[row : row + 1] = [start + width]
        axes.annotate(
            text,
            ((start - room.x0) / room.width, 1.0),
            (0, -1 - 1.35 * LABEL * row),
            xycoords="axes fraction",
            textcoords="offset points",
            va="top",
            fontsize=LABEL,
            color=INK,
            zorder=4,
            bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.6},
            gid="shift label",
        )
