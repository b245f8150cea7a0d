# SPDX-License-Identifier: Apache-2.0
"""Efficiency against granularity: one panel a number of workers, one line a model, METG marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from makespan.granularity.metg import THRESHOLDS, metg
from makespan.granularity.sweeps import Sweep
from makespan.theme import MUTED, Look
from makespan.units import count, percent

from .cases import Series
from .data import NothingToDraw, RunData
from .grid import grid_for
from .marks import draw_interval, draw_line, ring_size
from .metg_marks import Curve, draw_metg, drawn, ring_handle
from .metg_values import draw_values
from .page import Page, chart, finish, series_handle
from .scales import decades, log_axis
from .sweep_notes import no_time, not_reached
from .text import duration

TITLE = "How small tasks may be: efficiency against granularity"
READING = (
    "Each line is the same work, cut into ever smaller tasks; the further left it stays up, the less a"
    " task costs. Granularity is the CPU time that a task takes up, its overhead included: makespan × CPUs"
    " ÷ tasks. Efficiency is the share of it that is the task's own work. Ringed: METG, the smallest"
    " granularity that still reaches 50 % or 95 %. Bars: 95 % intervals{lacking}.{shapes}"
)
SHAPES = " Of shapes with as many workers the one with the smallest METG(50 %) is shown."
PANEL_HEIGHT = 3.7
DASHES = (0, (5, 3))


@chart
def granularity(data: RunData) -> Figure:
    """Raises NothingToDraw without a sweep of the granularity that gave times."""
    sweeps = [sweep for sweep in data.sweeps if sweep.points]
    if not sweeps:
        raise NothingToDraw("it needs computing cases that cut the same work into ever smaller tasks")
    panels = panels_of(sweeps)
    curves = [curve for panel in panels for curve in panel]
    series = sorted({curve.series for curve in curves}, key=lambda one: one.sort_key)
    grid = grid_for(len(panels), PANEL_HEIGHT, most_columns=2, share_x=True, share_y=True)
    scale(grid.panels[0], [curve.sweep for curve in curves])
    for axes, panel in zip(grid.panels, panels):
        draw_panel(axes, data, panel, series)
    for axes in grid.bottom:
        axes.tick_params(axis="x", labelbottom=True)
        axes.set_xlabel("granularity: CPU time per task, overhead included")
    for axes in grid.left:
        axes.set_ylabel("efficiency")
    few = any(point.interval.low is None for curve in curves for point in curve.sweep.points)
    reading = READING.format(
        lacking=", none where fewer than 6 launches were measured" if few else "",
        shapes=SHAPES if len(curves) < len(sweeps) else "",
    )
    legend = [*(series_handle(data, one) for one in series), ring_handle()]
    notes = [*not_reached(curves), *no_time(data, [curve.sweep for curve in curves])]
    finish(grid.figure, Page(TITLE, reading, grid.body, data.machine.line, legend, notes))
    for axes, panel in zip(grid.panels, panels):
        draw_values(grid.figure, axes, data, panel)
    return grid.figure


def panels_of(sweeps: Sequence[Sweep]) -> list[list[Curve]]:
    """The curves that belong into one panel: as many workers, as many CPUs for them; one a model."""
    panels: dict[tuple[int | None, float], dict[Series, Curve]] = {}
    for sweep in sweeps:
        panel = panels.setdefault((sweep.workers, sweep.cpus), {})
        series = Series(sweep.model, sweep.variant)
        curve = Curve(series, sweep, tuple(metg(sweep, threshold) for threshold in THRESHOLDS))
        if series not in panel or curve.standing < panel[series].standing:
            panel[series] = curve
    return [
        sorted(panel.values(), key=lambda curve: curve.series.sort_key) for panel in panels.values()
    ]


def scale(axes: Axes, sweeps: Iterable[Sweep]) -> None:
    """The same axes for all panels, which share them."""
    points = [point for sweep in sweeps for point in sweep.points]
    low, high = zip(*((min(point.granularities), max(point.granularities)) for point in points))
    log_axis(axes, "x", decades(min(low), max(high), at_least=1.5, room=0.06), duration)
    axes.set_ylim(-0.02, max(1.06, 1.04 * max(point.efficiency for point in points)))
    axes.yaxis.set_major_locator(MultipleLocator(0.25))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: percent(share)))


def draw_panel(
    axes: Axes, data: RunData, panel: Sequence[Curve], series: Sequence[Series]
) -> None:
    sweep = panel[0].sweep
    workers = "a worker for each task" if sweep.workers is None else count(sweep.workers, "worker")
    peak = f"{sweep.cpus:g} of {count_of_cpus(sweep.reference.cpus)}"
    axes.set_title(f"{workers}\n100 %: {peak} on the tasks' own work alone")
    for threshold in THRESHOLDS:
        style: dict[str, Any] = {"color": MUTED, "linewidth": 0.9, "linestyle": DASHES}
        axes.axhline(threshold, zorder=1.5, gid="threshold", **style)
    for place, one in enumerate(series):
        for curve in panel:
            if curve.series == one:
                draw_curve(axes, data.look(one), curve, 3 + ring_size(place, len(series)) / 4)


def draw_curve(axes: Axes, look: Look, curve: Curve, size: float) -> None:
    """Medians; their intervals lie aslant, as the own work of a task is the same for all launches."""
    points = curve.sweep.points
    xs, ys = [point.granularity for point in points], [point.efficiency for point in points]
    draw_line(axes, look, curve.series.name, xs, ys, size)
    for point in points:
        low, high = point.interval.low, point.interval.high
        if low is not None and high is not None:
            draw_interval(axes, look, [low, high], [point.own_ns / low, point.own_ns / high])
    for found in curve.metgs:
        if drawn(found):
            draw_metg(axes, look, found)


def count_of_cpus(cpus: float) -> str:
    return f"{cpus:g} {'CPU' if cpus == 1 else 'CPUs'}"
