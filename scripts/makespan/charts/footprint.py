# SPDX-License-Identifier: Apache-2.0
"""Memory of waiting tasks: bytes per task by model, and the whole against the number of tasks."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MultipleLocator

from makespan.footprint.lines import OWN_WORKERS, Line
from makespan.footprint.table import per_task
from makespan.theme import INK, MUTED
from makespan.units import data_size

from .bars import lighter
from .cases import Series
from .data import NothingToDraw, RunData
from .marks import draw_line, ring_size
from .page import NAME_LENGTH, Page, chart, finish, new_figure, series_handle
from .scales import decades, log_axis, tasks_axis
from .text import shortened

TITLE = "What waiting costs: memory of tasks that sleep"
READING = (
    "Left: by how much memory grows with each further waiting task (slope over the number of tasks); the"
    " full colour is that of the processes (proportional set size), the light one the kernel's for them:"
    " page tables, stacks, slab. Right: both together when all tasks wait, medians; dotted: without any"
    " task."
)
WIDTH, ROW, AXIS = 10.5, 0.34, 0.9  # inches
LEAST = 3.4
BAR = 0.62  # of a row


@chart
def footprint(data: RunData) -> Figure:
    """Raises NothingToDraw without a reading of waiting tasks."""
    lines = [line for line in data.footprints if line.most > 0]
    if not lines:
        raise NothingToDraw("it needs readings of bench_footprint with one waiting task or more")
    body = max(LEAST, AXIS + ROW * len(lines))
    figure = new_figure(WIDTH, body)
    left, right = figure.subplots(1, 2, width_ratios=[1.0, 1.15])
    draw_bars(left, data, lines)
    draw_totals(right, data, lines)
    legend = [series_handle(data, one) for one in dict.fromkeys(map(series_of, lines))]
    return finish(figure, Page(TITLE, READING, body, data.machine.line, legend))


def series_of(line: Line) -> Series:
    return Series(line.model, line.variant)


def draw_bars(axes: Axes, data: RunData, lines: Sequence[Line]) -> None:
    """One bar a line, from the top down: the processes' part, then the kernel's; both in numbers."""
    axes.set_title("per waiting task")
    longest = max((line.total.value for line in lines if line.total), default=0.0)
    for row, line in enumerate(lines):
        colour = data.look(series_of(line)).colour
        user = max(0.0, line.user.value) if line.user else 0.0
        kernel = max(0.0, line.kernel.value) if line.kernel else 0.0
        axes.barh(row, user, BAR, color=colour, gid="user", zorder=2)
        axes.barh(row, kernel, BAR, user, color=lighter(colour), gid="kernel", zorder=2)
        end = user + kernel + 0.015 * (longest or 1.0)
        words = per_task(line.total).split(" (")[0] if line.total else "one number of tasks only"
        axes.text(end, row, words, fontsize=8, color=INK, va="center", gid="value")
    shapes = ["" if line.shape == OWN_WORKERS else f", {line.shape}" for line in lines]
    names = [shortened(line.name + shape, NAME_LENGTH) for line, shape in zip(lines, shapes)]
    axes.set_yticks(range(len(lines)), names)
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.set_xlim(0, 1.3 * (longest or 1.0))
    axes.xaxis.set_major_locator(_whole_sizes(1.3 * (longest or 1.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda size, _: data_size(size) if size else "0"))
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")


def draw_totals(axes: Axes, data: RunData, lines: Sequence[Line]) -> None:
    """Medians against tasks, both logarithmic."""
    axes.set_title("all together")
    tasks_axis(axes, [tasks for line in lines for tasks in line.readings if tasks > 0])
    every = [reading.total for line in lines for own in line.readings.values() for reading in own]
    limits = decades(min(every), max(every), at_least=1.0)
    log_axis(axes, "y", limits, data_size)
    axes.yaxis.set_major_locator(FixedLocator(_powers_of_two(*limits)))
    for place, line in enumerate(lines):
        look = data.look(series_of(line))
        medians = {tasks: line.median(tasks) for tasks in line.readings if tasks > 0}
        totals = [reading.total if reading else math.nan for reading in medians.values()]
        draw_line(axes, look, line.name, list(medians), totals, ring_size(place, len(lines)))
    empties = [empty.total for line in lines if (empty := line.median(0))]
    if empties:
        axes.axhline(min(empties), color=MUTED, linewidth=0.9, linestyle=(0, (1, 2)), gid="empty")
    axes.set_xlabel("waiting tasks")


def _whole_sizes(longest: float) -> MultipleLocator:
    """Steps of a power of two, so that they are round in KiB; five at most."""
    return MultipleLocator(2.0 ** math.ceil(math.log2(longest / 5)))


def _powers_of_two(low: float, high: float, most: int = 8) -> list[float]:
    """Those between, or as many of them at equal steps."""
    first, last = math.ceil(math.log2(low)), math.floor(math.log2(high))
    step = max(1, math.ceil((last - first + 1) / most))
    return [2.0**exponent for exponent in range(-(-first // step) * step, last + 1, step)]
