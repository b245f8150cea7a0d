# SPDX-License-Identifier: Apache-2.0
"""What several charts draw alike: lines of medians, their intervals, and the × of a failure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from makespan.theme import Look

FAILURE_SIZE = 7.5  # points


def draw_line(
    axes: Axes, look: Look, name: str, xs: Sequence[float], ys: Sequence[float], size: float
) -> None:
    """A model's medians; NaN breaks the line."""
    style: dict[str, Any] = {"color": look.colour, "linestyle": look.dashes, "linewidth": 1.4}
    axes.plot(xs, ys, zorder=3, label=name, **style, **look.markers(size))


def draw_interval(axes: Axes, look: Look, xs: Sequence[float], ys: Sequence[float]) -> None:
    """A level or upright bar between two points."""
    cap = "_" if xs[0] == xs[1] else None
    style: dict[str, Any] = {"color": look.colour, "linewidth": 1.2, "gid": "interval"}
    axes.plot(xs, ys, zorder=2.8, marker=cap, markersize=5, **style)


def draw_failure(axes: Axes, look: Look, x: float, y: float, size: float = FAILURE_SIZE) -> None:
    axes.plot(
        [x],
        [y],
        linestyle="none",
        zorder=4,
        clip_on=False,
        gid="failure",
        **cross(look.colour, size),
    )


def cross(colour: str, size: float = FAILURE_SIZE) -> dict[str, Any]:
    """Marker keywords of the hollow × that stands for a case without a time."""
    return {
        "marker": "X",
        "markersize": size,
        "markerfacecolor": "white",
        "markeredgecolor": colour,
        "markeredgewidth": 1.3,
    }


def ring_size(place: int, places: int) -> float:
    """Points: from 9 down to 4.5, so that markers on one spot lie as rings around each other."""
    return 9.0 - 4.5 * place / max(1, places - 1)
