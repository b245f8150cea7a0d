# SPDX-License-Identifier: Apache-2.0
"""Who ran which task when: one panel a model and shape, one bar a task, lanes by process and thread, one time axis for all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from makespan.theme import INK, MUTED

from makespan.units import count

from .bars import draw_lanes
from .cases import Case, Series, Workload, identity, number
from .data import NothingToDraw, RunData
from .failures import failure_notes
from .grid import Stack, align_columns, stack_for
from .lanes import Lane, lanes_of
from .page import Page, bound_handle, chart, failure_marker, finish
from .text import duration, listed, shortened

SHAPE = ["benchmark", "model", "variant", "tasks", "processes", "threads", "sleep_ns", "compute_ns"]
CLASSIC_TASKS = 10  # of the preset class8
MOST_PANELS = 16
ROW = 0.135  # inches
LOWEST, HIGHEST = 1.2 * ROW, 2.3  # inches of a panel
READING = (
    "One bar is one task, from its recorded start to its end; a lane is a thread. Bars side by side in one lane ran one after the"
    " other, bars below each other at the same time: an event loop has all its tasks under way on one thread. Of several launches"
    " the one with the median makespan."
)


@dataclass(frozen=True)
class Panel:
    """One shape's batch, or why there is none: `lanes` is empty then."""

    series: Series
    case: Case | None
    shape: str
    workers: int
    makespan: float
    bound: float | None
    lanes: tuple[Lane, ...]

    @property
    def rows(self) -> int:
        return sum(lane.height for lane in self.lanes)

    @property
    def height(self) -> float:
        return min(HIGHEST, max(LOWEST, self.rows * ROW))


@chart
def timeline(data: RunData) -> Figure:
    """Raises NothingToDraw if no task was recorded."""
    if not len(data.trace):
        raise NothingToDraw("it needs trace.csv, which the binaries write with --trace")
    workload, tasks, every = chosen(data)
    panels, left_out = every[:MOST_PANELS], every[MOST_PANELS:]
    stack = stack_for([panel.height for panel in panels])
    end = max([panel.makespan for panel in panels] + [panel.bound or 0.0 for panel in panels])
    for axes, panel in zip(stack.panels, panels):
        draw_panel(axes, data, panel, end or 1.0)
    label_edges(stack)
    notes = failure_notes(panel.case for panel in panels if panel.case)
    if left_out:
        notes.append(
            f"Not drawn, for room: {listed([f'{panel.series.name} {panel.shape}' for panel in left_out], 12)}."
        )
    title = f"Who ran which task when: {count(tasks, 'task')} of {workload.task}"
    handles = [(Line2D([], [], color=INK, linewidth=1.1), "makespan"), bound_handle()]
    finish(stack.figure, Page(title, READING, stack.body, data.machine.line, handles, notes))
    align_columns(stack)
    return stack.figure


def chosen(data: RunData) -> tuple[Workload, int, list[Panel]]:
    """The batch that was recorded for most models, of several the one nearest to CLASSIC_TASKS tasks, sleeping first, longest first."""
    batches: dict[tuple[Workload, int], list[Panel]] = {}
    for shape, frame in data.trace.groupby(SHAPE, dropna=False, sort=True):
        row = dict(zip(SHAPE, shape))
        workload = identity(row)[1]
        if workload.known and row["tasks"] > 0:
            batches.setdefault((workload, int(row["tasks"])), []).append(recorded(data, row, frame))
    if not batches:
        raise NothingToDraw("trace.csv has no task of sleep, compute or mixed")

    def worth(key: tuple[Workload, int]) -> tuple[int, float, bool, int]:
        workload, tasks = key
        nearness = -abs(math.log(tasks / CLASSIC_TASKS))
        return (
            len({panel.series for panel in batches[key]}),
            nearness,
            workload.benchmark == "sleep",
            workload.sleep_ns + workload.compute_ns,
        )

    workload, tasks = max(batches, key=worth)
    panels = batches[workload, tasks]
    drawn = {panel.case for panel in panels}
    panels += [
        unrecorded(case)
        for case in data.cases
        if (case.workload, case.tasks) == (workload, tasks)
        and case.median is None
        and case not in drawn
    ]
    return (
        workload,
        tasks,
        sorted(panels, key=lambda panel: (panel.series.sort_key, panel.workers, panel.shape)),
    )


def recorded(data: RunData, row: dict[str, object], frame: pd.DataFrame) -> Panel:
    """The launch with the (lower) median makespan of one shape."""
    lengths = (
        frame.groupby(["run_id", "sequence"], dropna=False)["end_ns"]
        .max()
        .sort_values(kind="stable")
    )
    run_id, sequence = lengths.index[(len(lengths) - 1) // 2]
    batch = frame[(frame["run_id"] == run_id) & (frame["sequence"] == sequence)]
    series, workload = identity(row)
    processes, threads = int(number(row["processes"]) or 1), int(number(row["threads"]) or 1)
    same = (series, workload, row["tasks"], processes, threads)
    case = next(
        (
            case
            for case in data.cases
            if (case.series, case.workload, case.tasks, case.processes, case.threads) == same
        ),
        None,
    )
    sample = data.samples[
        (data.samples["run_id"] == run_id) & (data.samples["sequence"] == sequence)
    ]
    measured = number(sample["makespan_ns"].iloc[0]) if len(sample) else None
    makespan = measured or float(batch["end_ns"].max())
    bound = case.bound if case else None
    return Panel(
        series,
        case,
        f"{processes:,}×{threads:,}",
        processes * threads,
        makespan,
        bound,
        tuple(lanes_of(batch)),
    )


def unrecorded(case: Case) -> Panel:
    return Panel(case.series, case, case.shape, case.workers, 0.0, case.bound, ())


def draw_panel(axes: Axes, data: RunData, panel: Panel, end: float) -> None:
    axes.set_title(f"{shortened(panel.series.name, 26)} {panel.shape}", fontsize=9)
    axes.set_xlim(-0.004 * end, 1.03 * end)
    axes.grid(axis="y", visible=False)
    look = data.look(panel.series)
    bound = f"bound {duration(panel.bound, 4)}" if panel.bound else ""
    if panel.lanes:
        draw_lanes(axes, panel.lanes, look.colour, panel.height)
        axes.axvline(panel.makespan, color=INK, linewidth=1.1, zorder=2.8, gid="makespan")
        words = [f"makespan {duration(panel.makespan, 4)}", bound]
    else:
        status = panel.case.failures[0].status if panel.case and panel.case.failures else "no time"
        axes.set_yticks([])
        axes.set_ylim(1, 0)
        axes.plot(
            [0.01],
            [0.5],
            transform=axes.transAxes,
            linestyle="none",
            gid="failure",
            **failure_marker(look.colour),
        )
        axes.text(
            0.03,
            0.5,
            f"{status}: no task to show",
            transform=axes.transAxes,
            va="center_baseline",
            fontsize=8,
        )
        words = [status, bound]
    if panel.bound:
        axes.axvline(
            panel.bound,
            color=MUTED,
            linewidth=1.1,
            linestyle=(0, (3.5, 2.5)),
            zorder=2.9,
            gid="bound",
        )
    axes.set_title(
        " · ".join(word for word in words if word), loc="right", fontsize=8, fontweight="normal"
    )


def label_edges(stack: Stack) -> None:
    for axes in stack.panels:
        axes.xaxis.set_major_locator(MaxNLocator(6))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: duration(value)))
        axes.tick_params(
            axis="x", labelbottom=axes in stack.bottom, length=3 if axes in stack.bottom else 0
        )
    for axes in stack.bottom:
        axes.set_xlabel("time since the batch's first submit")
