# SPDX-License-Identifier: Apache-2.0
"""The cells of the tables of a report, the same for the terminal and for Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from makespan import units
from makespan.winners import Batch, Contender, Outcome, Verdict, contenders, judge

NONE = "–"


@dataclass(frozen=True)
class Table:
    """Column heads, the columns that hold numbers only, and the rows."""

    header: tuple[str, ...]
    numeric: frozenset[str]
    rows: Sequence[Sequence[str]]


def winners_table(verdicts: Sequence[Verdict]) -> Table:
    header = ("batch", "winner", "shape", "makespan", "efficiency", "next", "trust")
    return Table(header, frozenset(), [_winner(verdict) for verdict in verdicts])


def case_tables(summary: pd.DataFrame) -> Iterator[tuple[Batch, Table]]:
    """Every case, one table a batch: the fastest first, failures last with their reason."""
    numeric = ("n", "makespan", "model bound", "above bound", "efficiency", "in flight", "parallelism")
    header = ("model", "shape", *numeric, "trust")
    batches = contenders(summary)
    for verdict in judge(summary):
        rows = [_case(contender) for contender in sorted(batches[verdict.batch], key=_rank)]
        yield verdict.batch, Table(header, frozenset(numeric), rows)


def missing(verdicts: Sequence[Verdict]) -> list[str]:
    """One line for each model and shape that failed or was skipped."""
    return [f"{verdict.batch}: {one}" for verdict in verdicts for one in verdict.missing]


def _winner(verdict: Verdict) -> list[str]:
    names = ", ".join(contender.model for contender in verdict.first)
    said = {
        Outcome.WON: names,
        Outcome.SHARED: f"not separated: {names}",
        Outcome.ALONE: f"{names} ({verdict.outcome.value})",
    }
    won = verdict.outcome in (Outcome.WON, Outcome.ALONE)
    follower = verdict.follower
    makespan, efficiency = _range(verdict.first)
    return [
        str(verdict.batch),
        said.get(verdict.outcome, verdict.outcome.value),
        verdict.first[0].shape if won else NONE,
        makespan,
        efficiency,
        f"{follower}: {units.significant(verdict.ratio, 3)} times" if follower else NONE,
        verdict.grade,
    ]


def _range(first: Sequence[Contender]) -> tuple[str, str]:
    """Makespan and efficiency; of several contenders the range, which names none of them."""
    if not first:
        return NONE, NONE
    medians = [contender.interval.median for contender in first]
    shares = [contender.efficiency for contender in first]
    if len(first) == 1:
        return units.interval(first[0].interval), units.percent(shares[0])
    ends = [units.percent(share) for share in (min(shares), max(shares))]
    return units.span(min(medians), max(medians)), " … ".join(dict.fromkeys(ends))


def _rank(contender: Contender) -> tuple[bool, float, str]:
    median = contender.interval.median
    return not contender.complete, 0.0 if math.isnan(median) else median, str(contender)


def _case(contender: Contender) -> list[str]:
    interval, bound = contender.interval, contender.model_bound_ns
    makespan = [units.interval(interval)] if interval.n else []
    return [
        contender.model,
        contender.shape,
        str(interval.n),
        "; ".join([*makespan, *([contender.failure] if contender.failure else [])]),
        units.duration(bound),
        units.percent(interval.median / bound - 1 if bound else math.nan),
        units.percent(contender.efficiency),
        units.significant(contender.max_in_flight),
        units.significant(contender.parallelism, 3),
        contender.grade,
    ]
