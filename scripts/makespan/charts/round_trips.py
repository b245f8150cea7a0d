# SPDX-License-Identifier: Apache-2.0
"""How long an answer takes: the distribution of the round trips, one panel a payload."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from makespan.ccdf import Floats, at_least
from makespan.theme import MUTED, SHADE
from makespan.units import data_size, percent

from .data import NothingToDraw, RunData
from .failures import failed
from .grid import grid_for
from .page import Page, chart, failure_handle, finish, series_handle
from .scales import decades, log_axis
from .talks import Talk, Transport, longest, talk_notes, talks_of, transport_of, transports
from .text import duration, shortened

TITLE = "How long an answer takes: round trips"
CURVES = (
    "Left is faster, and steep is steady. A curve tells which share of the round trips took at least"
    " that long, in the launches that were traced. Its markers are the median and the 99th"
    " percentile, each the median over all launches."
)
RANGES = (
    "Left is faster, and short is steady. Each bar reaches from the median of the round trips"
    " (marker) to their 99th percentile (end), each the median over the launches. The whole"
    " distribution takes launches that were traced."
)
MOST_PANELS = 3
ROW = 0.27  # inches

Key = tuple[Transport, int]


@chart
def round_trips(data: RunData) -> Figure:
    """Raises NothingToDraw if no ping-pong recorded its round trips."""
    every = longest(talks_of(data, "ping_pong"), lambda talk: talk.batch.payload_bytes)
    if not any(talk.round_trip_p50 for talk in every):
        raise NothingToDraw("it needs a case of ping_pong with its round trips")
    sizes = sorted({talk.batch.payload_bytes for talk in every})
    sizes = [*sizes[: MOST_PANELS - 1], sizes[-1]] if len(sizes) > MOST_PANELS else sizes
    shown = [talk for talk in every if talk.batch.payload_bytes in sizes]
    series, recorded = transports(shown), recorded_trips(data)
    height = 3.9 if recorded else 0.7 + ROW * max(3, len(series))
    grid = grid_for(len(sizes), height, share_x=not recorded)
    limits = limits_of(shown, recorded.values())
    for axes, size in zip(grid.panels, sizes):
        axes.set_title(f"{data_size(size)} there and back")
        log_axis(axes, "x", limits, duration, most=6 if len(sizes) < 3 else 5)
        own = [talk for talk in shown if talk.batch.payload_bytes == size]
        if recorded:
            draw_curves(axes, data, own, recorded)
        else:
            draw_ranges(axes, data, own, series, axes in grid.left)
    for axes in grid.bottom:
        axes.set_xlabel("round trip")
    for axes in grid.left if recorded else ():
        axes.set_ylabel("share of round trips at least that long")
    legend = [series_handle(data, one) for one in series] if recorded else []
    legend += [failure_handle()] if failed(shown) and not recorded else []
    reading = CURVES if recorded else RANGES
    notes = talk_notes(shown)
    page = Page(TITLE, reading, grid.body, data.machine.line, legend, notes)
    return finish(grid.figure, page)


def recorded_trips(data: RunData) -> dict[Key, Floats]:
    """(transport, payload) -> its round trips in ns, ascending."""
    if not len(data.trace):
        return {}
    trace = data.trace[data.trace["benchmark"] == "ping_pong"]
    samples = data.samples[data.samples["benchmark"] == "ping_pong"]
    batch = ["run_id", "sequence"]
    joined = trace.merge(samples[[*batch, "payload_bytes"]], on=batch)
    found: dict[Key, list[Floats]] = {}
    shape = ["model", "variant", "payload_bytes"]
    for values, frame in joined.groupby(shape, sort=True):
        row = dict(zip(shape, values))
        times = frame["end_ns"] - frame["start_ns"]
        key = transport_of(row), int(row["payload_bytes"])
        found.setdefault(key, []).append(times.to_numpy(dtype="float64"))
    return {key: np.sort(np.concatenate(times)) for key, times in found.items()}


def limits_of(talks: Sequence[Talk], recorded: Iterable[Floats]) -> tuple[float, float]:
    known = [ns for talk in talks for ns in (talk.round_trip_p50, talk.round_trip_p99) if ns]
    known += [float(end) for times in recorded for end in (times[0], times[-1]) if end > 0]
    return decades(min(known), max(known), at_least=1.0, room=0.05)


def draw_curves(
    axes: Axes, data: RunData, talks: Sequence[Talk], recorded: Mapping[Key, Floats]
) -> None:
    curves = {talk: recorded.get((talk.series, talk.batch.payload_bytes)) for talk in talks}
    most = max([len(times) for times in curves.values() if times is not None] + [100])
    log_axis(axes, "y", (0.6 / most, 1.5), percent, most=5)
    for level, name in ((0.5, "median"), (0.01, "p99")):
        axes.axhline(level, color=MUTED, linewidth=0.7, linestyle=(0, (1, 2)), zorder=1.5)
        place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "bottom"}
        axes.annotate(name, (0.995, level * 1.04), ha="right", fontsize=7, color=MUTED, **place)
    for talk, times in curves.items():
        look, name = data.look(talk.series), talk.series.name
        if times is not None:
            style: dict[str, Any] = {"color": look.colour, "linestyle": look.dashes}
            xs, ys = at_least(times)
            axes.plot(xs, ys, drawstyle="steps-pre", linewidth=1.3, label=name, zorder=2.6, **style)
        if talk.round_trip_p50 and talk.round_trip_p99:
            ends = [talk.round_trip_p50, talk.round_trip_p99]
            axes.plot(ends, [0.5, 0.01], linestyle="none", zorder=3, gid="marks", **look.markers(6))


def draw_ranges(
    axes: Axes, data: RunData, talks: Sequence[Talk], series: Sequence[Transport], named: bool
) -> None:
    axes.grid(axis="y", visible=False)
    axes.set_ylim(len(series) - 0.5, -0.5)
    axes.set_yticks(range(len(series)))
    axes.set_yticklabels([shortened(one.name, 32) if named else "" for one in series])
    axes.tick_params(axis="y", length=0)
    for row in range(0, len(series), 2):
        axes.axhspan(row - 0.5, row + 0.5, color=SHADE, zorder=0, linewidth=0)
    for talk in talks:
        row, look = series.index(talk.series), data.look(talk.series)
        low, high = talk.round_trip_p50, talk.round_trip_p99
        if low and high:
            dash: dict[str, Any] = {"color": look.colour, "zorder": 2.8, "gid": "range"}
            axes.plot([low, high], [row, row], linewidth=2.2, solid_capstyle="butt", **dash)
            axes.plot([high], [row], marker="|", markersize=9, markeredgewidth=1.8, **dash)
            axes.plot([low], [row], linestyle="none", zorder=3, **look.markers(6.5))
