# SPDX-License-Identifier: Apache-2.0
"""Who ran which task when: one panel a model and shape, one bar a task, lanes by process and
thread, one time axis for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from makespan.theme import INK, MUTED, Theme
from makespan.units import count

from .bars import draw_lanes
from .batches import Recorded, chosen
from .data import NothingToDraw, RunData
from .failures import failure_notes
from .grid import TITLE_HEIGHT, Stack, align_columns, stack_for
from .marks import cross
from .page import Page, bound_handle, chart, finish, text_width
from .text import duration, listed

BARS = (
    "One bar is one task, from its recorded start to its end; a lane is one thread. Bars side by"
    " side in a lane ran one after the other, bars below each other at the same time: an event loop"
    " has all its tasks under way on one thread."
)
READING = (
    f"{BARS} Of several launches the one with the median makespan. Behind each name: processes ×"
    " threads."
)
MOST_PANELS = 16
ROW = 0.135  # inches
LOWEST, HIGHEST = 1.2 * ROW, 2.3  # inches of a panel
APART = 0.35  # inches that a panel needs besides for what it is about and the numbers of its axis
MEASURED, RECORDED = "makespan", "last end"
SMALL: dict[str, Any] = {"fontsize": 8, "fontweight": "normal"}


@chart
def timeline(data: RunData) -> Figure:
    """Raises NothingToDraw if no task was recorded."""
    if not len(data.trace):
        raise NothingToDraw("it needs trace.csv, which the binaries write with --trace")
    workload, tasks, every = chosen(data)
    batches, left_out = every[:MOST_PANELS], every[MOST_PANELS:]
    notes = failure_notes(batch.case for batch in batches if batch.case) + not_drawn(left_out)
    title = f"Who ran which task when: {count(tasks, 'task')} of {workload.task}"
    page = Page(title, READING, 0.0, data.machine.line, notes=notes)
    return draw_batches(batches, data.theme, page)


def not_drawn(batches: Sequence[Recorded]) -> list[str]:
    """The note on those that there was no room for."""
    names = listed([batch.title for batch in batches], 12)
    return [f"Not drawn, for lack of room: {names}."] if batches else []


def draw_batches(batches: Sequence[Recorded], theme: Theme, page: Page) -> Figure:
    """A panel for each batch, in reading order; those that are about the same have the same time axis.
    `page` has the words, the rest of it is set here. Call it with our style in force."""
    heights = [min(HIGHEST, max(LOWEST, batch.rows * ROW)) for batch in batches]
    ends: dict[str, float] = {}
    for batch in batches:
        end = max(batch.makespan, batch.bound or 0.0) or 1.0
        ends[batch.about] = max(end, ends.get(batch.about, 0.0))
    one_axis = len(ends) == 1
    stack = stack_for(heights, TITLE_HEIGHT + (0.0 if one_axis else APART))
    for axes, batch, height in zip(stack.panels, batches, heights):
        axes.set_xlim(-0.004 * ends[batch.about], 1.03 * ends[batch.about])
        draw_panel(axes, batch, theme.look(batch.series.model, batch.series.variant).colour, height)
    label_edges(stack, one_axis)
    measured = any(batch.measured for batch in batches)
    end_name = MEASURED if measured else "end of the last task"
    legend: list[tuple[Any, str]] = [(Line2D([], [], color=INK, linewidth=1.1), end_name)]
    legend += [bound_handle()] if any(batch.bound for batch in batches) else []
    finish(stack.figure, replace(page, body=stack.body, legend=legend))
    align_columns(stack)
    for axes, batch in zip(stack.panels, batches):
        axes.set_title(fitting(stack.figure, axes, figures(batch)), loc="right", **SMALL)
    return stack.figure


def figures(batch: Recorded) -> list[str]:
    """What stands right above a panel, and what does so if that is too long."""
    words = batch.status
    if batch.lanes:
        words = f"{MEASURED if batch.measured else RECORDED} {duration(batch.makespan, 4)}"
    return [f"{words} · bound {duration(batch.bound, 4)}", words] if batch.bound else [words]


def fitting(figure: Figure, axes: Axes, choices: Sequence[str]) -> str:
    """The first of the texts that has room beside the panel's name, or the last. For a final layout."""
    beside = axes.get_title(loc="left").split("\n")[-1]
    whole = axes.get_position().width * float(figure.get_figwidth())
    room = whole - text_width(figure, beside, 9, "bold") - 0.1
    return next((text for text in choices if text_width(figure, text, 8) <= room), choices[-1])


def draw_panel(axes: Axes, batch: Recorded, colour: str, height: float) -> None:
    """`height` in inches."""
    axes.grid(axis="y", visible=False)
    axes.set_title("\n".join(filter(None, (batch.title, batch.about))), fontsize=9)
    axes.set_title(figures(batch)[0], loc="right", **SMALL)
    if batch.lanes:
        draw_lanes(axes, batch.lanes, colour, height)
        axes.axvline(batch.makespan, color=INK, linewidth=1.1, zorder=2.8, gid="makespan")
    else:
        say_why(axes, batch, colour)
    if batch.bound:
        dashes = (0, (3.5, 2.5))
        axes.axvline(
            batch.bound, color=MUTED, linewidth=1.1, linestyle=dashes, zorder=2.9, gid="bound"
        )


def say_why(axes: Axes, batch: Recorded, colour: str) -> None:
    """The hollow × and the status in place of bars."""
    here: dict[str, Any] = {"transform": axes.transAxes}
    axes.set_ylim(1, 0)
    axes.set_yticks([])
    axes.plot([0.015], [0.5], linestyle="none", gid="failure", **cross(colour), **here)
    axes.text(
        0.03, 0.5, f"{batch.status}: no task to show", va="center_baseline", fontsize=8, **here
    )


def label_edges(stack: Stack, one_axis: bool) -> None:
    """Numbers below each column, or below each panel that has an axis of its own."""
    for axes in stack.panels:
        numbered = axes in stack.bottom or not one_axis
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: duration(value)))
        axes.tick_params(axis="x", labelbottom=numbered, length=3 if numbered else 0)
    for axes in stack.bottom:
        axes.set_xlabel("time since the batch's first submit")
