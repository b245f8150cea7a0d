# SPDX-License-Identifier: Apache-2.0
"""The bars and lanes of one panel of the timeline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb

from makespan.lanes import Integers, Lane, names_of, summary_of
from makespan.theme import FAINT, INK, SHADE

Floats = npt.NDArray[np.float64]

MOST_BARS = 20_000  # more cannot be told apart, nor drawn in time
RASTER = 2_000  # bars from which the SVG holds them as a picture
NAME_HEIGHT = 0.105  # inches that the name of a lane needs
CROWDED = 0.004  # of the axis: bars that are shorter alternate in shade, as white edges would swallow them


def draw_lanes(axes: Axes, lanes: Sequence[Lane], colour: str, inches: float) -> None:
    """Lanes from the top down, named where names have room. `inches` is the panel's height."""
    tops = np.concatenate([[0], np.cumsum([lane.height for lane in lanes])])
    total = int(tops[-1])
    axes.set_ylim(total, 0)
    row = inches / total
    for place in range(len(lanes)):
        if lanes[place].process % 2 == 0:
            axes.axhspan(tops[place], tops[place + 1], color=SHADE, zorder=0, linewidth=0)
        if place and row > 0.05:
            axes.axhline(tops[place], color=FAINT, linewidth=0.5, zorder=1)
    draw_bars(axes, lanes, [float(top) for top in tops[:-1]], colour, row)
    middles = (tops[:-1] + tops[1:]) / 2
    if min(lane.height for lane in lanes) * row >= NAME_HEIGHT:
        axes.set_yticks(middles, names_of(lanes), fontsize=7)
    else:
        axes.set_yticks([total / 2], [summary_of(lanes)], fontsize=7)
    axes.tick_params(axis="y", length=0)


def draw_bars(
    axes: Axes, lanes: Sequence[Lane], tops: Sequence[float], colour: str, row: float
) -> None:
    starts = np.concatenate([lane.starts for lane in lanes]).astype(float)
    ends = np.concatenate([lane.ends for lane in lanes]).astype(float)
    rows = np.concatenate([lane.rows + top for lane, top in zip(lanes, tops)]).astype(float)
    tasks = np.concatenate([lane.tasks for lane in lanes])
    some = np.arange(0, len(starts), -(-len(starts) // MOST_BARS))
    starts, ends, rows, tasks = starts[some], ends[some], rows[some], tasks[some]
    gap = 0.09 if row > 0.05 else 0.0
    corners = np.stack(
        [
            np.stack([x, y], axis=1)
            for x, y in (
                (starts, rows + gap),
                (ends, rows + gap),
                (ends, rows + 1 - gap),
                (starts, rows + 1 - gap),
            )
        ],
        axis=1,
    )
    left, right = axes.get_xlim()
    crowded = row > 0.05 and float(np.median(ends - starts)) < CROWDED * (right - left)
    bars = PolyCollection(
        list(corners),
        facecolor=[colour, lighter(colour)] if crowded else colour,
        edgecolor="none" if crowded else "white" if row > 0.05 else colour,
        linewidth=0.5 if row > 0.05 else 0.2,
        zorder=2,
        gid="tasks",
    )
    bars.set_snap(False if crowded else None)
    bars.set_rasterized(len(starts) > RASTER)
    axes.add_collection(bars, autolim=False)
    number_bars(axes, starts, ends, rows, tasks, ink_on(colour), row)


def number_bars(
    axes: Axes, starts: Floats, ends: Floats, rows: Floats, tasks: Integers, ink: str, row: float
) -> None:
    """The index of each task on its bar, if all bars have room for it."""
    left, right = axes.get_xlim()
    if (
        row < 0.1
        or len(starts) > 200
        or float((ends - starts).min()) / (right - left) < 0.008 * len(str(tasks.max())) + 0.008
    ):
        return
    for start, end, level, task in zip(starts, ends, rows, tasks):
        axes.text(
            (start + end) / 2,
            level + 0.5,
            f"{task}",
            color=ink,
            fontsize=6,
            ha="center",
            va="center_baseline",
            zorder=3,
            clip_on=True,
            gid="task",
        )


def lighter(colour: str) -> tuple[float, float, float]:
    """Half way to white."""
    red, green, blue = (0.5 + 0.5 * channel for channel in to_rgb(colour))
    return red, green, blue


def ink_on(colour: str) -> str:
    """Black or white, whichever stands out more (relative luminance of WCAG 2)."""
    linear = [
        channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in to_rgb(colour)
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if luminance > 0.2 else "white"
