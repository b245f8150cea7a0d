# SPDX-License-Identifier: Apache-2.0
"""Models beside their floors, what the system's calls alone take that a model cannot do without.

Both were measured in every round, one soon after the other: the ratio is that of each round, and what
slows the machine for longer than a round slows both. Its median and interval are those of the rounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from makespan import units
from makespan.batch import Batch, batch_of
from makespan.columns import BARE, CASE_KEY, FOOTPRINT, LIFECYCLE, split_variant
from makespan.statistics import Interval, ratio_of_rounds
from makespan.tables import Table
from makespan.talk import Section

TITLE = "Models beside their floors"
ABOUT = (
    "the makespan for each task, and how many times that of the same loop of bare system calls, measured"
    " in the same round, with the 95 % interval over the rounds"
)


@dataclass(frozen=True)
class Pair:
    """A case and its floor, in ns a task, and the ratios of the rounds that have both."""

    batch: Batch
    model: str
    shape: str
    own_ns: float
    floor_ns: float
    ratio: Interval


def section(samples: pd.DataFrame) -> list[Section]:
    """One table, or none if the run has no model with its floor."""
    found = pairs(samples)
    return [Section(TITLE, ABOUT, _table(found))] if found else []


def pairs(samples: pd.DataFrame) -> list[Pair]:
    """Every case of a model in its ordinary form whose floor was measured in the same shape."""
    timed = (samples["status"] == "ok") & (samples["makespan_ns"] > 0) & (samples["tasks"] > 0)
    others = samples["benchmark"].isin((LIFECYCLE, FOOTPRINT))  # these have tables of their own
    frame = samples[timed & ~others]
    parts = frame["variant"].map(lambda variant: split_variant(str(variant)).own)
    if not (parts == BARE).any():
        return []
    sides = {floor: _rounds(frame[parts == own]) for floor, own in ((False, ""), (True, BARE))}
    found = [
        _pair(key, own, sides[True][key])
        for key, own in sides[False].items()
        if key in sides[True] and own.index.intersection(sides[True][key].index).size
    ]
    return sorted(found, key=lambda pair: (pair.batch.sort_key, pair.model, pair.shape))


_Key = tuple[Batch, str, int, int]


def _rounds(frame: pd.DataFrame) -> dict[_Key, pd.Series]:
    """ns a task by run and round, the median of the rows of a round."""
    each = frame["makespan_ns"].astype("float64") / frame["tasks"].astype("float64")
    found = {}
    for _, rows in frame.groupby(list(CASE_KEY), dropna=False, sort=False):
        row = rows.iloc[0]
        key = (
            batch_of(row.to_dict()),
            str(row["model"]),
            int(row["processes"]),
            int(row["threads"]),
        )
        by_round = [rows[name] for name in ("run_id", "round")]
        found[key] = each[rows.index].groupby(by_round).median()
    return found


def _pair(key: _Key, own: pd.Series, floor: pd.Series) -> Pair:
    batch, model, processes, threads = key
    own, floor = own.align(floor, join="inner")
    ratio = ratio_of_rounds(own.to_dict(), floor.to_dict())
    assert ratio is not None  # pairs() has looked
    return Pair(batch, model, f"{processes} × {threads}", own.median(), floor.median(), ratio)


def _table(found: Sequence[Pair]) -> Table:
    header = (
        "batch",
        "model",
        "shape",
        "per task",
        "floor",
        "times the floor",
        "rounds",
    )
    return Table(header, frozenset(header[3:]), [list(_row(pair)) for pair in found])


def _row(pair: Pair) -> Iterator[str]:
    yield from (str(pair.batch), pair.model, pair.shape)
    yield from (units.duration(ns, 3) for ns in (pair.own_ns, pair.floor_ns))
    yield from (units.ratio(pair.ratio), str(pair.ratio.n))
