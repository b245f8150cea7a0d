# SPDX-License-Identifier: Apache-2.0
"""Names at the right ends of lines, in a column of their own inside the panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from makespan.theme import INK

from .labels import KEY, LINE, SIZE, Named, pixels
from .page import text_width
from .text import shortened

MOST_NAMES = 18  # a legend has the names of more
GAP = 16.0  # points from the rightmost point to the names
LENGTH = 30  # characters of a name


def name_width(figure: Figure, names: Sequence[str]) -> float:
    """Inches that the column takes, with the gap before it."""
    widest = max((text_width(figure, shortened(name, LENGTH), SIZE) for name in names), default=0.0)
    return widest + (GAP + KEY + 4.0) / 72


def with_room(limits: tuple[float, float], width: float, panel: float) -> tuple[float, float]:
    """Limits of a logarithmic x axis with so many of the panel's inches free on the right."""
    left, right = limits
    share = min(width / panel, 0.6)
    return left, float(right * (right / left) ** (share / (1 - share)))


def name_ends(figure: Figure, axes: Axes, ends: Sequence[Named]) -> None:
    """Names the lines that end in these points, beside one another's heights. The layout must be
    final, and the x axis have room."""
    if not ends:
        return
    unit = float(figure.dpi) / 72
    spots = [pixels(axes, end) for end in ends]
    column = max(x for x, _ in spots) + GAP * unit
    room = axes.get_window_extent()
    order = sorted(range(len(ends)), key=lambda place: spots[place][1])
    wanted = [spots[place][1] for place in order]
    heights = spread(wanted, LINE * unit, float(room.y0) + 6 * unit, float(room.y1) - 4 * unit)
    for place, height in zip(order, heights):
        _name(axes, ends[place], spots[place], (column, height), unit)


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The ascending heights, at least `gap` apart and between the limits while there is room, with
    the least squares of what they are moved (pool adjacent violators)."""
    blocks: list[tuple[float, int]] = []
    for place, height in enumerate(wanted):
        mean, count = height - place * gap, 1
        while blocks and blocks[-1][0] > mean:
            other, others = blocks.pop()
            mean, count = (mean * count + other * others) / (count + others), count + others
        blocks.append((mean, count))
    flat = [mean for mean, count in blocks for _ in range(count)]
    top = max(low, high - (len(wanted) - 1) * gap)
    return [min(max(mean, low), top) + place * gap for place, mean in enumerate(flat)]


def _name(
    axes: Axes, end: Named, spot: tuple[float, float], at: tuple[float, float], unit: float
) -> None:
    """A leader from the line's end, its marker, its name; `spot` and `at` in pixels."""
    back = axes.transData.inverted()
    start = back.transform((spot[0] + 4 * unit, spot[1]))
    stop = back.transform((at[0] - 3 * unit, at[1]))
    near = at[0] - spot[0] < 1.5 * GAP * unit  # from afar a plain stroke would pass for data
    dashes: Any = "solid" if near else (0, (1, 3))
    leader: dict[str, Any] = {"color": end.look.colour, "linewidth": 0.6, "zorder": 2.2}
    ends = [start[0], stop[0]], [start[1], stop[1]]
    axes.plot(*ends, alpha=0.6, linestyle=dashes, gid="leader", **leader)
    x, y = back.transform((at[0] + KEY * unit / 2 - 2 * unit, at[1]))
    axes.plot([x], [y], linestyle="none", zorder=3, gid="key", **end.look.markers(4.5))
    x, y = back.transform((at[0] + KEY * unit, at[1]))
    axes.text(
        x,
        y,
        shortened(end.name, LENGTH),
        fontsize=SIZE,
        color=INK,
        va="center_baseline",
        zorder=3,
        gid="name",
    )
