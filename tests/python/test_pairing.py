# SPDX-License-Identifier: Apache-2.0
"""From the samples of two builds to one difference for each block of launches."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pytest
import synthetic
from makespan.arms import BASELINE, CURRENT, arm_of, arm_run_id, split_arms
from makespan.metrics import MAKESPAN, MEMORY, Metric
from makespan.pairing import Series, paired_series
from paired_synthetic import SERIAL, Job, paired
from synthetic import Row

Frame = Callable[..., pd.DataFrame]


def series_of(frame: Frame, rows: Iterable[Row], metric: Metric = MAKESPAN) -> Series:
    arms = split_arms(frame(list(rows)))
    assert arms.baseline is not None
    (found,) = (s for s in paired_series(arms.current, arms.baseline) if s.metric is metric)
    return found


def test_arms(frame: Frame) -> None:
    assert (arm_of("x"), arm_of(arm_run_id("x", BASELINE)), arm_of("+baseline-x")) == (CURRENT, BASELINE, CURRENT)
    rows = paired([Job(SERIAL)], 2)
    arms = split_arms(frame(rows))
    assert arms.baseline is not None
    assert arms.current["run_id"].tolist() == ["20260131T120102Z-1a2b3c4"] * 4
    assert sorted([*arms.current["launch"], *arms.baseline["launch"]]) == list(range(1, 9))
    assert split_arms(frame()).baseline is None


def test_a_block_is_one_difference_of_logarithms(frame: Frame) -> None:
    """Current 20 and 80 ns, baseline twice 10 ns: 40 and 10 by the geometric mean."""
    rows = paired([Job(SERIAL)], 2)
    times = {CURRENT: iter((20, 80)), BASELINE: iter((10, 10))}
    for row in rows[:4]:
        row["makespan_ns"] = str(next(times[arm_of(row["run_id"])]))
    found = series_of(frame, rows)
    assert found.differences.shape == (2,)
    assert found.differences[0] == pytest.approx(math.log(4))


def test_rows_of_one_launch_are_summarised_first(frame: Frame) -> None:
    rows = paired([Job(SERIAL)], 1)
    first = rows[0]
    rows = [{**first, "makespan_ns": str(time)} for time in (7, 9_000_000_000, 500)] + rows[1:]
    found = series_of(frame, rows)
    logs = found.current if arm_of(first["run_id"]) == CURRENT else found.baseline
    assert np.exp(logs.min()) == pytest.approx(500), "the median of the three"


@pytest.mark.parametrize("spoil", ["missing", "error", "twice", "zero"])
def test_a_block_without_all_its_launches_does_not_count(frame: Frame, spoil: str) -> None:
    rows = paired([Job(SERIAL)], 8)
    assert series_of(frame, rows).differences.shape == (8,)
    if spoil == "missing":
        del rows[5]
    elif spoil == "error":
        rows[5] = synthetic.failed(rows[5], "timeout", "no end after 60 s")
    elif spoil == "twice":
        rows.append({**rows[5], "launch": "999"})
    else:
        rows[5]["makespan_ns"] = "0"
    assert series_of(frame, rows).differences.shape == (7,)


def test_a_value_that_is_missing_costs_the_block_for_that_metric_only(frame: Frame) -> None:
    rows = paired([Job(SERIAL)], 8)
    rows[9]["peak_rss_bytes"] = ""
    assert series_of(frame, rows, MEMORY).differences.shape == (7,)
    assert series_of(frame, rows).differences.shape == (8,)
