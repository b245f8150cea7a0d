# SPDX-License-Identifier: Apache-2.0
"""The ground of a map: around every measured point what is nearest to it, in the winner's colour."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Rectangle

from makespan.maps.points import Point, main_values
from makespan.theme import FAINT, MUTED, Look, Theme
from makespan.winners import Contender, Outcome, Verdict

HATCH = "////"
DOTS = "...."
PALE = 0.45  # share of white in the colour of a cell, on which markers and lines are seen


@dataclass(frozen=True)
class Frame:
    """The same for all panels: the coordinates that occur, on their scales, and how far from its point
    a cell reaches, half of the widest step."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    reach_x: float
    reach_y: float

    @classmethod
    def of(cls, points: Iterable[Point]) -> Frame:
        every = list(points)
        xs, ys = (tuple(sorted({p.at(axis) for p in every})) for axis in ("tasks", "length_ns"))
        return cls(xs, ys, _reach(every, "tasks"), _reach(every, "length_ns"))

    @property
    def limits(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Of the axes, in tasks and ns."""
        x, y = edges(self.xs, self.reach_x), edges(self.ys, self.reach_y)
        return (float(10 ** x[0]), float(10 ** x[-1])), (float(10 ** y[0]), float(10 ** y[-1]))


@dataclass(frozen=True)
class Cell:
    """A rectangle in tasks and ns, and the measured point that it is filled for."""

    point: Point
    left: float
    right: float
    bottom: float
    top: float


def cells(points: Sequence[Point], frame: Frame) -> Iterator[Cell]:
    """What lies within reach of a point; left free what does not. Row by row, merged along the rows."""
    columns, rows = edges(frame.xs, frame.reach_x), edges(frame.ys, frame.reach_y)
    for bottom, top in zip(rows, rows[1:]):
        found = [
            (nearest(points, (left + right) / 2, (bottom + top) / 2, frame), left, right)
            for left, right in zip(columns, columns[1:])
        ]
        for point, run in groupby(found, key=lambda one: one[0]):
            ends = [(left, right) for _, left, right in run]
            if point is not None:
                yield Cell(point, *(float(10**end) for end in (ends[0][0], ends[-1][1], bottom, top)))


def nearest(points: Sequence[Point], x: float, y: float, frame: Frame) -> Point | None:
    def apart(point: Point) -> tuple[float, Point]:
        return (point.at("tasks") - x) ** 2 + (point.at("length_ns") - y) ** 2, point

    near = [
        point
        for point in points
        if abs(point.at("tasks") - x) <= frame.reach_x and abs(point.at("length_ns") - y) <= frame.reach_y
    ]
    return min(near, key=apart) if near else None


def edges(places: Sequence[float], reach: float) -> list[float]:
    """At the places, half way between them, and as far beyond the outer ones as a cell reaches: what lies
    between two edges is nearest to one point all over, also where the row or column has not all places."""
    between = [(low + high) / 2 for low, high in zip(places, places[1:])]
    return sorted([places[0] - reach, *places, *between, places[-1] + reach])


def draw_cell(axes: Axes, theme: Theme, cell: Cell, verdict: Verdict) -> None:
    """In the winner's colour; hatched in those of the first two where they are not separated, and dotted where
    only one finished, which is no victory."""
    box = (cell.left, cell.bottom), cell.right - cell.left, cell.top - cell.bottom
    looks = [theme.look(contender.model) for contender in first_two(verdict)]
    alone = verdict.outcome is Outcome.ALONE
    ground = "white" if alone else pale(looks[0]) if looks else FAINT
    style: dict[str, Any] = {"facecolor": ground, "edgecolor": ground, "linewidth": 0.4, "zorder": 1.0}
    axes.add_patch(Rectangle(*box, gid="cell", **style))
    lines: dict[str, Any] = {"fill": False, "linewidth": 0.0, "zorder": 1.1}
    if alone:
        axes.add_patch(Rectangle(*box, gid="alone", edgecolor=pale(looks[0]), hatch=DOTS, **lines))
    if undecided(verdict):
        colour = pale(looks[1]) if len(looks) > 1 else MUTED
        axes.add_patch(Rectangle(*box, gid="undecided", edgecolor=colour, hatch=HATCH, **lines))


def first_two(verdict: Verdict) -> list[Contender]:
    """The winner, or who finished alone; or the two with the lowest medians of those that are not separated, by name, as an
    order would tell a winner."""
    if verdict.outcome in (Outcome.WON, Outcome.ALONE):
        return list(verdict.first[:1])
    best = sorted(verdict.first, key=lambda contender: contender.pace_ns)[:2]
    return sorted(best, key=lambda contender: contender.name)


def undecided(verdict: Verdict) -> bool:
    return verdict.outcome in (Outcome.SHARED, Outcome.TOO_FEW)


def pale(look: Look) -> str:
    return str(to_hex([PALE + (1 - PALE) * part for part in to_rgb(look.colour)]))


def _reach(points: Sequence[Point], axis: str) -> float:
    """Half of the widest step of the coarse grid; half a decade where it has none."""
    exact = main_values(points, axis)
    places = [math.log10(value) for value in exact]
    return max((high - low for low, high in zip(places, places[1:])), default=1.0) / 2 + 1e-9
