# SPDX-License-Identifier: Apache-2.0
"""Concurrency against parallelism: tasks in flight to the right, CPUs at work upwards, one panel a kind of batch."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Bbox

from makespan.theme import FAINT, MUTED, WARM_ZONE, COOL_ZONE, SHADE

from makespan.units import count

from .cases import Case, Workload, best_shapes
from .data import NothingToDraw, RunData
from .failures import failed, failure_notes
from .grid import grid_for
from .labels import Named, place_names
from .page import Page, chart, finish, ring_size
from .scales import decades, log_axis
from .text import listed, quantity, shortened

READING = (
    "To the right: concurrency, how many tasks are begun and not yet done, on average over the makespan. Upwards: parallelism, how"
    " many CPUs are at work (CPU time ÷ makespan). Many waiting tasks fit on one CPU; many computing ones are done sooner only if"
    " more CPUs work. Medians; behind each name processes × threads of the model's fastest shape."
)
ORDER = ("sleep", "mixed", "compute")


@chart
def concurrency(data: RunData) -> Figure:
    """One point a model in each of up to three panels. Raises NothingToDraw if no batch recorded its tasks in flight."""
    panels = [panel for panel in (chosen(data.cases, benchmark) for benchmark in ORDER) if panel]
    if not any(known(case) for panel in panels for case in panel):
        raise NothingToDraw(
            "it needs at least one case with CPU time and per-task records (not --no-records)"
        )
    shown = [case for panel in panels for case in panel if known(case)]
    grid = grid_for(len(panels), panel_height=4.1, share_x=True, share_y=True)
    limits = x_limits(shown), y_limits(shown, data.machine.cpus)
    for axes, panel in zip(grid.panels, panels):
        draw_panel(axes, data, panel, *limits)
    for axes in grid.bottom:
        axes.set_xlabel("concurrency: mean tasks in flight")
    for axes in grid.left:
        axes.set_ylabel("parallelism: mean CPUs at work")
    notes = [
        *failure_notes(case for panel in panels for case in panel),
        *unrecorded([case for panel in panels for case in panel]),
    ]
    finish(
        grid.figure,
        Page(
            "Concurrent is not parallel: tasks in flight against CPUs at work",
            READING,
            grid.body,
            data.machine.line,
            zone_legend(),
            notes,
        ),
    )
    for axes, panel in zip(grid.panels, panels):
        points = [
            Named(case.in_flight or 0, case.parallelism or 0, data.look(case.series), name_of(case))
            for case in panel
            if known(case)
        ]
        place_names(
            grid.figure,
            axes,
            points,
            [text.get_window_extent() for text in axes.texts],
            reference_lines(axes, data.machine.cpus),
        )
    return grid.figure


def known(case: Case) -> bool:
    return bool(case.in_flight) and case.parallelism is not None


def name_of(case: Case) -> str:
    return f"{shortened(case.series.name, 24)} {case.shape}"


def chosen(cases: Sequence[Case], benchmark: str) -> list[Case]:
    """The batch of a benchmark that shows most models; of several the largest, then the one with the longest tasks (mixed: the
    evenest), constant sizes first."""
    best: dict[tuple[Workload, int], list[Case]] = {}
    for case in best_shapes(cases):
        if case.workload.benchmark == benchmark and case.tasks > 0:
            best.setdefault((case.workload, case.tasks), []).append(case)

    def worth(key: tuple[Workload, int]) -> tuple[int, bool, int, float, int]:
        workload, tasks = key
        uneven = (
            -abs(math.log((workload.sleep_ns or 1) / (workload.compute_ns or 1)))
            if benchmark == "mixed"
            else 0.0
        )
        length = workload.sleep_ns + workload.compute_ns
        return (
            sum(known(case) for case in best[key]),
            workload.sizes == "constant",
            tasks,
            uneven,
            length,
        )

    return best[max(best, key=worth)] if best else []


def x_limits(cases: Sequence[Case]) -> tuple[float, float]:
    flights = [case.in_flight for case in cases if case.in_flight]
    left, right = decades(min(flights + [1.0]), max(flights + [1.0]), at_least=1.5, room=0.12)
    return left, right * (right / left) ** 0.33  # names of the rightmost points


def y_limits(cases: Sequence[Case], cpus: float | None) -> tuple[float, float]:
    top = max([case.parallelism or 0.0 for case in cases] + [cpus or 0.0, 1.0])
    return -0.11 * top, 1.22 * top


def draw_panel(
    axes: Axes,
    data: RunData,
    panel: Sequence[Case],
    across: tuple[float, float],
    upwards: tuple[float, float],
) -> None:
    workload, tasks = panel[0].workload, panel[0].tasks
    axes.set_title(f"{workload.title}\n{count(tasks, 'task')} in the batch")
    log_axis(axes, "x", across, quantity)
    axes.set_ylim(*upwards)
    axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    draw_zones(axes, data.machine.cpus)
    good = [case for case in panel if known(case)]
    for place, case in enumerate(good):
        look = data.look(case.series)
        axes.plot([case.in_flight], [case.parallelism], linestyle="none", color=look.colour, zorder=3, clip_on=False,
                  label=case.series.name, **look.markers(ring_size(place, len(good))))  # fmt: skip
    if failed(panel):
        names = listed([shortened(case.series.name, 24) for case in failed(panel)], 3)
        text = shortened(f"× no time: {names}", 48)
        place = {"transform": axes.transAxes, "va": "top", "fontsize": 7.5, "gid": "failure"}
        axes.text(0.02, 0.985, text, **place)


def draw_zones(axes: Axes, cpus: float | None) -> None:
    """Tints for "at most one CPU works" and "several work", and a line where all of them do."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    x = np.geomspace(left, right, 300)
    ceiling = np.minimum(x, top)
    axes.fill_between(x, ceiling, top, where=list(x < top), color=SHADE, linewidth=0, zorder=0.4)
    axes.fill_between(x, 0.0, np.minimum(ceiling, 1.0), color=WARM_ZONE, linewidth=0, zorder=0.4)
    axes.fill_between(
        x, 1.0, ceiling, where=list(ceiling > 1.0), color=COOL_ZONE, linewidth=0, zorder=0.4
    )
    axes.axhline(1.0, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1.5, gid="one CPU")
    axes.axhline(0.0, color=MUTED, linewidth=0.8, zorder=1.2, gid="no CPU")
    texts = [(0.0, "no CPU at work: all tasks wait", -3, "top")]
    if cpus:
        axes.axhline(cpus, color=MUTED, linewidth=1.2, zorder=1.5, gid="all CPUs")
        texts.append(
            (
                cpus,
                f"all {cpus:g} usable CPUs at work" if cpus != 1 else "the only usable CPU at work",
                3,
                "bottom",
            )
        )
    for y, text, above, side in texts:
        axes.annotate(
            text, (1.0, y), xycoords=("axes fraction", "data"), xytext=(-3, above), textcoords="offset points", ha="right", va=side,
            fontsize=7.5, color=MUTED, gid="zone",
        )  # fmt: skip


def zone_legend() -> list[tuple[Any, str]]:
    patch = functools.partial(Patch, linewidth=0.5, edgecolor=FAINT)
    return [
        (
            patch(facecolor=WARM_ZONE),
            "at most one CPU works: concurrent at best",
        ),
        (patch(facecolor=COOL_ZONE), "several CPUs work: parallel"),
        (patch(facecolor=SHADE), "cannot be: more CPUs at work than tasks"),
    ]


def reference_lines(axes: Axes, cpus: float | None) -> list[Bbox]:
    """The horizontal lines as boxes in pixels."""
    room = axes.get_window_extent()
    heights = [float(axes.transData.transform((1.0, y))[1]) for y in (0.0, 1.0, cpus or 0.0)]
    return [Bbox.from_extents(room.x0, y - 1, room.x1, y + 1) for y in heights]


def unrecorded(cases: Sequence[Case]) -> list[str]:
    names = sorted(
        {case.series.name for case in cases if case.median is not None and not known(case)}
    )
    return (
        [f"Not shown, since tasks in flight or CPU time were not recorded: {', '.join(names)}."]
        if names
        else []
    )
