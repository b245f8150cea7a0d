# SPDX-License-Identifier: Apache-2.0
"""Concurrency against parallelism: tasks in flight to the right, CPUs at work upwards, one panel a
kind of batch."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from makespan.units import count

from .cases import Case, Workload, best_shapes, series_of
from .data import NothingToDraw, RunData
from .failures import failed, failure_notes
from .grid import grid_for
from .labels import Named, place_names
from .marks import ring_size
from .page import Page, chart, finish, series_handle
from .scales import decades, log_axis
from .text import listed, quantity, shortened
from .zones import draw_zones, reference_lines, zone_legend

TITLE = "Concurrent is not parallel: tasks in flight against CPUs at work"
READING = (
    "To the right: concurrency, how many tasks are begun and not yet done, on average over the"
    " makespan. Upwards: parallelism, how many CPUs are at work (CPU time ÷ makespan). Many waiting"
    " tasks fit on one CPU; many computing ones are done sooner only if more CPUs work. Medians, at"
    " the model's fastest shape (processes × threads)."
)
ORDER = ("sleep", "mixed", "compute")
MOST_NAMES = 14  # beside the points of a panel; a legend has the names of more
ROOM_FOR_NAMES = 0.38  # of the x axis, right of the rightmost point


@chart
def concurrency(data: RunData) -> Figure:
    """One point a model. Raises NothingToDraw if no batch recorded its tasks in flight."""
    panels = [panel for panel in (chosen(data.cases, benchmark) for benchmark in ORDER) if panel]
    every = [case for panel in panels for case in panel]
    if not any(map(known, every)):
        raise NothingToDraw("it needs a case with CPU time and per-task records (no --no-records)")
    cpus = data.machine.cpus
    grid = grid_for(len(panels), panel_height=4.1, share_x=True, share_y=True)
    for axes, panel in zip(grid.panels, panels):
        scale(axes, [case for case in every if known(case)], cpus)
        draw_zones(axes, cpus)
        draw_panel(axes, data, panel)
    for axes in grid.bottom:
        axes.set_xlabel("concurrency: mean tasks in flight")
    for axes in grid.left:
        axes.set_ylabel("parallelism: mean CPUs at work")
    notes = [*failure_notes(every), *unrecorded(every)]
    crowded = max(sum(map(known, panel)) for panel in panels) > MOST_NAMES
    models = [series_handle(data, one, line=False) for one in series_of(every)] if crowded else []
    page = Page(TITLE, READING, grid.body, data.machine.line, [*zone_legend(), *models], notes)
    finish(grid.figure, page)
    if crowded:
        return grid.figure
    for axes, panel in zip(grid.panels, panels):
        texts = [text.get_window_extent() for text in axes.texts]
        points = [named(data, case) for case in panel if known(case)]
        place_names(grid.figure, axes, points, texts, reference_lines(axes, cpus))
    return grid.figure


def known(case: Case) -> bool:
    return bool(case.in_flight) and case.parallelism is not None


def named(data: RunData, case: Case) -> Named:
    name = f"{shortened(case.series.name, 24)} {case.shape}"
    return Named(case.in_flight or 0.0, case.parallelism or 0.0, data.look(case.series), name)


def chosen(cases: Sequence[Case], benchmark: str) -> list[Case]:
    """The batch of a benchmark that shows most, empty if there is none.

    Constant sizes before others, then many models and much at once: ten times the tasks, or where
    they only compute ten times the work, count for a model. Then even mixtures, then long tasks.
    """
    batches: dict[tuple[Workload, int], list[Case]] = {}
    for case in best_shapes(cases):
        if case.workload.benchmark == benchmark and case.tasks > 0:
            batches.setdefault((case.workload, case.tasks), []).append(case)

    def worth(key: tuple[Workload, int]) -> tuple[bool, float, float, int, int]:
        work, tasks = key
        parts = work.sleep_ns, work.compute_ns
        much = tasks if work.sleep_ns else tasks * work.compute_ns
        shown = sum(map(known, batches[key])) + math.log10(max(much, 1))
        even = -abs(math.log(parts[0] / parts[1])) if all(parts) else 0.0
        return work.sizes == "constant", round(shown, 6), even, much, sum(parts)

    return batches[max(batches, key=worth)] if batches else []


def scale(axes: Axes, cases: Sequence[Case], cpus: float | None) -> None:
    """The same axes for all panels, with room for names on the right and for words above."""
    flights = [case.in_flight for case in cases if case.in_flight] + [1.0]
    left, right = decades(min(flights), max(flights), at_least=1.5, room=0.12)
    log_axis(axes, "x", (left, right * (right / left) ** ROOM_FOR_NAMES), quantity)
    top = max([case.parallelism or 0.0 for case in cases] + [cpus or 0.0, 1.0])
    axes.set_ylim(-0.11 * top, 1.22 * top)
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def draw_panel(axes: Axes, data: RunData, panel: Sequence[Case]) -> None:
    axes.set_title(f"{panel[0].workload.title}\n{count(panel[0].tasks, 'task')} in the batch")
    good = [case for case in panel if known(case)]
    for place, case in enumerate(good):
        marker = data.look(case.series).markers(ring_size(place, len(good)))
        x, y = case.in_flight or 0.0, case.parallelism or 0.0
        axes.plot([x], [y], linestyle="none", zorder=3, label=case.series.name, **marker)
    if failed(panel):
        names = listed([shortened(case.series.name, 24) for case in failed(panel)], 3)
        text = shortened(f"× no time: {names}", 48)
        axes.text(
            0.02, 0.985, text, transform=axes.transAxes, va="top", fontsize=7.5, gid="failure"
        )


def unrecorded(cases: Sequence[Case]) -> list[str]:
    """A note on what was measured without tasks in flight or CPU time."""
    blind = {case.series.name for case in cases if case.median is not None and not known(case)}
    names = listed(sorted(blind), 12)
    return [f"Not shown, for lack of per-task records or CPU time: {names}."] if blind else []
