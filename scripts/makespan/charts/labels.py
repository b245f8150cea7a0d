# SPDX-License-Identifier: Apache-2.0
"""Names beside points: points on one spot share a block of names, and no block hides a point or
another block as long as there is room."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
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
ANGLES = (0, 180, 25, 155, -25, -155, 50, 130, -50, -130, 75, 105, 90, -75, -105, -90)
HIDES = 1000.0  # cost of a pixel that is hidden; distance costs 1 a pixel
STRIKES = 60.0  # cost of a line through a name

Spot = tuple[float, float]  # in pixels


@dataclass(frozen=True)
class Named:
    """A point in data coordinates, how it is drawn and what it is called."""

    x: float
    y: float
    look: Look
    name: str


@dataclass(frozen=True)
class Crowd:
    """What is on the panel already, in pixels. Leaders may cross `lines`, names had better not."""

    room: Bbox
    markers: Sequence[Bbox]
    blocks: Sequence[Bbox]
    lines: Sequence[Bbox]
    leaders: Sequence[Sequence[Spot]]

    def cost(self, box: Bbox, spot: Spot) -> float:
        """How much a block there would hide and cross, above all, and how far it is away."""
        line = leader(spot, box)
        hidden = sum(common(box, other) for other in (*self.markers, *self.blocks))
        hidden += 3 * (float(box.width * box.height) - common(box, self.room))
        crossed = sum(inside(point, other) for other in self.blocks for point in line)
        crossed += sum(inside(point, box) for other in self.leaders for point in other[:-1])
        foreign = [other for other in self.markers if not inside(spot, other)]
        crossed += sum(inside(point, other) for other in foreign for point in line)
        struck = sum(common(box, other) > 0 for other in self.lines)
        return HIDES * (hidden + 2 * crossed) + STRIKES * struck + math.dist(line[0], line[-1])


def place_names(
    figure: Figure,
    axes: Axes,
    points: Sequence[Named],
    taken: Sequence[Bbox] = (),
    lines: Sequence[Bbox] = (),
) -> None:
    """Names all points. The layout must be final; `taken` are boxes in pixels that must stay free,
    `lines` thin ones that had better."""
    unit = float(figure.dpi) / 72
    spots = {point: pixels(axes, point) for point in points}
    reach = CLEAR * unit
    markers = [
        Bbox.from_extents(x - reach, y - reach, x + reach, y + reach) for x, y in spots.values()
    ]
    blocks: list[Bbox] = list(taken)
    leaders: list[list[Spot]] = []
    groups = clusters(spots, SAME_SPOT * unit)
    for group in sorted(groups, key=lambda group: (-len(group), -group[0].x)):
        xs, ys = zip(*(spots[point] for point in group))
        spot = sum(xs) / len(xs), sum(ys) / len(ys)
        width = (max(text_width(figure, point.name, SIZE) for point in group) * 72 + KEY) * unit
        crowd = Crowd(axes.get_window_extent(), markers, blocks, lines, leaders)
        block = best_place(crowd, spot, width, len(group) * LINE * unit, unit)
        leaders.append(leader(spot, block))
        blocks.append(block)
        draw_block(axes, group, block, spot, unit)


def pixels(axes: Axes, point: Named) -> Spot:
    x, y = axes.transData.transform((point.x, point.y))
    return float(x), float(y)


def clusters(spots: Mapping[Named, Spot], near: float) -> list[list[Named]]:
    """Groups in which every point is near another one, in the order given."""
    groups: list[list[Named]] = []
    for point, spot in spots.items():
        touching = [g for g in groups if any(math.dist(spot, spots[other]) < near for other in g)]
        merged = [*(one for group in touching for one in group), point]
        groups = [*(group for group in groups if group not in touching), merged]
    return groups


def best_place(crowd: Crowd, spot: Spot, width: float, height: float, unit: float) -> Bbox:
    """The nearest place that is free, else the one that does least harm."""
    best: tuple[float, Bbox] | None = None
    for distance in RINGS:
        if best is not None and best[0] <= distance * unit:
            break
        for box in ring(spot, distance * unit, width, height):
            cost = crowd.cost(box, spot)
            if best is None or cost < best[0]:
                best = (cost, box)
    assert best is not None
    return best[1]


def ring(spot: Spot, distance: float, width: float, height: float) -> Iterator[Bbox]:
    """Boxes at a distance from a spot; to the right before to the left, level before aslant."""
    for angle in ANGLES:
        across, up = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        left = 0.0 if across > 0.3 else width if across < -0.3 else width / 2
        below = 0.0 if up > 0.8 else height if up < -0.8 else height / 2 * (1 - up)
        corner = spot[0] + across * distance - left, spot[1] + up * distance - below
        yield Bbox.from_bounds(*corner, width, height)


def leader(spot: Spot, block: Bbox) -> list[Spot]:
    """Points, about four pixels apart, from a spot to the nearest edge of its block."""
    x = min(max(spot[0], float(block.x0)), float(block.x1))
    y = min(max(spot[1], float(block.y0)), float(block.y1))
    steps = 2 + int(math.dist(spot, (x, y)) / 4)
    shares = [step / steps for step in range(steps + 1)]
    return [(spot[0] + (x - spot[0]) * s, spot[1] + (y - spot[1]) * s) for s in shares]


def inside(point: Spot, box: Bbox) -> bool:
    return bool(box.x0 < point[0] < box.x1 and box.y0 < point[1] < box.y1)


def common(one: Bbox, other: Bbox) -> float:
    """Area that two boxes share."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return float(width * height) if width > 0 and height > 0 else 0.0


def draw_block(axes: Axes, group: Sequence[Named], block: Bbox, spot: Spot, unit: float) -> None:
    """The names with their markers, and a line to the spot where that is not next to them."""
    here: dict[str, Any] = {"transform": axes.transAxes}  # holds at any resolution, unlike pixels
    to_axes = axes.transAxes.inverted()
    line = leader(spot, block)
    if math.dist(line[0], line[-1]) > 12 * unit or len(group) > 1:
        xs, ys = zip(*(to_axes.transform(end) for end in (line[0], line[-1])))
        axes.plot(xs, ys, color=INK, linewidth=0.5, zorder=2.2, gid="leader", **here)
    for place, point in enumerate(group):
        middle = block.y1 - (place + 0.5) * LINE * unit
        x, y = to_axes.transform((block.x0 + KEY * unit * 0.4, middle))
        key = {**point.look.markers(4.0), "linestyle": "none", "zorder": 5, "gid": "key"}
        axes.plot([x], [y], clip_on=False, **key, **here)
        x, y = to_axes.transform((block.x0 + KEY * unit, middle))
        name = axes.text(x, y, point.name, fontsize=SIZE, va="center_baseline", zorder=5, **here)
        name.set_gid("name")
