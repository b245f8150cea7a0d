# SPDX-License-Identifier: Apache-2.0
"""Models beside their floors, what the system's calls alone take that a model cannot do without.

Both were measured in every round, one soon after the other: the ratio is that of each round, and what
slows the machine for longer than a round slows both. Its median and interval are those of the rounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from makespan import units
from makespan.batch import Batch, batch_of
from makespan.columns import CASE_KEY, FOOTPRINT, LIFECYCLE, floor_of, split_variant
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
    """Every case of a model whose floor was measured in the same shape."""
    timed = (samples["status"] == "ok") & (samples["makespan_ns"] > 0) & (samples["tasks"] > 0)
    others = samples["benchmark"].isin((LIFECYCLE, FOOTPRINT))  # these have tables of their own
    shaped = samples["processes"].notna() & samples["threads"].notna()
    frame = samples[timed & shaped & ~others]
    cases = _rounds(frame)
    found = []
    for key, rounds in cases.items():
        floor = cases.get(replace(key, own=floor_of(key.own)))
        if floor is not None and rounds.index.intersection(floor.index).size:
            found.append(_pair(key, rounds, floor))
    return sorted(found, key=lambda pair: (pair.batch.sort_key, pair.model, pair.shape))


@dataclass(frozen=True)
class _Key:
    batch: Batch
    model: str
    own: str
    processes: int
    threads: int


def _rounds(frame: pd.DataFrame) -> dict[_Key, pd.Series]:
    """ns a task by run and round, the median of the rows of a round."""
    each = frame["makespan_ns"].astype("float64") / frame["tasks"].astype("float64")
    found = {}
    for _, rows in frame.groupby(list(CASE_KEY), dropna=False, sort=False):
        row = rows.iloc[0]
        key = _Key(
            batch_of(row.to_dict()),
            str(row["model"]),
            split_variant(str(row["variant"])).own,
            int(row["processes"]),
            int(row["threads"]),
        )
        by_round = [rows[name] for name in ("run_id", "round")]
        found[key] = each[rows.index].groupby(by_round).median()
    return found


def _pair(key: _Key, own: pd.Series, floor: pd.Series) -> Pair:
    own, floor = own.align(floor, join="inner")
    ratio = ratio_of_rounds(own.to_dict(), floor.to_dict())
    assert ratio is not None  # pairs() has looked
    model = f"{key.model} {key.own}".strip()
    return Pair(key.batch, model, f"{key.processes} × {key.threads}", own.median(), floor.median(), ratio)


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
