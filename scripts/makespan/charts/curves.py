# SPDX-License-Identifier: Apache-2.0
"""Log-log panels with one line a transport, which the charts of talking tasks share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from .data import RunData
from .ends import MOST_NAMES, name_ends, name_width, with_room
from .failures import failed
from .grid import Grid, grid_for
from .labels import Named
from .marks import draw_failure, draw_interval, draw_line, ring_size
from .page import Page, failure_handle, finish, series_handle, text_width
from .scales import decades, log_axis
from .talks import Talk, longest, talk_notes, transports, without_interval

PANEL_HEIGHT = 3.9
MOST_COLUMNS = 2


@dataclass(frozen=True)
class Point:
    """One batch as a panel shows it; NaN where it gave no time."""

    talk: Talk
    x: int
    y: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Plot:
    """What a chart makes of its cases: the words of both axes and of their ticks, and the points.

    `inverse` turns rates into times per message.
    """

    x: Callable[[Talk], int]
    x_name: str
    y_name: str
    x_words: Callable[[float], str]
    y_words: Callable[[float], str]
    inverse: bool = False

    def points(self, talks: Iterable[Talk]) -> list[Point]:
        return [self._point(talk) for talk in longest(talks, self.x)]

    def _point(self, talk: Talk) -> Point:
        rates = talk.per_second, talk.low, talk.high
        if self.inverse:
            middle, high, low = (1e9 / rate if rate else None for rate in rates)
        else:
            middle, low, high = rates
        return Point(talk, self.x(talk), middle or math.nan, low, high)


def draw_panels(
    data: RunData, plot: Plot, panels: Sequence[tuple[str, Sequence[Talk]]]
) -> tuple[Grid, list[list[Point]]]:
    """One panel for each title, all with the same axes."""
    grid = grid_for(len(panels), PANEL_HEIGHT, MOST_COLUMNS)
    drawn = draw_on(data, plot, panels, grid, grid.panels)
    for axes in grid.bottom:
        axes.set_xlabel(plot.x_name)
    for axes in grid.left:
        axes.set_ylabel(plot.y_name)
    return grid, drawn


def draw_on(
    data: RunData,
    plot: Plot,
    panels: Sequence[tuple[str, Sequence[Talk]]],
    grid: Grid,
    places: Sequence[Axes],
) -> list[list[Point]]:
    """The same into some panels of a grid that has others besides; the axes are not named."""
    drawn = [plot.points(talks) for _, talks in panels]
    series = transports(talk for _, talks in panels for talk in talks)
    for axes, (title, _), points in zip(places, panels, drawn):
        axes.set_title(title)
        _scale(grid, axes, plot, [point for some in drawn for point in some])
        for place, one in enumerate(series):
            own = [point for point in points if point.talk.series == one]
            _draw_series(axes, data, plot, own, 3 + ring_size(place, len(series)) / 2)
    return drawn


def finish_panels(
    data: RunData,
    grid: Grid,
    drawn: Sequence[Sequence[Point]],
    words: tuple[str, str],
    extra: Sequence[tuple[Any, str]] = (),
) -> Figure:
    """Title and reading aid, notes on failures, and the names at the ends of the lines."""
    talks = [point.talk for points in drawn for point in points]
    series = transports(talks)
    crowded = len(series) > MOST_NAMES
    legend = [series_handle(data, one) for one in series] if crowded else []
    legend += [*extra, *([failure_handle()] if failed(talks) else [])]
    lacking = ", none where fewer than 6 launches were measured" if without_interval(talks) else ""
    title, reading = words[0], words[1].format(lacking=lacking)
    notes = talk_notes(talks)
    finish(grid.figure, Page(title, reading, grid.body, data.machine.line, legend, notes))
    for axes, points in zip(grid.panels, [] if crowded else drawn):
        name_ends(grid.figure, axes, _ends(data, points))
    return grid.figure


def _scale(grid: Grid, axes: Axes, plot: Plot, points: Sequence[Point]) -> None:
    xs = sorted({point.x for point in points})
    columns = -(-len(grid.panels) // len(grid.left))
    panel = float(grid.figure.get_figwidth()) / columns - 0.8
    ys = [y for p in points for y in (p.y, p.low, p.high) if y and math.isfinite(y)] or [1.0]
    names = [one.name for one in transports(point.talk for point in points)]
    limits = decades(xs[0], xs[-1], at_least=0.6, room=0.05)
    if len(names) <= MOST_NAMES:
        limits = with_room(limits, name_width(grid.figure, names), panel)
    log_axis(axes, "x", limits, plot.x_words)
    inches = panel / math.log(limits[1] / limits[0])
    axes.xaxis.set_major_locator(FixedLocator(_labelled(grid.figure, xs, plot.x_words, inches)))
    log_axis(axes, "y", decades(min(ys), max(ys), at_least=1.0), plot.y_words)


def _labelled(
    figure: Figure, xs: Sequence[int], words: Callable[[float], str], inches: float
) -> list[int]:
    """Those of the ascending values whose labels have room; `inches` is the length of a factor of e."""
    shown: list[int] = []
    end = -math.inf
    for x in xs:
        half = text_width(figure, words(x), 8.0) / 2
        place = inches * math.log(x)
        if place - half > end + 0.07:
            shown.append(x)
            end = place + half
    return shown


def _draw_series(
    axes: Axes, data: RunData, plot: Plot, points: Sequence[Point], size: float
) -> None:
    if not points:
        return
    series = points[0].talk.series
    look = data.look(series)
    if not all(math.isnan(point.y) for point in points):
        xs, ys = [point.x for point in points], [point.y for point in points]
        draw_line(axes, look, series.name, xs, ys, size)
    bottom, top = axes.get_ylim()
    marker = (top / bottom) ** (size / 72 / (PANEL_HEIGHT - 0.8))
    for point in points:
        if point.low and point.high and point.high > point.low * marker:
            draw_interval(axes, look, [point.x, point.x], [point.low, point.high])
        if point.talk.median is None:
            draw_failure(axes, look, point.x, top if plot.inverse else bottom)


def _ends(data: RunData, points: Sequence[Point]) -> list[Named]:
    """The last point of every line."""
    last = {point.talk.series: point for point in points if not math.isnan(point.y)}
    return [Named(p.x, p.y, data.look(one), one.name) for one, p in last.items()]
