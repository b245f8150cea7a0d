# SPDX-License-Identifier: Apache-2.0
"""How late sleeps end and tasks start: the tails of both distributions, a row of panels a load."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from makespan.batch import Batch
from makespan.ccdf import Floats, at_least, quantile
from makespan.latency.cyclictest import ABOUT
from makespan.latency.distributions import FEW, MANY, QUANTILES, Late
from makespan.theme import INK, MUTED, Look
from makespan.units import count, percent

from .cases import Case, Series
from .data import NothingToDraw, RunData
from .failures import failure_notes
from .grid import grid_for
from .page import Page, chart, finish, series_handle
from .scales import decades, log_axis
from .text import duration, listed

TITLE = "How late sleeps end and tasks start"
READING = (
    "Left is earlier, and steep is steady. A curve tells which share of all traced tasks was later than a time,"
    " both axes logarithmic. Marked on it: the median, p99 and p99.9, where there are as many tasks. Dotted: the"
    f" end of the tail, which rests on fewer than {FEW} tasks.{{beside}}"
)
BESIDE = f" cyclictest: {ABOUT}."
OVERSHOOT = "overshoot: time asleep beyond what was asked for"
START = "start latency: from the batch's first submit to a task's start"
MOST_LOADS = 8
PANEL_HEIGHT = 2.9
LINES = {0.5: "median", 0.99: "p99", 0.999: "p99.9"}
FEW_LOOK: dict[str, Any] = {"linestyle": (0, (1, 1.6)), "linewidth": 0.9, "marker": ".", "markersize": 3.5}
CYCLICTEST: dict[str, Any] = {"color": INK, "linewidth": 2.2, "alpha": 0.35, "solid_capstyle": "butt"}


@chart
def latency(data: RunData) -> Figure:
    """Raises NothingToDraw if no model has tasks enough in the trace."""
    if not data.late:
        raise NothingToDraw(f"it needs {MANY} traced tasks that sleep, of one model under one load")
    loads = list(dict.fromkeys(late.batch for late in data.late))
    loads, more = loads[:MOST_LOADS], loads[MOST_LOADS:]
    late_in = {load: [late for late in data.late if late.batch == load] for load in loads}
    shown = [late for some in late_in.values() for late in some]
    beside = [(load, run) for load in loads for run in data.beside if run.slept_like(load)]
    grid = grid_for(2 * len(loads), PANEL_HEIGHT, most_columns=2)
    least = 0.6 / max([late.n for late in shown] + [run.n for _, run in beside])
    overshoots = [late.overshoots for late in shown]
    runs = [run.at_least()[0] for _, run in beside]
    across = limits([*overshoots, *runs]), limits(late.starts for late in shown)
    for place, axes in enumerate(grid.panels):
        load, start = loads[place // 2], place % 2
        own = late_in[load]
        log_axis(axes, "x", across[start], duration)
        log_axis(axes, "y", (least, 1.5), percent, most=5)
        draw_levels(axes, least)
        axes.set_title(START.split(":")[0] if start else title_of(load, own))
        for run in (run for of, run in beside if of == load and not start):
            axes.plot(*run.at_least(), gid="cyclictest", zorder=2.2, **CYCLICTEST)
        for late in own:
            times = late.starts if start else late.overshoots
            draw_tail(axes, data.look(series_of(late)), late.name, times)
    for axes, words in zip(grid.bottom, (OVERSHOOT, START)):
        axes.set_xlabel(words)
    for axes in grid.left:
        axes.set_ylabel("share of tasks later than that")
    series = sorted({series_of(late) for late in shown}, key=lambda one: one.sort_key)
    legend = [*(series_handle(data, one) for one in series), few_handle()]
    legend += [(Line2D([], [], **CYCLICTEST), "cyclictest")] if beside else []
    reading = READING.format(beside=BESIDE if beside else "")
    notes = [*failure_notes(failed(data, loads)), *not_drawn(more)]
    return finish(grid.figure, Page(TITLE, reading, grid.body, data.machine.line, legend, notes))


def series_of(late: Late) -> Series:
    return Series(late.model, late.own)


def limits(times: Iterable[Floats | list[float]]) -> tuple[float, float]:
    """Of an axis that has room for all that are above 0."""
    known = [time for some in times for time in some if time > 0] or [1e3]
    return decades(min(known), max(known), at_least=1.0, room=0.03)


def title_of(load: Batch, own: Sequence[Late]) -> str:
    """What had to be done, and how many tasks of each model were traced."""
    numbers = sorted({late.n for late in own})
    each = f"n = {numbers[0]:,}" + (f" to {numbers[-1]:,}" if len(numbers) > 1 else "")
    return f"{load}\n{each} traced tasks a model"


def draw_levels(axes: Axes, least: float) -> None:
    """Where the quantiles are."""
    for share, name in LINES.items():
        if 1 - share < least:
            continue
        axes.axhline(1 - share, color=MUTED, linewidth=0.7, linestyle=(0, (1, 2)), zorder=1.5)
        place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "bottom", "ha": "right"}
        axes.annotate(name, (0.995, (1 - share) * 1.04), fontsize=7, color=MUTED, **place)


def draw_tail(axes: Axes, look: Look, name: str, times: Floats) -> None:
    """The curve of the ascending times, its end where few are left, and the quantiles."""
    if not len(times):
        return
    xs, ys = at_least(times)
    many = int((ys * len(times) > FEW - 0.5).sum())
    steps: dict[str, Any] = {"drawstyle": "steps-pre", "color": look.colour, "zorder": 2.6}
    axes.plot(xs[:many], ys[:many], linewidth=1.3, linestyle=look.dashes, label=name, **steps)
    end = slice(max(many - 1, 0), None)
    axes.plot(xs[end], ys[end], gid="few", **steps, **FEW_LOOK)
    known = [share for share in QUANTILES if len(times) * (1 - share) > 1 - 1e-9]
    found = [quantile(times, share) for share in known]
    marks: dict[str, Any] = {"linestyle": "none", "zorder": 3, "gid": "marks"}
    axes.plot(found, [1 - share for share in known], **marks, **look.markers(5.5))


def few_handle() -> tuple[Line2D, str]:
    return Line2D([], [], color=MUTED, **FEW_LOOK), f"fewer than {FEW} tasks"


def failed(data: RunData, loads: Sequence[Batch]) -> list[Case]:
    """The cases of these loads that gave no time in some launch."""
    return [case for case in data.cases if case.failures and any(same(case, load) for load in loads)]


def same(case: Case, load: Batch) -> bool:
    work = case.workload
    mine = work.benchmark, work.sleep_ns, work.compute_ns, work.sizes, work.scheduling, case.tasks
    asked = load.benchmark, load.sleep_ns, load.compute_ns, load.sizes, load.scheduling, load.tasks
    return mine == asked


def not_drawn(loads: Sequence[Batch]) -> list[str]:
    if not loads:
        return []
    return [f"Not drawn: {count(len(loads), 'load')} more: {listed([str(load) for load in loads])}."]
