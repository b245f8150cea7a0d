# SPDX-License-Identifier: Apache-2.0
"""Efficiency per model and workload: one panel a workload, one row a model, one dot for each number of tasks."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from makespan.units import count, percent
from makespan.theme import FAINT, INK, MUTED, SHADE

from .cases import Case, Series, Workload, best_shapes, series_of, without_interval, workloads_of
from .data import NothingToDraw, RunData
from .failures import failed, failure_notes
from .grid import Grid, grid_for
from .page import Page, chart, failure_handle, failure_marker, finish
from .text import listed, shortened

ROW = 0.36  # inches
SPREAD = 0.62  # share of a row over which its dots are spread
MOST_TASKS = 6


@chart
def efficiency(data: RunData) -> Figure:
    """0 to 100 %, medians with intervals, at the best shape. Raises NothingToDraw without any efficiency."""
    cases = [case for case in best_shapes(data.cases) if case.tasks > 0]
    if not any(case.efficiency is not None for case in cases):
        raise NothingToDraw("it needs at least one case with a makespan and a machine bound")
    cases = [case for case in cases if case.tasks in shown_tasks(cases)]
    series, workloads = series_of(cases), workloads_of(cases)
    grid = grid_for(len(workloads), panel_height=0.75 + ROW * max(2, len(series)), share_x=True)
    for axes, workload in zip(grid.panels, workloads):
        draw_panel(
            axes, data, workload, [case for case in cases if case.workload == workload], series
        )
    label_edges(grid, series)
    legend = [failure_handle("no time")] if failed(cases) else []
    page = Page(
        "How close each model comes to what the machine allows: efficiency",
        reading(cases),
        grid.body,
        data.machine.line,
        legend,
        failure_notes(data.cases),
    )
    return finish(grid.figure, page)


def shown_tasks(cases: Sequence[Case]) -> list[int]:
    """All numbers of tasks, or the MOST_TASKS largest ones of a decade each, so that a row's dots stay apart."""
    counts = sorted({case.tasks for case in cases})
    return counts[-MOST_TASKS:]


def reading(cases: Sequence[Case]) -> str:
    counts = [f"{tasks:,}" for tasks in shown_tasks(cases)]
    rows = (
        f" The dots of a row are, from top to bottom, batches of {listed(counts)} tasks;"
        if len(counts) > 1
        else f" Batches of {count(shown_tasks(cases)[0], 'task')};"
    )
    bars = " bars are 95 % intervals of the median" + (
        ", where 6 or more launches give one." if without_interval(cases) else "."
    )
    return (
        "Right is better: 100 % means that no model could finish this batch sooner on this machine (efficiency = machine bound ÷ makespan)."
        + rows + " the number on the right is that of a panel's largest batch;" + bars + " Each model at its fastest shape."
    )  # fmt: skip


def label_edges(grid: Grid, series: Sequence[Series]) -> None:
    for axes in grid.panels:
        axes.set_yticks(
            range(len(series)),
            [shortened(one.name, 22) for one in series]
            if axes in grid.left
            else [""] * len(series),
        )
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelbottom=axes in grid.bottom)
    for axes in grid.bottom:
        axes.set_xlabel("efficiency")


def draw_panel(
    axes: Axes, data: RunData, workload: Workload, cases: Sequence[Case], series: Sequence[Series]
) -> None:
    axes.set_title(workload.title)
    axes.grid(axis="y", visible=False)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(series) - 0.5, -0.5)
    highest = max([case.efficiency_high or case.efficiency or 0.0 for case in cases], default=1.0)
    axes.set_xlim(-0.02, max(1.02, highest * 1.02))
    axes.xaxis.set_major_locator(MultipleLocator(0.25))
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"{value:.0%}".replace("%", " %"))
    )
    axes.axvline(1.0, color=MUTED, linewidth=0.9, zorder=1.5)
    counts = sorted({case.tasks for case in cases})
    for row, one in enumerate(series):
        if row % 2 == 0:
            axes.axhspan(row - 0.5, row + 0.5, color=SHADE, zorder=0, linewidth=0)
        draw_row(axes, data, row, [case for case in cases if case.series == one], counts)


def offset(tasks: int, counts: Sequence[int]) -> float:
    """Where in a row the dot of a number of tasks stands, in rows from its middle."""
    return SPREAD * (counts.index(tasks) / (len(counts) - 1) - 0.5) if len(counts) > 1 else 0.0


def draw_row(
    axes: Axes, data: RunData, row: int, cases: Sequence[Case], counts: Sequence[int]
) -> None:
    if not cases:
        axes.text(
            0.0, row, "not measured", color=MUTED, fontsize=7, va="center", gid="not measured"
        )
        return
    look = data.look(cases[0].series)
    good = [
        (case.efficiency, row + offset(case.tasks, counts), case)
        for case in cases
        if case.efficiency is not None
    ]
    for _, y, case in good:
        if case.efficiency_low is not None and case.efficiency_high is not None:
            axes.plot(
                [case.efficiency_low, case.efficiency_high],
                [y, y],
                color=look.colour,
                linewidth=1.3,
                zorder=2.5,
                gid="interval",
            )
    if good:
        axes.plot(
            [x for x, *_ in good],
            [y for _, y, _ in good],
            color=FAINT,
            linewidth=0.8,
            zorder=2,
            gid="thread",
        )
        axes.plot([x for x, *_ in good], [y for _, y, _ in good], color=look.colour, linestyle="none", zorder=3, label=cases[0].series.name, **look.markers(5.0 if len(counts) < 5 else 4.2))  # fmt: skip
    for case in failed(cases):
        axes.plot(
            [0.0],
            [row + offset(case.tasks, counts)],
            linestyle="none",
            zorder=4,
            clip_on=False,
            gid="failure",
            **failure_marker(look.colour, 6.0),
        )
    axes.annotate(
        value_of(cases, counts[-1]), (1.0, row), xycoords=("axes fraction", "data"), xytext=(5, 0), textcoords="offset points",
        fontsize=7.5, color=INK, va="center", gid="value",
    )  # fmt: skip


def value_of(cases: Sequence[Case], tasks: int) -> str:
    """What stands on the right of a row: the efficiency of the largest batch, else why there is none."""
    largest = next((case for case in cases if case.tasks == tasks), None)
    if largest is None:
        return "–"
    if largest.efficiency is None:
        return largest.failures[0].status if largest.failures else "–"
    return percent(largest.efficiency, 2 if largest.efficiency < 0.995 else 3)
