# SPDX-License-Identifier: Apache-2.0
"""The METGs of a panel in numbers, in that of its lower corners which the curves leave free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

from makespan.granularity.metg import THRESHOLDS, Metg, State
from makespan.theme import INK, MUTED
from makespan.units import percent

from .data import RunData
from .metg_marks import Curve
from .page import text_width
from .text import duration, shortened

SIZE = 7.5  # points
LINE = SIZE * 1.55  # points from one row to the next
KEY = 11.0  # points for the marker before a name
GAP = 9.0  # points between columns
EDGE = 5.0  # points to the edge of the panel
LENGTH = 24  # characters of a name

Rows = Sequence[Sequence[str]]


def draw_values(figure: Figure, axes: Axes, data: RunData, panel: Sequence[Curve]) -> bool:
    """A small table: model and shape, and a column for each threshold. Nothing, and False, where neither
    corner is free. The layout must be final."""
    unit = float(figure.dpi) / 72
    rows = [["METG", *(percent(threshold) for threshold in THRESHOLDS)]]
    for curve in panel:
        name = f"{shortened(curve.series.name, LENGTH)} {curve.sweep.shape}"
        rows.append([name, *map(value, curve.metgs)])
    widths = [
        max(text_width(figure, row[column], SIZE) * 72 for row in rows)
        for column in range(len(rows[0]))
    ]
    width = (KEY + sum(widths) + GAP * (len(widths) - 1)) * unit
    box = free_corner(axes, panel, width, len(rows) * LINE * unit, EDGE * unit)
    if box is None:
        return False
    to_axes = axes.transAxes.inverted()
    here: dict[str, Any] = {"transform": axes.transAxes}  # holds at any resolution, unlike pixels
    (x0, y0), (x1, y1) = to_axes.transform([(box.x0, box.y0), (box.x1, box.y1)])
    paper: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "zorder": 1.2, **here}
    axes.add_patch(Rectangle((x0, y0), x1 - x0, y1 - y0, **paper))
    for place, row in enumerate(rows):
        middle = box.y1 - (place + 0.5) * LINE * unit
        if place:
            x, y = to_axes.transform((box.x0 + KEY * 0.4 * unit, middle))
            look = data.look(panel[place - 1].series)
            axes.plot([x], [y], linestyle="none", gid="key", **look.markers(4.5), **here)
        left = box.x0 + KEY * unit
        for column, cell in enumerate(row):
            edge = left if column == 0 else left + widths[column] * unit
            x, y = to_axes.transform((edge, middle))
            style: dict[str, Any] = {"fontsize": SIZE, "color": INK if place else MUTED, **here}
            side = "right" if column else "left"
            axes.text(x, y, cell, ha=side, va="center_baseline", gid="value", **style)
            left += (widths[column] + GAP) * unit
    return True


def value(found: Metg) -> str:
    if found.state in (State.NEVER, State.TOO_FEW):
        return found.state.value
    sign = "≤ " if found.state is State.AT_MOST else ""
    return f"{sign}{duration(found.granularity_ns)}"


def free_corner(
    axes: Axes, panel: Sequence[Curve], width: float, height: float, edge: float
) -> Bbox | None:
    """A box of so many pixels at the lower right, else at the lower left, below the lowest threshold
    and on no curve."""
    room = axes.get_window_extent()
    ceiling = float(axes.transData.transform((axes.get_xlim()[0], THRESHOLDS[0]))[1])
    bottom = float(room.y0) + edge
    if bottom + height > ceiling - edge or width + 2 * edge > room.width:
        return None
    for left in (float(room.x1) - edge - width, float(room.x0) + edge):
        box = Bbox.from_bounds(left, bottom, width, height)
        if not any(meets(axes, curve, box.padded(edge)) for curve in panel):
            return box
    return None


def meets(axes: Axes, curve: Curve, box: Bbox) -> bool:
    """Whether a line of the curve, taken with the box around it, shares a spot with a box."""
    pairs = [(point.granularity, point.efficiency) for point in curve.sweep.points]
    spots = axes.transData.transform(pairs)
    pieces = zip(spots, spots[1:] if len(spots) > 1 else spots)
    return any(bool(Bbox([start, end]).overlaps(box)) for start, end in pieces)
