# SPDX-License-Identifier: Apache-2.0
"""Who ran which task when: one panel a model and shape, one bar a task, lanes by process and
thread, one time axis for all."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from makespan.theme import INK, MUTED
from makespan.units import count

from .bars import draw_lanes
from .batches import Recorded, chosen
from .data import NothingToDraw, RunData
from .failures import failure_notes
from .grid import Stack, align_columns, stack_for
from .marks import cross
from .page import Page, bound_handle, chart, finish
from .text import duration, listed, shortened

READING = (
    "One bar is one task, from its recorded start to its end; a lane is one thread. Bars side by"
    " side in a lane ran one after the other, bars below each other at the same time: an event loop"
    " has all its tasks under way on one thread. Of several launches the one with the median"
    " makespan. Behind each name: processes × threads."
)
MOST_PANELS = 16
ROW = 0.135  # inches
LOWEST, HIGHEST = 1.2 * ROW, 2.3  # inches of a panel


@chart
def timeline(data: RunData) -> Figure:
    """Raises NothingToDraw if no task was recorded."""
    if not len(data.trace):
        raise NothingToDraw("it needs trace.csv, which the binaries write with --trace")
    workload, tasks, every = chosen(data)
    batches, left_out = every[:MOST_PANELS], every[MOST_PANELS:]
    heights = [min(HIGHEST, max(LOWEST, batch.rows * ROW)) for batch in batches]
    stack = stack_for(heights)
    end = max(max(batch.makespan, batch.bound or 0.0) for batch in batches) or 1.0
    for axes, batch, height in zip(stack.panels, batches, heights):
        axes.set_xlim(-0.004 * end, 1.03 * end)
        draw_panel(axes, data, batch, height)
    label_edges(stack)
    notes = failure_notes(batch.case for batch in batches if batch.case)
    if left_out:
        names = [f"{batch.series.name} {batch.shape}" for batch in left_out]
        notes.append(f"Not drawn, for lack of room: {listed(names, 12)}.")
    title = f"Who ran which task when: {count(tasks, 'task')} of {workload.task}"
    legend = [(Line2D([], [], color=INK, linewidth=1.1), "makespan"), bound_handle()]
    finish(stack.figure, Page(title, READING, stack.body, data.machine.line, legend, notes))
    align_columns(stack)
    return stack.figure


def draw_panel(axes: Axes, data: RunData, batch: Recorded, height: float) -> None:
    """`height` in inches."""
    axes.grid(axis="y", visible=False)
    axes.set_title(f"{shortened(batch.series.name, 26)} {batch.shape}", fontsize=9)
    if batch.lanes:
        draw_lanes(axes, batch.lanes, data.look(batch.series).colour, height)
        axes.axvline(batch.makespan, color=INK, linewidth=1.1, zorder=2.8, gid="makespan")
        words = f"makespan {duration(batch.makespan, 4)}"
    else:
        words = batch.status
        say_why(axes, data, batch)
    if batch.bound:
        dashes = (0, (3.5, 2.5))
        axes.axvline(
            batch.bound, color=MUTED, linewidth=1.1, linestyle=dashes, zorder=2.9, gid="bound"
        )
        words = f"{words} · bound {duration(batch.bound, 4)}"
    axes.set_title(words, loc="right", fontsize=8, fontweight="normal")


def say_why(axes: Axes, data: RunData, batch: Recorded) -> None:
    """The hollow × and the status in place of bars."""
    here: dict[str, Any] = {"transform": axes.transAxes}
    axes.set_ylim(1, 0)
    axes.set_yticks([])
    marker = cross(data.look(batch.series).colour)
    axes.plot([0.015], [0.5], linestyle="none", gid="failure", **marker, **here)
    axes.text(
        0.03, 0.5, f"{batch.status}: no task to show", va="center_baseline", fontsize=8, **here
    )


def label_edges(stack: Stack) -> None:
    for axes in stack.panels:
        last = axes in stack.bottom
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: duration(value)))
        axes.tick_params(axis="x", labelbottom=last, length=3 if last else 0)
    for axes in stack.bottom:
        axes.set_xlabel("time since the batch's first submit")
