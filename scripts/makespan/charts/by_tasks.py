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

TITLE = "How long a batch takes: makespan against number of tasks"
READING = (
    "Down is faster. Each point is the median time of a whole batch, at the shape"
    " (processes × threads) in which the model was fastest for that many tasks. Dashed: the model"
    " bound, the least time that this shape allows. Bars: 95\u00a0% interval of the median"
    "{lacking}. Markers of models that are equally fast lie around each other."
)
DASH = 3.5  # line widths


@chart
def makespan_by_tasks(data: RunData) -> Figure:
    """Log-log medians with intervals. Raises NothingToDraw without any batch of tasks."""
    cases = [case for case in best_shapes(data.cases) if case.tasks > 0 and case.median != 0]
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
    notes = failure_notes(data.cases)
    reading = READING.format(lacking=lacking)
    return finish(grid.figure, Page(TITLE, reading, grid.body, data.machine.line, legend, notes))


def draw_panel(
    axes: Axes, data: RunData, workload: Workload, cases: Sequence[Case], series: Sequence[Series]
) -> None:
    axes.set_title(workload.title)
    tasks_axis(axes, [case.tasks for case in cases])
    times = ((case.median, case.low, case.high, case.bound) for case in cases)
    makespan_axis(axes, [time for some in times for time in some if time])
    lines = {one: [case for case in cases if case.series == one] for one in series}
    bounds = {one: bound_line(line) for one, line in lines.items()}
    for place, one in enumerate(series):
        alike = [other for other in series if bounds[other] == bounds[one]]
        colour = data.look(one).colour
        draw_bound(axes, colour, bounds[one], len(alike), alike.index(one))
        draw_series(axes, data, lines[one], ring_size(place, len(series)))


def bound_line(cases: Sequence[Case]) -> list[tuple[float, float]]:
    """Tasks and model bound. A single point has no line: it gets a short level stroke."""
    points = [(float(case.tasks), case.bound) for case in cases if case.bound]
    if len(points) != 1:
        return points
    tasks, bound = points[0]
    return [(tasks / 1.6, bound), (tasks * 1.6, bound)]


def draw_bound(
    axes: Axes, colour: str, points: Sequence[tuple[float, float]], alike: int, turn: int
) -> None:
    """Models with the same bound take turns in its dashes: the line shows all their colours."""
    if points:
        dashes = (turn * DASH, (DASH, max(2.5, DASH * (alike - 1))))
        xs, ys = zip(*points)
        axes.plot(xs, ys, color=colour, linestyle=dashes, linewidth=1.0, zorder=2, gid="bound")


def draw_series(axes: Axes, data: RunData, cases: Sequence[Case], size: float) -> None:
    if not cases:
        return
    look, name = data.look(cases[0].series), cases[0].series.name
    medians = [math.nan if case.median is None else case.median for case in cases]
    if not all(map(math.isnan, medians)):
        draw_line(axes, look, name, [case.tasks for case in cases], medians, size)
    top = float(axes.get_ylim()[1])
    for case in cases:
        if case.low is not None and case.high is not None:
            draw_interval(axes, look, [case.tasks, case.tasks], [case.low, case.high])
        if case.median is None:
            draw_failure(axes, look, case.tasks, case.bound or top)
