# SPDX-License-Identifier: Apache-2.0
"""Makespan against the number of tasks: one panel a workload, one line a model, its bound dashed below it."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .cases import Case, Series, Workload, best_shapes, series_of, without_interval, workloads_of
from .data import NothingToDraw, RunData
from .failures import failed, failure_notes
from .grid import Grid, grid_for
from .page import (
    Page,
    bound_handle,
    chart,
    failure_handle,
    failure_marker,
    finish,
    ring_size,
    series_handle,
)
from .scales import makespan_axis, tasks_axis

READING = (
    "Down is faster. Each point is the median time of a whole batch, at the shape (processes × threads) in which the model was"
    " fastest for that many tasks. Dashed: the model bound, the least time that this shape allows."
)


@chart
def makespan_by_tasks(data: RunData) -> Figure:
    """Log-log medians with intervals. Raises NothingToDraw where no batch of tasks was measured or refused."""
    cases = [
        case
        for case in best_shapes(data.cases)
        if case.tasks > 0 and (case.median is None or case.median > 0)
    ]
    if not cases:
        raise NothingToDraw(
            "it needs at least one case of sleep, compute or mixed with one task or more"
        )
    series = series_of(cases)
    grid = grid_for(len(workloads_of(cases)), panel_height=2.75)
    for axes, workload in zip(grid.panels, workloads_of(cases)):
        draw_panel(
            axes, data, workload, [case for case in cases if case.workload == workload], series
        )
    label_edges(grid)
    legend = [*(series_handle(data, one) for one in series), bound_handle("model bound")]
    if failed(cases):
        legend.append(failure_handle("no time"))
    page = Page(
        "How long the whole batch takes: makespan against the number of tasks",
        reading(cases),
        grid.body,
        data.machine.line,
        legend,
        failure_notes(data.cases),
    )
    return finish(grid.figure, page)


def reading(cases: Sequence[Case]) -> str:
    bars = " Bars: 95 % interval of the median"
    lacking = (
        "; none where fewer than 6 launches were measured." if without_interval(cases) else "."
    )
    return (
        READING + bars + lacking + " Markers of models that are equally fast lie around each other."
    )


def label_edges(grid: Grid) -> None:
    for axes in grid.bottom:
        axes.set_xlabel("tasks in the batch")
    for axes in grid.left:
        axes.set_ylabel("makespan")


def draw_panel(
    axes: Axes, data: RunData, workload: Workload, cases: Sequence[Case], series: Sequence[Series]
) -> None:
    axes.set_title(workload.title)
    times = [
        time for case in cases for time in (case.median, case.low, case.high, case.bound) if time
    ]
    tasks_axis(axes, (case.tasks for case in cases))
    makespan_axis(axes, times)
    bounds = {
        one: tuple((case.tasks, case.bound) for case in cases if case.series == one and case.bound)
        for one in series
    }
    for place, one in enumerate(series):
        own = sorted((case for case in cases if case.series == one), key=lambda case: case.tasks)
        alike = [other for other in series if bounds[other] == bounds[one]]
        draw_bound(axes, data, own, len(alike), alike.index(one))
        draw_series(axes, data, own, ring_size(place, len(series)))


def draw_bound(axes: Axes, data: RunData, cases: Sequence[Case], alike: int, turn: int) -> None:
    """Models with the same bound take turns in its dashes, so that the line shows all their colours."""
    points = [(case.tasks, case.bound) for case in cases if case.bound]
    if not points:
        return
    if len(points) == 1:  # a single point has no line: a short level stroke instead
        tasks, bound = points[0]
        points = [(tasks / 1.6, bound), (tasks * 1.6, bound)]
    dashes = (turn * 3.5, (3.5, max(2.5, 3.5 * (alike - 1))))
    axes.plot(
        *zip(*points),
        color=data.look(cases[0].series).colour,
        linestyle=dashes,
        linewidth=1.0,
        zorder=2.0,
        gid="bound",
    )


def draw_series(axes: Axes, data: RunData, cases: Sequence[Case], size: float) -> None:
    if not cases:
        return
    look = data.look(cases[0].series)
    good = [
        (case.tasks, case.median, case.low, case.high) for case in cases if case.median is not None
    ]
    if good:
        axes.plot([x for x, *_ in good], [y for _, y, *_ in good], color=look.colour, linestyle=look.dashes, linewidth=1.4, zorder=3,
                  label=cases[0].series.name, **look.markers(size))  # fmt: skip
    for x, _, low, high in good:
        if low is not None and high is not None:
            axes.plot(
                [x, x],
                [low, high],
                color=look.colour,
                linewidth=1.1,
                solid_capstyle="butt",
                marker="_",
                markersize=5,
                zorder=2.8,
                gid="interval",
            )
    top = axes.get_ylim()[1]
    for case in failed(cases):
        axes.plot(
            [case.tasks],
            [case.bound or top],
            linestyle="none",
            zorder=4,
            clip_on=False,
            gid="failure",
            **failure_marker(look.colour),
        )
