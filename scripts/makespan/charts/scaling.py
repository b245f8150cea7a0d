# SPDX-License-Identifier: Apache-2.0
"""Speed-up of CPU-bound batches over the serial control against the number of workers, with the line that no model can pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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
from .page import Page, chart, failure_handle, failure_marker, finish, ring_size, series_handle

NEEDS = "it needs a CPU-bound batch with the serial control and a model measured with two or more numbers of workers"


@chart
def scaling(data: RunData) -> Figure:
    """One panel a CPU-bound workload, one line a model. Raises NothingToDraw without serial control or with one worker count."""
    compute = [
        case for case in data.cases if case.workload.benchmark == "compute" and case.tasks > 0
    ]
    panels = [
        panel
        for panel in (chosen(compute, workload) for workload in workloads_of(compute))
        if panel
    ]
    if not panels:
        raise NothingToDraw(NEEDS)
    shown = [case for panel in panels for case in panel]
    series = [one for one in series_of(shown) if one.model != "serial"]
    grid = grid_for(len(panels), panel_height=3.6)
    for axes, panel in zip(grid.panels, panels):
        draw_panel(axes, data, panel, series)
    for axes in grid.bottom:
        axes.set_xlabel("workers (processes × threads)")
    for axes in grid.left:
        axes.set_ylabel("speed-up over serial")
    cpus = (
        f"{data.machine.cpus:g} usable CPUs"
        if data.machine.cpus
        else "no CPU count known: straight on"
    )
    ideal = Line2D([], [], color=INK, linewidth=1.0, linestyle=(0, (5, 3))), f"ideal ({cpus})"
    legend = [
        *(series_handle(data, one) for one in series),
        series_handle(data, Series("serial"), line=False),
        ideal,
    ]
    legend += [failure_handle("no time")] if failed(shown) else []
    page = Page(
        "What more workers buy on CPU-bound work: speed-up over the serial control",
        reading(shown),
        grid.body,
        data.machine.line,
        legend,
        failure_notes(shown),
    )
    return finish(grid.figure, page)


def reading(cases: Sequence[Case]) -> str:
    lacking = ", none where fewer than 6 launches were measured" if without_interval(cases) else ""
    return (
        "Up is faster: 2 means done in half the time that one worker takes without any concurrency. More workers than CPUs cannot"
        " help work that never waits; what lies below the ideal line is the model's overhead. Serial makespan ÷ the model's, both"
        f" medians; bars: 95 % interval of the model's median, band: that of the serial control{lacking}."
    )


def chosen(cases: Sequence[Case], workload: Workload) -> list[Case]:
    """The batch of a workload that has the serial control and most worker counts, the largest such; per worker count the best split
    into processes and threads. Empty if no model has two worker counts."""
    best: list[Case] = []
    most = (0, 0)
    for tasks in sorted({case.tasks for case in cases if case.workload == workload}):
        batch = best_splits(
            case for case in cases if case.workload == workload and case.tasks == tasks
        )
        control = any(case.series == Series("serial") and case.median for case in batch)
        lines = [
            case
            for case in batch
            if case.series.model != "serial" and len(worker_counts(batch, case.series)) > 1
        ]
        measured = sum(case.median is not None for case in lines)
        if control and measured and (len(lines), tasks) >= most:
            most = (len(lines), tasks)
            best = [case for case in batch if case in lines or case.series == Series("serial")]
    return best


def best_splits(cases: Iterable[Case]) -> list[Case]:
    best: dict[tuple[Series, int], Case] = {}
    for case in cases:
        key = (case.series, case.workers)
        if key not in best or standing(case) < standing(best[key]):
            best[key] = case
    return sorted(best.values(), key=lambda case: (case.series.sort_key, case.workers))


def worker_counts(cases: Sequence[Case], series: Series) -> set[int]:
    return {case.workers for case in cases if case.series == series}


def draw_panel(axes: Axes, data: RunData, panel: Sequence[Case], series: Sequence[Series]) -> None:
    tasks = panel[0].tasks
    axes.set_title(f"{panel[0].workload.title}\n{count(tasks, 'task')} in the batch")
    control = next(case for case in panel if case.series == Series("serial") and case.median)
    serial = control.median or 1.0
    counts = sorted({case.workers for case in panel})
    axes.set_xscale("log", base=2)
    axes.set_xlim(counts[0] / 1.25, counts[-1] * 1.25)
    axes.xaxis.set_major_locator(FixedLocator(spaced(counts)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.xaxis.set_minor_locator(NullLocator())
    if control.low and control.high:
        axes.axhspan(
            serial / control.high,
            serial / control.low,
            color=SHADE,
            linewidth=0,
            zorder=0.5,
            gid="serial interval",
        )
    axes.axhline(1.0, color=MUTED, linewidth=0.8, zorder=1)
    axes.plot(
        [1],
        [1.0],
        linestyle="none",
        color=INK,
        zorder=2.6,
        label="serial",
        **data.look(control.series).markers(9.0),
    )
    draw_ideal(axes, data.machine.cpus, counts)
    for place, one in enumerate(series):
        draw_series(
            axes,
            data,
            [case for case in panel if case.series == one],
            serial,
            ring_size(place, len(series)),
        )
    axes.set_ylim(0.0, max(axes.get_ylim()[1] * 1.03, 1.15))
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], min_n_ticks=3))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))


def spaced(counts: Sequence[int]) -> list[int]:
    """The worker counts, less those that are too near to the one before for both to have a label."""
    kept: list[int] = []
    for count in counts:
        if not kept or count >= kept[-1] * max(1.3, (counts[-1] / counts[0]) ** 0.09):
            kept.append(count)
    return kept


def draw_ideal(axes: Axes, cpus: float | None, counts: Sequence[int]) -> None:
    """min(workers, CPUs): straight in linear axes, hence a curve up to the CPUs here, then level."""
    x = np.geomspace(1, max(counts[-1] * 1.25, 2), 200)
    x = np.sort(np.append(x, cpus)) if cpus else x[x <= min(counts[-1], 64)]
    axes.plot(
        x,
        np.minimum(x, cpus or x),
        color=INK,
        linewidth=1.0,
        linestyle=(0, (5, 3)),
        zorder=1.8,
        label="ideal",
        gid="ideal",
    )


def draw_series(
    axes: Axes, data: RunData, cases: Sequence[Case], serial: float, size: float
) -> None:
    if not cases:
        return
    look = data.look(cases[0].series)
    good = [(case.workers, serial / case.median, case) for case in cases if case.median]
    for workers, _, case in good:
        if case.low and case.high:
            axes.plot(
                [workers, workers],
                [serial / case.high, serial / case.low],
                color=look.colour,
                linewidth=1.1,
                marker="_",
                markersize=5,
                zorder=2.8,
                gid="interval",
            )
    if good:
        axes.plot([x for x, *_ in good], [y for _, y, _ in good], color=look.colour, linestyle=look.dashes, linewidth=1.4, zorder=3,
                  label=cases[0].series.name, **look.markers(size))  # fmt: skip
    for case in failed(cases):
        axes.plot(
            [case.workers],
            [0.0],
            linestyle="none",
            zorder=4,
            clip_on=False,
            gid="failure",
            **failure_marker(look.colour),
        )
