# SPDX-License-Identifier: Apache-2.0
"""Makespan against tasks: one panel a workload, one line a model, its bound dashed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .cases import Case, Series, Workload, best_shapes, series_of, without_interval, workloads_of
from .data import NothingToDraw, RunData
from .failures import failed, failure_notes
from .grid import grid_for
from .marks import draw_failure, draw_interval, draw_line, ring_size
from .page import Page, bound_handle, chart, failure_handle, finish, series_handle
from .scales import makespan_axis, tasks_axis
from .swept import beside_sweeps

TITLE = "How long a batch takes: makespan against number of tasks"
READING = (
    "Down is faster. Each point is the median time of a whole batch, at the shape"
    " (processes × threads) in which the model was fastest for that many tasks. Dashed: the model"
    " bound, the least time that this shape allows. Bars: 95 % interval of the median"
    "{lacking}. Models that are equally fast lie around each other; where only one batch was"
    " measured they stand side by side."
)
DASH = 3.5  # line widths
SPREAD = 0.95  # decades over which models stand side by side
STROKE = 1.1  # half the length of a single bound, as a factor


@chart
def makespan_by_tasks(data: RunData) -> Figure:
    """Log-log medians with intervals. Raises NothingToDraw without any batch of tasks."""
    every = beside_sweeps(data)
    cases = [case for case in best_shapes(every) if case.tasks > 0 and case.median != 0]
    if not cases:
        raise NothingToDraw("it needs a case of sleep, compute or mixed with one task or more")
    series, workloads = series_of(cases), workloads_of(cases)
    grid = grid_for(len(workloads), panel_height=2.75)
    for axes, workload in zip(grid.panels, workloads):
        own = [case for case in cases if case.workload == workload]
        draw_panel(axes, data, workload, own, series)
    for axes in grid.bottom:
        axes.set_xlabel("tasks in the batch")
    for axes in grid.left:
        axes.set_ylabel("makespan")
    legend = [*(series_handle(data, one) for one in series), bound_handle()]
    legend += [failure_handle()] if failed(cases) else []
    lacking = ", none where fewer than 6 launches were measured" if without_interval(cases) else ""
    notes = failure_notes(every)
    reading = READING.format(lacking=lacking)
    return finish(grid.figure, Page(TITLE, reading, grid.body, data.machine.line, legend, notes))


def draw_panel(
    axes: Axes, data: RunData, workload: Workload, cases: Sequence[Case], series: Sequence[Series]
) -> None:
    """Lines if there are several numbers of tasks; otherwise the models stand side by side."""
    axes.set_title(workload.title)
    tasks_axis(axes, [case.tasks for case in cases])
    times = ((case.median, case.low, case.high, case.bound) for case in cases)
    makespan_axis(axes, [time for some in times for time in some if time])
    alone = len({case.tasks for case in cases}) == 1
    lines = {one: [case for case in cases if case.series == one] for one in series}
    bounds = {one: bound_points(line) for one, line in lines.items()}
    for place, one in enumerate(series):
        colour = data.look(one).colour
        if alone:
            aside = 10 ** (SPREAD * (place / max(1, len(series) - 1) - 0.5))
            draw_strokes(axes, colour, [(x * aside, y) for x, y in bounds[one]])
            draw_series(axes, data, lines[one], 6.5, aside)
        else:
            alike = [other for other in series if bounds[other] == bounds[one]]
            draw_bound(axes, colour, bounds[one], len(alike), alike.index(one))
            draw_series(axes, data, lines[one], ring_size(place, len(series)))


def bound_points(cases: Sequence[Case]) -> list[tuple[float, float]]:
    """Tasks and model bound."""
    return [(float(case.tasks), case.bound) for case in cases if case.bound]


def draw_bound(
    axes: Axes, colour: str, points: Sequence[tuple[float, float]], alike: int, turn: int
) -> None:
    """Models with the same bound take turns in its dashes: the line shows all their colours."""
    if len(points) == 1:
        draw_strokes(axes, colour, points)
    elif points:
        dashes = (turn * DASH, (DASH, max(2.5, DASH * (alike - 1))))
        xs, ys = zip(*points)
        axes.plot(xs, ys, color=colour, linestyle=dashes, linewidth=1.0, zorder=2, gid="bound")


def draw_strokes(axes: Axes, colour: str, points: Sequence[tuple[float, float]]) -> None:
    """Bounds of single batches, which have no line: short level strokes."""
    for x, y in points:
        ends = [x / STROKE, x * STROKE]
        axes.plot(ends, [y, y], color=colour, linestyle=(0, (3, 1)), linewidth=1.2, gid="bound")


def draw_series(
    axes: Axes, data: RunData, cases: Sequence[Case], size: float, aside: float = 1.0
) -> None:
    """`aside` is the factor by which the points stand beside their number of tasks."""
    if not cases:
        return
    look, name = data.look(cases[0].series), cases[0].series.name
    xs = [case.tasks * aside for case in cases]
    medians = [math.nan if case.median is None else case.median for case in cases]
    if not all(map(math.isnan, medians)):
        draw_line(axes, look, name, xs, medians, size)
    top = float(axes.get_ylim()[1])
    for case, x in zip(cases, xs):
        if case.low is not None and case.high is not None:
            draw_interval(axes, look, [x, x], [case.low, case.high])
        if case.median is None:
            draw_failure(axes, look, x, case.bound or top)
