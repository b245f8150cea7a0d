# SPDX-License-Identifier: Apache-2.0
"""Names beside points: points on one spot share a block of names, and no block hides a point or
another block as long as there is room."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
ANGLES = (0, 180, 20, 160, -20, -160, 45, 135, -45, -135, 65, 115, -65, -115, 90, -90)
HIDES = 1000.0  # cost of a pixel that is hidden; distance costs 1 a pixel
STRIKES = 60.0  # cost of a line through a name
MISLEADS = 120.0  # cost of a name about as near to another point as to its own

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
        away = math.dist(line[0], line[-1])
        nearer = sum(distance(box, centre(other)) < away + 8 for other in foreign)
        return HIDES * (hidden + 2 * crossed) + STRIKES * struck + MISLEADS * nearer + away


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
    blocks = [block_of(figure, spots, group, unit) for group in clusters(spots, SAME_SPOT * unit)]
    reach = CLEAR * unit
    markers = [
        Bbox.from_extents(x - reach, y - reach, x + reach, y + reach) for x, y in spots.values()
    ]
    empty = Crowd(axes.get_window_extent(), markers, tuple(taken), lines, ())
    # What is placed first has most room: of several orders the one with the best result counts.
    orders = [sorted(blocks, key=order) for order in ORDERS]
    _, places = min((arranged(empty, order, unit) for order in orders), key=lambda found: found[0])
    for block, box in places:
        draw_block(axes, block, box, unit)


@dataclass(frozen=True)
class Block:
    """The points on one spot, and the pixels that their names take."""

    group: tuple[Named, ...]
    spot: Spot
    width: float
    height: float


ORDERS: tuple[Callable[[Block], tuple[float, ...]], ...] = (
    lambda block: (-len(block.group), -block.spot[0]),
    lambda block: (-len(block.group), block.spot[0]),
    lambda block: (block.spot[0],),
    lambda block: (-block.spot[0],),
    lambda block: (block.spot[1],),
    lambda block: (-block.spot[1],),
)


def block_of(
    figure: Figure, spots: Mapping[Named, Spot], group: Sequence[Named], unit: float
) -> Block:
    xs, ys = zip(*(spots[point] for point in group))
    spot = sum(xs) / len(xs), sum(ys) / len(ys)
    width = (max(text_width(figure, point.name, SIZE) for point in group) * 72 + KEY) * unit
    return Block(tuple(group), spot, width, len(group) * LINE * unit)


def arranged(
    crowd: Crowd, blocks: Iterable[Block], unit: float
) -> tuple[float, list[tuple[Block, Bbox]]]:
    """Places one block after the other; the cost of all and the places."""
    total, places = 0.0, []
    for block in blocks:
        cost, box = best_place(crowd, block, unit)
        line = leader(block.spot, box)
        crowd = replace(crowd, blocks=(*crowd.blocks, box), leaders=(*crowd.leaders, line))
        total += cost
        places.append((block, box))
    return total, places


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


def best_place(crowd: Crowd, block: Block, unit: float) -> tuple[float, Bbox]:
    """The nearest place that is free, else the one that does least harm, and its cost."""
    best: tuple[float, Bbox] | None = None
    for away in RINGS:
        if best is not None and best[0] <= away * unit:
            break
        for box in ring(block, away * unit):
            cost = crowd.cost(box, block.spot)
            if best is None or cost < best[0]:
                best = (cost, box)
    assert best is not None
    return best


def ring(block: Block, away: float) -> Iterator[Bbox]:
    """Boxes that far from the spot of a block; to the right before to the left, level before aslant."""
    for angle in ANGLES:
        width, height = block.width, block.height
        across, up = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        left = 0.0 if across > 0.3 else width if across < -0.3 else width / 2
        below = 0.0 if up > 0.8 else height if up < -0.8 else height / 2 * (1 - up)
        corner = block.spot[0] + across * away - left, block.spot[1] + up * away - below
        yield Bbox.from_bounds(*corner, width, height)


def nearest(spot: Spot, box: Bbox) -> Spot:
    """The point of a box that is nearest to a spot."""
    x = min(max(spot[0], float(box.x0)), float(box.x1))
    return x, min(max(spot[1], float(box.y0)), float(box.y1))


def distance(box: Bbox, spot: Spot) -> float:
    return math.dist(nearest(spot, box), spot)


def centre(box: Bbox) -> Spot:
    return float(box.x0 + box.x1) / 2, float(box.y0 + box.y1) / 2


def leader(spot: Spot, block: Bbox) -> list[Spot]:
    """Points, about four pixels apart, from a spot to the nearest edge of its block."""
    x, y = nearest(spot, block)
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


def draw_block(axes: Axes, block: Block, box: Bbox, unit: float) -> None:
    """The names with their markers, and a line to the spot where that is not next to them."""
    here: dict[str, Any] = {"transform": axes.transAxes}  # holds at any resolution, unlike pixels
    to_axes = axes.transAxes.inverted()
    line = leader(block.spot, box)
    if math.dist(line[0], line[-1]) > (RINGS[0] + 1) * unit or len(block.group) > 1:
        xs, ys = zip(*(to_axes.transform(end) for end in (line[0], line[-1])))
        axes.plot(xs, ys, color=INK, linewidth=0.5, zorder=2.2, gid="leader", **here)
    for place, point in enumerate(block.group):
        middle = box.y1 - (place + 0.5) * LINE * unit
        x, y = to_axes.transform((box.x0 + KEY * unit * 0.4, middle))
        key = {**point.look.markers(4.0), "linestyle": "none", "zorder": 5, "gid": "key"}
        axes.plot([x], [y], clip_on=False, **key, **here)
        x, y = to_axes.transform((box.x0 + KEY * unit, middle))
        name = axes.text(x, y, point.name, fontsize=SIZE, va="center_baseline", zorder=5, **here)
        name.set_gid("name")
