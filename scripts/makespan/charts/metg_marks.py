# SPDX-License-Identifier: Apache-2.0
"""The curves of sweeps of the granularity, and the marks of METG on them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from makespan.granularity.metg import Metg, State
from makespan.granularity.sweeps import Sweep
from makespan.theme import MUTED, Look

from .cases import Series


@dataclass(frozen=True)
class Curve:
    """A sweep as one line, and its METGs in the order of THRESHOLDS."""

    series: Series
    sweep: Sweep
    metgs: tuple[Metg, ...]

    @property
    def standing(self) -> tuple[float, str]:
        """Sorts by the METG of the lowest threshold; curves without one come last."""
        ns = self.metgs[0].granularity_ns
        return math.inf if math.isnan(ns) else ns, self.sweep.shape


def draw_metg(axes: Axes, look: Look, found: Metg) -> None:
    """A ring on the threshold, an arrow to the left where METG is at most that, and as much of the
    interval as was measured."""
    if found.low_ns is not None and found.high_ns is not None:
        ends = [found.low_ns or found.granularity_ns, min(found.high_ns, axes.get_xlim()[1])]
        if ends[0] < ends[1]:
            axes.plot(ends, [found.threshold] * 2, **bar(look))
    at_most = found.state is State.AT_MOST
    style = {**ring(look.colour), "marker": "<" if at_most else "o"}
    axes.plot([found.granularity_ns], [found.threshold], linestyle="none", gid="metg", **style)


def bar(look: Look) -> dict[str, Any]:
    caps = {"marker": "|", "markersize": 9.0, "markeredgewidth": 1.6}
    style: dict[str, Any] = {"color": look.colour, "linewidth": 1.8, "zorder": 3.6}
    return {**style, **caps, "gid": "metg interval"}


def ring(colour: str) -> dict[str, Any]:
    return {
        "markersize": 7.5,
        "markerfacecolor": "white",
        "markeredgecolor": colour,
        "markeredgewidth": 1.7,
        "zorder": 4.0,
    }


def ring_handle() -> tuple[Line2D, str]:
    return Line2D([], [], linestyle="none", marker="o", **ring(MUTED)), "METG, with its interval"


def drawn(found: Metg) -> bool:
    return found.state in (State.REACHED, State.AT_MOST)
