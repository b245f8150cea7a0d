# SPDX-License-Identifier: Apache-2.0
"""Messages per second against their size: one line a transport, one panel for each number of
producers and consumers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from makespan.theme import FAINT, MUTED
from makespan.units import data_size, short

from .curves import Plot, Point, draw_panels, finish_panels
from .data import NothingToDraw, RunData
from .page import chart
from .talks import Talk, talks_of

TITLE = "How many messages get through: rate against payload"
READING = (
    "Up is faster. Each point is the median rate at which whole messages, encoded where they are put"
    " and checked where they are taken, get from producers to consumers. A floor shows what the"
    " machine could do: it waits by spinning. Bars, where taller than their marker: 95 % interval of"
    " the median{lacking}."
)
PLOT = Plot(
    x=lambda talk: talk.batch.payload_bytes,
    x_name="payload of a message",
    y_name="messages per second",
    x_words=data_size,
    y_words=short,
)


@chart
def messages(data: RunData) -> Figure:
    """Raises NothingToDraw without any batch of messages."""
    every = [talk for talk in talks_of(data, "messages") if talk.batch.payload_bytes > 0]
    if not every:
        raise NothingToDraw("it needs a case of messages")
    grid, drawn = draw_panels(data, PLOT, panels_of(every))
    rightmost = max(point.x for points in drawn for point in points)
    for axes in grid.panels:
        draw_guides(axes, most_bytes(drawn), rightmost)
    guide = Line2D([], [], color=FAINT, linewidth=0.9), "equal bytes per second"
    return finish_panels(data, grid, drawn, (TITLE, READING), [guide])


def panels_of(talks: Sequence[Talk]) -> list[tuple[str, list[Talk]]]:
    """Title and cases, from few peers to many."""
    panels: dict[tuple[int, int], list[Talk]] = {}
    for talk in talks:
        panels.setdefault((talk.batch.producers, talk.batch.consumers), []).append(talk)
    return [(own[0].batch.peers, own) for _, own in sorted(panels.items(), key=lambda one: one[0])]


def draw_guides(axes: Axes, most: float, rightmost: int) -> None:
    """A line for every power of ten bytes per second up to `most`, as far as payloads go; its name
    stands where no messages can be: at the top, or at the bottom if it enters from the left."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    last = math.ceil(math.log10(most))
    under: dict[str, Any] = {"color": FAINT, "linewidth": 0.9, "zorder": 1.2}
    for exponent in range(math.ceil(math.log10(left * bottom)), last + 1):
        rate = 10.0**exponent
        start, stop = max(left, rate / top), min(rightmost, rate / bottom)
        if stop <= start or math.log(stop / start) < 0.1 * math.log(right / left):
            continue
        axes.plot([start, stop], [rate / start, rate / stop], gid="guide", **under)
        if start > left:
            tell(axes, start * (right / left) ** 0.014, rate, "left")
        elif stop < rightmost:
            tell(axes, stop / (right / left) ** 0.008, rate, "right")


def tell(axes: Axes, x: float, rate: float, side: str) -> None:
    """Words along a guide, to the `side` of which its place at `x` is."""
    further = x * 1.001
    slope = math.degrees(math.atan2(rate / further - rate / x, further - x))
    turned: dict[str, Any] = {"rotation_mode": "anchor", "transform_rotates_text": True}
    look: dict[str, Any] = {"fontsize": 6.5, "color": MUTED, "zorder": 1.3, "clip_on": True}
    text = f"{short(rate)}B/s"
    axes.text(
        x, rate / x, text, ha=side, va="bottom", rotation=slope, gid="guide name", **turned, **look
    )


def most_bytes(panels: Sequence[Sequence[Point]]) -> float:
    """The most bytes per second of all batches."""
    rates = [point.x * point.y for points in panels for point in points]
    return max([rate for rate in rates if math.isfinite(rate)] + [1.0])
