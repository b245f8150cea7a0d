# SPDX-License-Identifier: Apache-2.0
"""What models took: the figures of a question, each with its value in every round and the rows it was made from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from makespan import units
from makespan.batch import Batch, batch_of
from makespan.columns import CASE_KEY, split_variant
from makespan.launches import failure_of, sort_out_rows
from makespan.statistics import Interval, median_interval

from .questions import Question, Side, shape_of
from .ratios import Round, Span, exactly


@dataclass(frozen=True)
class Figure:
    """Of one model in one variant and shape, in ns or bytes: `value` is the median over the launches, for a sweep
    what all launches together give, and None where nothing could be made of them; `rounds` has limits of that of
    each round alone. `at_most`: the value is an upper limit. `failure` says why launches gave nothing; such a model
    is not the best one. `rows` are those of samples.csv that the figure rests on."""

    side: Side
    model: str
    own: str
    shape: str
    value: Interval | None
    rounds: Mapping[Round, Span]
    rows: pd.DataFrame
    failure: str = ""
    at_most: bool = False

    @property
    def name(self) -> str:
        return f"{self.model}/{self.own}" if self.own else self.model

    @property
    def complete(self) -> bool:
        return self.value is not None and self.value.median > 0 and not self.failure


_FORMULAS: Mapping[str, Callable[[pd.DataFrame], pd.Series]] = {
    "makespan_ns": lambda rows: rows["makespan_ns"],
    "user_cpu_ns + system_cpu_ns": lambda rows: rows["user_cpu_ns"] + rows["system_cpu_ns"],
    "makespan_ns / tasks": lambda rows: rows["makespan_ns"] / rows["tasks"],
    "1e9 / messages_per_second": lambda rows: 1e9 / rows["messages_per_second"],
    "1e9 / messages_per_second / stages": lambda rows: 1e9 / rows["messages_per_second"] / rows["stages"],
}


def row_figures(question: Question, samples: pd.DataFrame) -> list[Figure]:
    """Those of the batch that most sides did; of several the one with the smallest messages, the longest chain and
    the most tasks."""
    batches: dict[Batch, list[Figure]] = {}
    frame = samples[samples["benchmark"] == question.benchmark]
    for _, rows in frame.groupby(list(CASE_KEY), dropna=False, sort=False):
        row = rows.iloc[0].to_dict()
        batch, own = batch_of(row), split_variant(str(row["variant"])).own
        side = question.side(str(row["model"]), own)
        if side and question.takes(batch) and question.fits(shape_of(row)):
            figure = _figure(question, side, str(row["model"]), own, rows)
            batches.setdefault(batch, []).append(figure)
    return max(batches.items(), key=lambda item: _worth(*item))[1] if batches else []


def by_round(rows: pd.DataFrame) -> Iterator[tuple[Round, pd.DataFrame]]:
    """The rows of each round of each run."""
    for (run, number), part in rows.groupby(["run_id", "round"], dropna=False, sort=True):
        yield (str(run), 0 if pd.isna(number) else int(number)), part


def _worth(batch: Batch, found: list[Figure]) -> tuple[object, ...]:
    sides = len({figure.side for figure in found if figure.complete})
    return sides, -batch.payload_bytes, batch.stages, batch.tasks, -batch.sleep_ns


def _figure(question: Question, side: Side, model: str, own: str, rows: pd.DataFrame) -> Figure:
    of_launch = [rows["run_id"], rows["launch"]]
    good = rows[(rows["status"] == "ok").groupby(of_launch, dropna=False).transform("all")]
    values = _FORMULAS[question.formula](good)
    values = pd.Series(values.to_numpy(dtype="float64", na_value=np.nan), index=good.index).dropna()
    usable = np.isfinite(values) & (values > 0)
    unusable = _launches(good.loc[values.index[~usable]])
    values = values[~_launch_of(good.loc[values.index]).isin(unusable)]
    good = good.loc[values.index]
    launches = values.groupby([good["run_id"], good["launch"]], dropna=False).median()
    shapes = rows[["processes", "threads"]].iloc[0]
    return Figure(
        side,
        model,
        own,
        "" if shapes.isna().any() else f"{shapes.iloc[0]} × {shapes.iloc[1]}",
        median_interval(launches) if len(launches) else None,
        {number: exactly(float(values[part.index].median())) for number, part in by_round(good)},
        good,
        failure_of(sort_out_rows(rows.to_dict("records"))) or _no_number(question, len(unusable)),
    )


def _launch_of(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(list(zip(rows["run_id"], rows["launch"])), index=rows.index, dtype=object)


def _launches(rows: pd.DataFrame) -> set[object]:
    return set(_launch_of(rows))


def _no_number(question: Question, launches: int) -> str:
    if not launches:
        return ""
    return f"{question.formula} is no finite number above 0 in {units.count(launches, 'launch')}"
