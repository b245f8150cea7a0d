# SPDX-License-Identifier: Apache-2.0
"""The table of METG of a run that holds sweeps."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from makespan import units
from makespan.tables import NONE, Table
from makespan.talk import Section

from .metg import THRESHOLDS, Metg, State, metg
from .sweeps import FEWEST, Sweep, find_sweeps

TITLE = "METG: how small tasks may be"
ABOUT = (
    "METG(50 %) is the smallest granularity, makespan × CPUs ÷ tasks, at which at least half of the"
    " time of the CPUs goes into the tasks' own work; in brackets its 95 % interval; own work is what a"
    " task itself then computes; CPUs are those that the shape may use, of those that are there"
)


def section(samples: pd.DataFrame, cpus: float | None) -> list[Section]:
    """One table, or none if the run holds no sweep. `cpus` is that of env.json."""
    sweeps = find_sweeps(samples, cpus)
    return [Section(TITLE, ABOUT, metg_table(sweeps))] if sweeps else []


def metg_table(sweeps: list[Sweep]) -> Table:
    columns = [(f"METG({units.percent(x)})", f"own work at {units.percent(x)}") for x in THRESHOLDS]
    header = ("model", "shape", "CPUs", *(name for pair in columns for name in pair))
    return Table(header, frozenset(), [_row(sweep) for sweep in sweeps])


def _row(sweep: Sweep) -> list[str]:
    cpus = f"{sweep.cpus:g} of {sweep.reference.cpus:g}"
    found = (metg(sweep, threshold) for threshold in THRESHOLDS)
    return [sweep.name, sweep.shape, cpus, *(cell for one in found for cell in cells(sweep, one))]


def cells(sweep: Sweep, found: Metg) -> Iterator[str]:
    """METG with its interval, and the own work there, in words where there is none."""
    if found.state is State.TOO_FEW:
        tried = len(sweep.points) + len(sweep.missing)
        yield f"too few points: {len(sweep.points)} of {tried}, {FEWEST} needed"
        yield NONE
        return
    ends = _ends(sweep, found)
    often = f"; crossed {found.crossings} times" if found.crossings > 1 else ""
    if found.state is State.NEVER:
        yield f"not reached: at most {units.percent(sweep.best)}{ends}{often}"
        yield NONE
        return
    sign = "≤ " if found.state is State.AT_MOST else ""
    yield f"{sign}{units.duration(found.granularity_ns, 3)}{ends}{often}"
    yield f"{sign}{units.duration(found.own_ns, 3)}"


def _ends(sweep: Sweep, found: Metg) -> str:
    """The interval like " (1.9 µs … 2.2 µs)"; empty where there is none, and where it says no more than
    the state does."""
    low, high = found.low_ns, found.high_ns
    if low is None or high is None or (low == high and low in (0.0, math.inf)):
        return ""
    finest = min(point.granularity for point in sweep.points)
    return f" ({_end(low, finest)} … {_end(high, finest)})"


def _end(ns: float, finest: float) -> str:
    if math.isinf(ns):
        return "not reached"
    return units.duration(ns, 3) if ns else f"≤ {units.duration(finest, 3)}"
