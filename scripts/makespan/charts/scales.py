# SPDX-License-Identifier: Apache-2.0
"""Axes in human units, logarithmic ones with labels as dense as they have room for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from .text import duration, quantity


def decades(low: float, high: float, at_least: float, room: float = 0.08) -> tuple[float, float]:
    """Limits of a logarithmic axis around [low, high], `at_least` decades long and with a share of
    `room` free at both ends."""
    bottom, top = math.log10(low), math.log10(high)
    missing = max(0.0, at_least - (top - bottom)) / 2
    pad = max(missing, room * (top - bottom))
    return float(10 ** (bottom - pad)), float(10 ** (top + pad))


def log_axis(
    axes: Axes,
    which: str,
    limits: tuple[float, float],
    label: Callable[[float], str],
    most: int = 7,
) -> None:
    """Makes the x or y axis logarithmic with at most about `most` labels, which `label` writes."""
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    (axes.set_xlim if which == "x" else axes.set_ylim)(*limits)
    axis: Any = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(FixedLocator(log_ticks(*limits, most)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: label(value)))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """The densest of 1-2-5 steps, 1-3 steps, decades and multiples of decades within `most`."""
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
        ticks = [
            step * 10.0**exponent
            for exponent in exponents
            for step in steps
            if low <= step * 10.0**exponent <= high
        ]
        if len(ticks) <= most:
            return ticks
    stride = math.ceil(len(ticks) / most)
    return ticks[::stride]


def tasks_axis(axes: Axes, tasks: Iterable[int]) -> None:
    """Logarithmic x axis over numbers of tasks, labelled at these."""
    counts = sorted(set(tasks))
    log_axis(axes, "x", decades(counts[0], counts[-1], at_least=1.2, room=0.06), quantity)
    axes.xaxis.set_major_locator(FixedLocator(spaced(counts)))


def spaced(counts: Sequence[int]) -> list[int]:
    """Those of the ascending numbers whose labels have room on a logarithmic axis."""
    shown: list[int] = []
    apart = max(1.3, (counts[-1] / counts[0]) ** 0.09)
    for count in counts:
        if not shown or count >= shown[-1] * apart:
            shown.append(count)
    return shown


def makespan_axis(axes: Axes, times: Iterable[float]) -> None:
    """Logarithmic y axis over times in ns."""
    known = [time for time in times if time > 0] or [1e6]
    log_axis(axes, "y", decades(min(known), max(known), at_least=1.0), duration)
