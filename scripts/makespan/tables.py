# SPDX-License-Identifier: Apache-2.0
"""The cells of the tables of a report, the same for the terminal and for Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from makespan import units
from makespan.batch import Batch
from makespan.winners import Contender, Outcome, Verdict, contenders, judge

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
    batches = contenders(summary)
    for verdict in judge(summary):
        batch = verdict.batch
        figures = _talk_figures if batch.talks else _task_figures
        ranking = sorted(batches[batch], key=_rank)
        numeric = ("n", "makespan", *figures(ranking[0], batch))
        rows = [_case(contender, figures(contender, batch)) for contender in ranking]
        yield batch, Table(("model", "shape", *numeric, "trust"), frozenset(numeric), rows)


def missing(verdicts: Sequence[Verdict]) -> list[str]:
    """One line for each model and shape that failed or was skipped."""
    return [f"{verdict.batch}: {one}" for verdict in verdicts for one in verdict.missing]


def _winner(verdict: Verdict) -> list[str]:
    names = ", ".join(contender.label for contender in verdict.first)
    said = {
        Outcome.WON: names,
        Outcome.SHARED: f"not separated: {names}",
        Outcome.ALONE: f"{names} ({verdict.outcome.value})",
    }
    won = verdict.outcome in (Outcome.WON, Outcome.ALONE)
    follower = verdict.follower
    pace, efficiency = _range(verdict.first)
    talks = verdict.batch.talks
    behind = (follower.label if talks else str(follower)) if follower else NONE
    return [
        str(verdict.batch),
        said.get(verdict.outcome, verdict.outcome.value),
        verdict.first[0].shape if won else NONE,
        f"{pace} each" if talks and verdict.first else pace,
        efficiency,
        f"{behind}: {units.significant(verdict.ratio, 3)} times" if follower else NONE,
        verdict.grade,
    ]


def _range(first: Sequence[Contender]) -> tuple[str, str]:
    """Makespan, or time per message, and efficiency; of several contenders the range, which names none of them."""
    if not first:
        return NONE, NONE
    medians = [contender.pace.median for contender in first]
    shares = [contender.efficiency for contender in first]
    if len(first) == 1:
        return units.interval(first[0].pace), units.percent(shares[0])
    ends = [units.percent(share) for share in (min(shares), max(shares))]
    return units.span(min(medians), max(medians)), " … ".join(dict.fromkeys(ends))


def _rank(contender: Contender) -> tuple[bool, float, str]:
    median = contender.pace.median
    return not contender.complete, 0.0 if math.isnan(median) else median, str(contender)


def _case(contender: Contender, figures: Mapping[str, str]) -> list[str]:
    interval = contender.interval
    makespan = [units.interval(interval)] if interval.n else []
    return [
        contender.label,
        contender.shape,
        str(interval.n),
        "; ".join([*makespan, *([contender.failure] if contender.failure else [])]),
        *figures.values(),
        contender.grade,
    ]


def _task_figures(contender: Contender, _: Batch) -> dict[str, str]:
    """Column -> cell of a batch of plain tasks."""
    bound = contender.model_bound_ns
    above = contender.interval.median / bound - 1 if bound else math.nan
    return {
        "model bound": units.duration(bound),
        "above bound": units.percent(above),
        "efficiency": units.percent(contender.efficiency),
        "in flight": units.significant(contender.max_in_flight),
        "parallelism": units.significant(contender.parallelism, 3),
    }


def _talk_figures(contender: Contender, batch: Batch) -> dict[str, str]:
    """Column -> cell of a batch of tasks that talk; CPU time is that of a task, which in a ring is
    not that of a hop."""
    what = batch.piece
    cells = {
        f"per {what}": units.duration(contender.pace_ns, 3),
        "per second": units.short(contender.messages_per_second),
    }
    if batch.benchmark != "ring":
        cells[f"CPU per {what}"] = units.duration(contender.cpu_per_task_ns, 3)
    if batch.benchmark == "ping_pong":
        cells["round trip p50"] = units.duration(contender.round_trip_p50_ns, 3)
        cells["p99"] = units.duration(contender.round_trip_p99_ns, 3)
    return {**cells, "parallelism": units.significant(contender.parallelism, 3)}
