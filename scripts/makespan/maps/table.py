# SPDX-License-Identifier: Apache-2.0
"""The tables of a run that holds a map: who wins where, and where the winner changes."""

from __future__ import annotations

import math

import pandas as pd

from makespan import units
from makespan.tables import NONE, Table
from makespan.talk import Section
from makespan.winners import Outcome, Verdict

from .crossings import Crossing, crossings
from .field import Field, find_field
from .points import AXES, Point, Verdicts, main_values, value_at
from .refinement import winner_changes

TITLE = "Map of winners"
ABOUT = (
    "the winner of every batch of the coarse grid, each model in its best shape; a ~ b are not separated;"
    " CPU is the share of a task that computes"
)
CHANGES = "Where the winner changes"
ABOUT_CHANGES = (
    "between neighbours of the grid that have no first place in common: where the makespans of the two"
    " models are equal, interpolated, and its 95 % interval"
)


def sections(samples: pd.DataFrame, summary: pd.DataFrame) -> list[Section]:
    """The map and its changes, or nothing if the run holds no map."""
    field = find_field(samples, summary)
    if not field.verdicts:
        return []
    found = [Section(TITLE, ABOUT, map_table(field.verdicts))]
    changes = changes_table(field)
    return [*found, Section(CHANGES, ABOUT_CHANGES, changes)] if changes.rows else found


def map_table(verdicts: Verdicts) -> Table:
    """A row for each share and length, a column for each number of tasks of the coarse grid."""
    tasks, lengths, computing = (main_values(verdicts, axis) for axis in AXES)
    header = ("CPU", "task", *(units.count(int(n), "task") for n in tasks))
    rows = [
        [
            units.percent(share),
            units.duration(length, 3),
            *(winner(verdicts.get(Point(int(n), int(length), share))) for n in tasks),
        ]
        for share in computing
        for length in lengths
    ]
    return Table(header, frozenset(), rows)


def winner(verdict: Verdict | None) -> str:
    if verdict is None:
        return NONE
    names = [contender.label for contender in verdict.first]
    said = {Outcome.WON: names[:1], Outcome.SHARED: names, Outcome.ALONE: [f"{' '.join(names)} alone"]}
    return " ~ ".join(said.get(verdict.outcome, [verdict.outcome.value]))


def changes_table(field: Field) -> Table:
    """Along the lines of the coarse grid."""
    main = {axis: set(main_values(field.verdicts, axis)) for axis in AXES}
    header = ("batch", "below", "crossover", "above")
    rows = [
        [batch(one), one.below, crossover(field, one), one.above]
        for one in crossings(field)
        if all(getattr(one.low, axis) in main[axis] for axis in AXES if axis != one.axis)
        and winner_changes(field.verdicts, one.low, one.high)
    ]
    return Table(header, frozenset(), rows)


def batch(one: Crossing) -> str:
    """What stays the same along the line."""
    point = one.low
    words = {
        "tasks": units.count(point.tasks, "task"),
        "length_ns": f"{units.duration(point.length_ns, 3)} each",
        "share": f"{units.percent(point.share)} CPU",
    }
    return ", ".join(text for axis, text in words.items() if axis != one.axis)


def crossover(field: Field, one: Crossing) -> str:
    """Like `120 tasks (95 … 160)`; an end beyond the line is told as beyond its last point."""
    line = [point.at(one.axis) for point in field.times if point.beside(one.axis) == one.low.beside(one.axis)]
    if math.isnan(one.first):
        return said(one.axis, one.value)
    low = said(one.axis, value_at(one.axis, max(one.first, min(line))))
    high = said(one.axis, value_at(one.axis, min(one.last, max(line))))
    return (
        f"{said(one.axis, one.value)} ({'< ' if one.first < min(line) else ''}{low} … "
        f"{'> ' if one.last > max(line) else ''}{high})"
    )


def said(axis: str, value: float) -> str:
    if axis == "tasks":
        return units.count(round(value), "task")
    return units.duration(value, 2) if axis == "length_ns" else f"{units.percent(value, 2)} CPU"
