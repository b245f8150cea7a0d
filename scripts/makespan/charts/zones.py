# SPDX-License-Identifier: Apache-2.0
"""The background of the concurrency chart: what it means to be high up, far right or neither."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.transforms import Bbox

from makespan.theme import COOL_ZONE, FAINT, MUTED, SHADE, WARM_ZONE


def draw_zones(axes: Axes, cpus: float | None) -> None:
    """Tints for "at most one CPU works" and "several do", and a line where all `cpus` do."""
    (left, right), (_, top) = axes.get_xlim(), axes.get_ylim()
    x = np.geomspace(left, right, 300)
    ceiling = np.minimum(x, top)  # no more CPUs at work than tasks in flight
    under: dict[str, Any] = {"linewidth": 0, "zorder": 0.4}
    axes.fill_between(x, ceiling, top, color=SHADE, **under)
    axes.fill_between(x, 0.0, np.minimum(ceiling, 1.0), color=WARM_ZONE, **under)
    axes.fill_between(x, 1.0, np.maximum(ceiling, 1.0), color=COOL_ZONE, **under)
    axes.axhline(1.0, color=MUTED, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1.5, gid="one CPU")
    axes.axhline(0.0, color=MUTED, linewidth=0.8, zorder=1.2, gid="no CPU")
    tell(axes, 0.0, "no CPU at work: all tasks wait", above=False)
    if cpus:
        axes.axhline(cpus, color=MUTED, linewidth=1.2, zorder=1.5, gid="all CPUs")
        words = "the only usable CPU" if cpus == 1 else f"all {cpus:g} usable CPUs"
        tell(axes, cpus, f"{words} at work", above=True)


def tell(axes: Axes, y: float, text: str, above: bool) -> None:
    """Words at the right end of a horizontal line, on the side that no point can be on."""
    place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
    side: dict[str, Any] = (
        {"va": "bottom", "xytext": (-3, 3)} if above else {"va": "top", "xytext": (-3, -3)}
    )
    axes.annotate(
        text, (1.0, y), ha="right", fontsize=7.5, color=MUTED, gid="zone", **place, **side
    )


def zone_legend() -> list[tuple[Any, str]]:
    zones = {
        WARM_ZONE: "at most one CPU works: concurrent at best",
        COOL_ZONE: "several CPUs work: parallel",
        SHADE: "cannot be: more CPUs at work than tasks",
    }
    return [(Patch(facecolor=c, edgecolor=FAINT, linewidth=0.5), text) for c, text in zones.items()]


def reference_lines(axes: Axes, cpus: float | None) -> list[Bbox]:
    """The horizontal lines as boxes in pixels."""
    room = axes.get_window_extent()
    heights = [float(axes.transData.transform((1.0, y))[1]) for y in (0.0, 1.0, cpus or 0.0)]
    return [Bbox.from_extents(room.x0, y - 1, room.x1, y + 1) for y in heights]
