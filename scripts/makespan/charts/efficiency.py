# SPDX-License-Identifier: Apache-2.0
"""Efficiency per model and workload: one panel a workload, one row a model, one dot a number of
tasks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from makespan.theme import FAINT, INK, MUTED, SHADE
from makespan.units import percent

from .cases import Case, Series, Workload, best_shapes, series_of, without_interval, workloads_of
from .data import NothingToDraw, RunData
from .failures import failed, failure_notes
from .grid import Grid, grid_for
from .marks import draw_failure, draw_interval
from .page import Page, chart, failure_handle, finish
from .swept import beside_sweeps
from .text import listed, shortened

TITLE = "How close each model comes to what the machine allows: efficiency"
READING = (
    "Right is better: at 100 % no model could finish this batch sooner on this machine"
    " (efficiency = machine bound ÷ makespan). {rows} Bars: 95 % interval of the median"
    "{lacking}. Each model at its fastest shape (processes × threads)."
)
ROW = 0.36  # inches
SPREAD = 0.62  # share of a row over which its dots are spread
MOST_TASKS = 6  # dots in a row


@chart
def efficiency(data: RunData) -> Figure:
    """0 to 100 %, medians with intervals. Raises NothingToDraw without any efficiency."""
    shown = beside_sweeps(data)
    every = [case for case in best_shapes(shown) if case.tasks > 0]
    if not any(case.efficiency is not None for case in every):
        raise NothingToDraw("it needs a case with a makespan and a machine bound")
    counts = sorted({case.tasks for case in every})[-MOST_TASKS:]
    cases = [case for case in every if case.tasks in counts]
    series, workloads = series_of(cases), workloads_of(cases)
    height = 0.75 + ROW * max(2, len(series))
    grid = grid_for(len(workloads), height, share_x=True)
    for axes, workload in zip(grid.panels, workloads):
        own = [case for case in cases if case.workload == workload]
        draw_panel(axes, data, workload, own, series)
    label_edges(grid, series)
    legend = [failure_handle()] if failed(cases) else []
    lacking = ", none where fewer than 6 launches were measured" if without_interval(cases) else ""
    reading = READING.format(rows=rows_in_words(counts), lacking=lacking)
    notes = failure_notes(case for case in shown if case.tasks in counts)
    return finish(grid.figure, Page(TITLE, reading, grid.body, data.machine.line, legend, notes))


def rows_in_words(counts: Sequence[int]) -> str:
    names = [f"{tasks:,}" for tasks in counts]
    if len(names) == 1:
        return f"Batches of {names[0]} {'task' if counts[0] == 1 else 'tasks'}."
    return (
        f"From top to bottom the dots of a row are batches of {listed(names)} tasks; the number on"
        " the right is that of the panel's largest batch."
    )


def label_edges(grid: Grid, series: Sequence[Series]) -> None:
    names = [shortened(one.name, 22) for one in series]
    for axes in grid.panels:
        axes.set_yticks(range(len(series)), names if axes in grid.left else [""] * len(series))
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
    right = max([case.efficiency_high or case.efficiency or 0.0 for case in cases] + [1.0])
    axes.set_xlim(-0.02, max(axes.get_xlim()[1], 1.02 * right))
    axes.xaxis.set_major_locator(MultipleLocator(0.25))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share)))
    axes.axvline(1.0, color=MUTED, linewidth=0.9, zorder=1.5)
    counts = sorted({case.tasks for case in cases})
    for row, one in enumerate(series):
        if row % 2 == 0:
            axes.axhspan(row - 0.5, row + 0.5, color=SHADE, zorder=0, linewidth=0)
        own = [case for case in cases if case.series == one]
        if own:
            draw_row(axes, data, row, own, counts)
        beside(axes, row, value_of(own, counts[-1]))


def draw_row(
    axes: Axes, data: RunData, row: int, cases: Sequence[Case], counts: Sequence[int]
) -> None:
    """The dots of one model, spread over its row by number of tasks, and a thread through them."""
    look, name = data.look(cases[0].series), cases[0].series.name
    xs = [math.nan if case.efficiency is None else case.efficiency for case in cases]
    ys = [row + offset(case.tasks, counts) for case in cases]
    size = 5.0 if len(counts) < 5 else 4.2
    if not all(map(math.isnan, xs)):
        axes.plot(xs, ys, color=FAINT, linewidth=0.8, zorder=2, gid="thread")
        axes.plot(xs, ys, linestyle="none", zorder=3, label=name, **look.markers(size))
    for case, y in zip(cases, ys):
        if case.efficiency_low is not None and case.efficiency_high is not None:
            draw_interval(axes, look, [case.efficiency_low, case.efficiency_high], [y, y])
        if case.median is None:
            draw_failure(axes, look, 0.0, y, 6.0)


def offset(tasks: int, counts: Sequence[int]) -> float:
    """Where in its row the dot of a number of tasks stands, in rows from the middle."""
    return SPREAD * (counts.index(tasks) / (len(counts) - 1) - 0.5) if len(counts) > 1 else 0.0


def beside(axes: Axes, row: int, text: str) -> None:
    """A text in the margin right of a row."""
    place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    axes.annotate(
        text, (1.0, row), xytext=(5, 0), va="center", fontsize=7.5, color=INK, gid="value", **place
    )


def value_of(cases: Sequence[Case], tasks: int) -> str:
    """The efficiency of the batch with so many tasks, else why there is none."""
    case = next((case for case in cases if case.tasks == tasks), None)
    if case is None:
        return "–" if cases else "not measured"
    if case.efficiency is None:
        return case.failures[0].status if case.failures else "–"
    return percent(case.efficiency, 2 if case.efficiency < 0.995 else 3)
