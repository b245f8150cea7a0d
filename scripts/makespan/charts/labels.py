# SPDX-License-Identifier: Apache-2.0
"""Names beside points: points on one spot share a block of names, and no block lies on a point or on another block."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from makespan.theme import INK, Look

from .page import text_width

SIZE = 7.5  # points
LINE = SIZE * 1.5  # points from one name to the next
SAME_SPOT = 9.0  # points between the centres of markers that share a block
CLEAR = 5.0  # points kept free around a marker
KEY = 10.0  # points for the small marker before a name
RINGS = (9, 14, 20, 28, 38, 50, 65, 85, 110, 140, 180)  # points from a spot to its names
HIDES = 1000.0  # cost of a pixel that is hidden; distance costs 1 a pixel
STRIKES = 600.0  # cost of a line through a name


Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Named:
    """A point in data coordinates, how it is drawn and what it is called."""

    x: float
    y: float
    look: Look
    name: str


def place_names(
    figure: Figure,
    axes: Axes,
    points: Sequence[Named],
    taken: Sequence[Bbox] = (),
    lines: Sequence[Bbox] = (),
) -> None:
    """Names all points. The layout must be final; `taken` are boxes in pixels that must stay free, `lines` thin ones that had
    better, and that leaders may cross."""
    unit = float(figure.dpi) / 72
    spots = {point: tuple(axes.transData.transform((point.x, point.y))) for point in points}
    room = axes.get_window_extent()
    markers = [
        Bbox.from_bounds(x - CLEAR * unit, y - CLEAR * unit, 2 * CLEAR * unit, 2 * CLEAR * unit)
        for x, y in spots.values()
    ]
    blocks: list[Bbox] = list(taken)
    leaders: list[Points] = []
    for group in sorted(
        clusters(spots, SAME_SPOT * unit), key=lambda group: (-len(group), -group[0].x)
    ):
        x = sum(spots[point][0] for point in group) / len(group)
        y = sum(spots[point][1] for point in group) / len(group)
        width = (max(text_width(figure, point.name, SIZE) for point in group) * 72 + KEY) * unit
        crowd = Crowd(room, markers, blocks, lines, leaders)
        block = best_place(crowd, (x, y), width, len(group) * LINE * unit, unit)
        leaders.append(leader((x, y), block))
        blocks.append(block)
        draw_block(axes, group, block, (x, y), unit)


def clusters(spots: dict[Named, tuple[float, ...]], near: float) -> list[list[Named]]:
    """Groups in which every point is near another one, in the order given."""
    groups: list[list[Named]] = []
    for point, spot in spots.items():
        touching = [
            group
            for group in groups
            if any(math.dist(spot, spots[other]) < near for other in group)
        ]
        groups = [group for group in groups if group not in touching] + [
            [*(one for group in touching for one in group), point]
        ]
    return groups


@dataclass(frozen=True)
class Crowd:
    """What is on the panel already; boxes and points in pixels. Leaders may cross `lines`."""

    room: Bbox
    markers: Sequence[Bbox]
    blocks: Sequence[Bbox]
    lines: Sequence[Bbox]
    leaders: Sequence[Points]

    def inside(point: tuple[float, float], box: Bbox) -> bool:
    return bool(box.x0 < point[0] < box.x1 and box.y0 < point[1] < box.y1)


def common(one: Bbox, other: Bbox) -> float:
    """Area that two boxes share."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return float(width * height) if width > 0 and height > 0 else 0.0


def draw_block(
    axes: Axes, group: Sequence[Named], block: Bbox, spot: tuple[float, float], unit: float
) -> None:
    """The names with their markers, and a line to the spot where that is not next to them."""
    to_axes = axes.transAxes.inverted()
    edge = (min(max(spot[0], block.x0), block.x1), min(max(spot[1], block.y0), block.y1))
    if math.dist(edge, spot) > 12 * unit or len(group) > 1:
        (x0, y0), (x1, y1) = to_axes.transform(spot), to_axes.transform(edge)
        axes.plot(
            [x0, x1],
            [y0, y1],
            transform=axes.transAxes,
            color=INK,
            linewidth=0.5,
            zorder=2.2,
            gid="leader",
        )
    for place, point in enumerate(group):
        middle = block.y1 - (place + 0.5) * LINE * unit
        x, y = to_axes.transform((block.x0 + KEY * unit * 0.4, middle))
        marker: dict[str, Any] = point.look.markers(4.0)
        axes.plot(
            [x],
            [y],
            transform=axes.transAxes,
            color=point.look.colour,
            linestyle="none",
            clip_on=False,
            zorder=5,
            gid="key",
            **marker,
        )
        x, y = to_axes.transform((block.x0 + KEY * unit, middle))
        axes.text(
            x,
            y,
            point.name,
            transform=axes.transAxes,
            fontsize=SIZE,
            color=INK,
            va="center_baseline",
            zorder=5,
            gid="name",
        )
