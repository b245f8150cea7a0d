# SPDX-License-Identifier: Apache-2.0
"""Comparisons of made-up paired runs, and their verdicts by case."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from makespan.comparison import Comparison, compare_paired, read_side
from makespan.metrics import MAKESPAN, Metric
from makespan.verdicts import Rules, Verdict
from paired_synthetic import LOOP, POOL, SERIAL, Job, write_paired
from synthetic import Row

QUIET = (Job(SERIAL), Job(LOOP), Job(POOL))


def compared(folder: Path, rows: Iterable[Row], rules: Rules = Rules(), **run: object) -> Comparison:
    return compare_paired(read_side(write_paired(folder / "run", rows, **run)), rules)


def of(comparison: Comparison, job: Job, metric: Metric = MAKESPAN) -> Verdict:
    (found,) = (v for v in comparison.verdicts if (v.case, v.metric) == (job.key, metric))
    return found
