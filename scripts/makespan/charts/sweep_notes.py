# SPDX-License-Identifier: Apache-2.0
"""What the chart of a sweep of the granularity cannot show, in words."""

from __future__ import annotations

from collections.abc import Sequence

from makespan.granularity.metg import THRESHOLDS, State
from makespan.granularity.sweeps import Sweep
from makespan.units import one_line, percent

from .data import RunData
from .failures import MOST_NOTES, REASON_LENGTH
from .metg_marks import Curve
from .swept import place_of, swept_cases
from .text import duration, listed


def not_reached(curves: Sequence[Curve]) -> list[str]:
    """A note for each threshold that some curve does not reach, or has too few points to tell."""
    notes = []
    for place, threshold in enumerate(THRESHOLDS):
        for state in (State.NEVER, State.TOO_FEW):
            names = [
                f"{curve.series.name} {curve.sweep.shape}"
                for curve in curves
                if curve.metgs[place].state is state
            ]
            if names:
                notes.append(f"METG({percent(threshold)}), {state.value}: {listed(names)}.")
    return notes


def no_time(data: RunData, sweeps: Sequence[Sweep]) -> list[str]:
    """Like "× threads 1 × N skipped: tasks of 10 µs and 5 µs (the first: no more threads)"."""
    cases, notes = swept_cases(data), []
    for sweep in sweeps:
        keys = [*(point.key for point in sweep.points), *sweep.missing]
        found: dict[str, list[tuple[int, str]]] = {}
        for key in sorted(keys, key=lambda key: -key.compute_ns):
            case = cases[place_of(sweep, key)]
            some = "" if case.median is None else " in some launches"
            for failure in case.failures:
                what = key.compute_ns, one_line(failure.error, REASON_LENGTH)
                found.setdefault(failure.status + some, []).append(what)
        for status, failed in found.items():
            tasks = listed([duration(ns) for ns, _ in failed], 4)
            why = f" (the first: {failed[0][1]})" if failed[0][1] else ""
            notes.append(f"× {sweep.name} {sweep.shape} {status}: tasks of {tasks}{why}")
    if len(notes) <= MOST_NOTES:
        return notes
    return [*notes[:MOST_NOTES], f"× … and {len(notes) - MOST_NOTES} more, see samples.csv."]
