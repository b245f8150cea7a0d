# SPDX-License-Identifier: Apache-2.0
"""What is followed over time and told to other trackers: the metrics of a case, by launch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from makespan.case_name import case_name
from makespan.casekey import CaseKey, benchmark_of, case_keys
from makespan.launches import failure, gravity, sort_out
from makespan.metrics import METRICS, Floats, Metric, metrics_of


@dataclass(frozen=True)
class TrackedCase:
    """One case of a run: each of its metrics -> one value a launch, in the order of the launches, NaN
    where the launch has none.

    `iterations` is the computing work of one task in kernel iterations, None where there is none.
    `failed` counts the launches that did not succeed, and `failure` tells how, with the reason of the worst.
    """

    key: CaseKey
    values: Mapping[str, Floats]
    iterations: int | None
    failed: int
    failure: str

    @property
    def name(self) -> str:
        return case_name(self.key)

    @property
    def metrics(self) -> tuple[Metric, ...]:
        return metrics_of(benchmark_of(self.key))

    @property
    def launches(self) -> int:
        """How many launches count."""
        return len(self.values[self.metrics[0].name])

    def known(self, metric: Metric) -> Floats:
        """The values that there are."""
        values = self.values[metric.name]
        return values[~np.isnan(values)]


def tracked_cases(samples: pd.DataFrame) -> list[TrackedCase]:
    """The cases of one arm of a run, in the order in which they first appear.

    A launch that succeeded counts once, with the median of its rows.
    """
    columns = {metric.name: _floats(samples, *metric.columns) for metric in METRICS}
    iterations = _floats(samples, "compute_iterations")
    status = [str(one) for one in samples["status"]]
    error = [str(one) for one in samples["error"]]
    launches = list(zip(samples["run_id"].tolist(), samples["launch"].tolist()))
    found: dict[CaseKey, list[int]] = {}
    for row, key in enumerate(case_keys(samples)):
        found.setdefault(key, []).append(row)
    cases = []
    for key, rows in found.items():
        own = sort_out(rows, launches.__getitem__, status.__getitem__)
        worst = max(rows, key=lambda row: gravity(status[row]))
        metrics = [metric.name for metric in metrics_of(benchmark_of(key))]
        cases.append(
            TrackedCase(
                key=key,
                values={name: _medians(columns[name], own.good) for name in metrics},
                iterations=_work(iterations[rows]),
                failed=len(own.failed),
                failure=failure(status[worst], error[worst], len(own.failed), len(own.good)),
            )
        )
    return cases


def _floats(frame: pd.DataFrame, *columns: str) -> Floats:
    """The sum of the columns, NaN where one of them has no value."""
    parts = [frame[name].to_numpy(dtype="float64", na_value=np.nan) for name in columns]
    return np.asarray(np.sum(parts, axis=0), dtype=np.float64)


def _medians(column: Floats, launches: Sequence[list[int]]) -> Floats:
    values = np.full(len(launches), np.nan)
    for place, rows in enumerate(launches):
        known = column[rows][~np.isnan(column[rows])]
        if known.size:
            values[place] = np.median(known)
    return values


def _work(iterations: Floats) -> int | None:
    known = iterations[iterations > 0]
    return int(np.median(known)) if known.size else None
