# SPDX-License-Identifier: Apache-2.0
"""Speed-up of CPU-bound batches over the serial control against the number of workers, under the
line that no model can pass."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from makespan.theme import INK, MUTED, SHADE
from makespan.units import count

from .cases import Case, Series, Workload, series_of, standing, without_interval, workloads_of
from .data import NothingToDraw, RunData
from .failures import failed, failure_notes
from .grid import grid_for
from .marks import draw_failure, draw_interval, draw_line, ring_size
from .page import Page, chart, failure_handle, finish, series_handle
from .scales import spaced
from .swept import beside_sweeps
from .text import quantity

TITLE = "What more workers buy on CPU-bound work: speed-up"
READING = (
    "Up is faster: 2× means done in half the time that one worker takes without any concurrency."
    " More workers than CPUs cannot help work that never waits; what is missing to the ideal line"
    " is the model's overhead. Speed-up: median makespan of serial ÷ median of the model, at its"
    " best split into processes × threads. Bars: 95 % interval of the model's median; band:"
    " that of serial{lacking}."
)
SERIAL = Series("serial")
IDEAL_DASHES = (0, (5, 3))


@chart
def scaling(data: RunData) -> Figure:
    """Raises NothingToDraw without serial control or with a single number of workers."""
    compute = [case for case in beside_sweeps(data) if case.workload.benchmark == "compute"]
    panels = [chosen(compute, workload) for workload in workloads_of(compute)]
    panels = [panel for panel in panels if panel]
    if not panels:
        raise NothingToDraw(
            "it needs a CPU-bound batch measured serially, and by a model with two or more numbers"
            " of workers"
        )
    shown = [case for panel in panels for case in panel]
    series = [one for one in series_of(shown) if one != SERIAL]
    grid = grid_for(len(panels), panel_height=3.6)
    for axes, panel in zip(grid.panels, panels):
        draw_panel(axes, data, panel, series)
    for axes in grid.bottom:
        axes.set_xlabel("workers (processes × threads)")
    for axes in grid.left:
        axes.set_ylabel("speed-up over serial")
    models = [series_handle(data, one) for one in series]
    legend = [*models, series_handle(data, SERIAL, line=False), ideal_handle(data.machine.cpus)]
    legend += [failure_handle()] if failed(shown) else []
    lacking = "; none where fewer than 6 launches were measured" if without_interval(shown) else ""
    reading, notes = READING.format(lacking=lacking), failure_notes(shown)
    return finish(grid.figure, Page(TITLE, reading, grid.body, data.machine.line, legend, notes))


def ideal_handle(cpus: float | None) -> tuple[Line2D, str]:
    words = f"{cpus:g} usable {'CPU' if cpus == 1 else 'CPUs'}" if cpus else "CPUs not recorded"
    return Line2D([], [], color=INK, linewidth=1.0, linestyle=IDEAL_DASHES), f"ideal ({words})"


def chosen(cases: Sequence[Case], workload: Workload) -> list[Case]:
    """The batch of a workload, measured serially, that has most points, of several the largest one.
    Only models with two worker counts or more; empty if there is none."""
    best: list[Case] = []
    most = 0
    for tasks in sorted({case.tasks for case in cases if case.workload == workload}):
        own = (case for case in cases if case.workload == workload and case.tasks == tasks)
        batch = best_splits(own)
        control = [case for case in batch if case.series == SERIAL and case.median]
        models = [case for case in batch if case.series != SERIAL]
        lines = [
            case for case in models if sum(case.series == other.series for other in models) > 1
        ]
        measured = sum(case.median is not None for case in lines)
        if control and measured and len(lines) >= most:
            best, most = [*control, *lines], len(lines)
    return best


def best_splits(cases: Iterable[Case]) -> list[Case]:
    """Per series and number of workers the fastest split into processes and threads."""
    best: dict[tuple[Series, int], Case] = {}
    for case in cases:
        key = (case.series, case.workers)
        if key not in best or standing(case) < standing(best[key]):
            best[key] = case
    return sorted(best.values(), key=lambda case: (case.series.sort_key, case.workers))


def draw_panel(axes: Axes, data: RunData, panel: Sequence[Case], series: Sequence[Series]) -> None:
    axes.set_title(f"{panel[0].workload.title}\n{count(panel[0].tasks, 'task')} in the batch")
    control = panel[0]
    serial = control.median or 1.0
    workers_axis(axes, sorted({case.workers for case in panel}))
    if control.low and control.high:
        band = serial / control.high, serial / control.low
        axes.axhspan(*band, color=SHADE, linewidth=0, zorder=0.5, gid="serial interval")
    axes.axhline(1.0, color=MUTED, linewidth=0.8, zorder=1)
    look = data.look(SERIAL)
    axes.plot([1], [1.0], linestyle="none", zorder=2.6, label="serial", **look.markers(9.0))
    draw_ideal(axes, data.machine.cpus, max(case.workers for case in panel))
    for place, one in enumerate(series):
        own = [case for case in panel if case.series == one]
        draw_series(axes, data, own, serial, ring_size(place, len(series)))
    axes.set_ylim(0.0, max(axes.get_ylim()[1] * 1.03, 1.15))
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], min_n_ticks=3))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))


def workers_axis(axes: Axes, counts: Sequence[int]) -> None:
    """Logarithmic, labelled at the worker counts themselves where two labels have room."""
    axes.set_xscale("log", base=2)
    axes.set_xlim(counts[0] / 1.25, counts[-1] * 1.25)
    axes.xaxis.set_major_locator(FixedLocator(spaced(counts)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: quantity(value)))
    axes.xaxis.set_minor_locator(NullLocator())


def draw_ideal(axes: Axes, cpus: float | None, most_workers: int) -> None:
    """min(workers, CPUs), a curve on a logarithmic axis; as far as is sure if CPUs are unknown."""
    x = np.geomspace(1, max(most_workers * 1.25, 2), 200)
    x = np.sort(np.append(x, cpus)) if cpus else x[x <= 4]
    style: dict[str, Any] = {"color": INK, "linewidth": 1.0, "linestyle": IDEAL_DASHES}
    axes.plot(x, np.minimum(x, cpus or x), zorder=1.8, label="ideal", gid="ideal", **style)


def draw_series(
    axes: Axes, data: RunData, cases: Sequence[Case], serial: float, size: float
) -> None:
    """`serial` is the control's median in ns."""
    if not cases:
        return
    look, name = data.look(cases[0].series), cases[0].series.name
    workers = [case.workers for case in cases]
    gains = [serial / case.median if case.median else math.nan for case in cases]
    draw_line(axes, look, name, workers, gains, size)
    for case in cases:
        if case.low and case.high:
            gain = [serial / case.high, serial / case.low]
            draw_interval(axes, look, [case.workers, case.workers], gain)
        if case.median is None:
            draw_failure(axes, look, case.workers, 0.0)
