# SPDX-License-Identifier: Apache-2.0
"""From samples to the values that are compared: one for each launch, and in a paired run one for each
block of four launches.

The unit is the launch: its rows are not independent of one another and count once, with their median.
A block is what one round has of one case: two launches of either build, adjacent in time, in the order
ABBA or BAAB. Its difference, mean(log A) - mean(log B), is free of any drift that is linear within the
block, and its sign would be a fair coin if the builds were equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from makespan.casekey import CaseKey, benchmark_of, case_keys
from makespan.metrics import METRICS, Floats, Metric, metrics_of

#: Launches of each arm in a block.
PER_ARM = 2


@dataclass(frozen=True)
class LaunchCost:
    """One launch of a case: `logs` holds, for each of METRICS, the logarithm of its cost, NaN where it
    has none or where any of its rows is not ok."""

    case: CaseKey
    launch: int
    round: int
    logs: tuple[float, ...]


@dataclass(frozen=True)
class Series:
    """One case and metric. `current` and `baseline` have one line a block, one column a launch, or in
    runs that were not measured by turns one line a launch; logarithms of costs, none missing."""

    case: CaseKey
    metric: Metric
    current: Floats
    baseline: Floats

    @property
    def differences(self) -> Floats:
        """One for each block: current - baseline."""
        result: Floats = self.current.mean(axis=1) - self.baseline.mean(axis=1)
        return result


def launch_costs(samples: pd.DataFrame) -> dict[CaseKey, list[LaunchCost]]:
    """The launches of every case, in the order of the rows."""
    logs = np.column_stack([metric.log_costs(samples) for metric in METRICS])
    ok = (samples["status"] == "ok").to_numpy()
    launches = samples["launch"].to_numpy(dtype="int64", na_value=-1).tolist()
    rounds = samples["round"].to_numpy(dtype="int64", na_value=-1).tolist()
    # A launch that wrote rows under two run_ids is two: two runs in one file.
    names = zip(case_keys(samples), samples["run_id"].tolist(), launches, rounds)
    groups: dict[tuple[CaseKey, str, int, int], list[int]] = {}
    for row, name in enumerate(names):
        groups.setdefault(name, []).append(row)
    found: dict[CaseKey, list[LaunchCost]] = {}
    for (case, _, launch, round), rows in groups.items():
        if not ok[rows].all():
            value = np.full(len(METRICS), np.nan)
        else:
            value = logs[rows[0]] if len(rows) == 1 else np.median(logs[rows], axis=0)
        cost = LaunchCost(case, launch, round, tuple(value.tolist()))
        found.setdefault(case, []).append(cost)
    return found


def paired_series(current: pd.DataFrame, baseline: pd.DataFrame) -> list[Series]:
    """Every case of either arm with every metric that it has, in the order in which they appear.

    A block of which a launch is missing, not ok or without a value does not count for that metric; a
    case without a single block is there all the same, with no lines.
    """
    ours, theirs = launch_costs(current), launch_costs(baseline)
    found = []
    for case in dict.fromkeys([*ours, *theirs]):
        one, other = _by_round(ours.get(case, ())), _by_round(theirs.get(case, ()))
        rounds = [r for r in sorted(one) if len(one[r]) == PER_ARM == len(other.get(r, ()))]
        for place, metric in _metrics_of(case, [*ours.get(case, ()), *theirs.get(case, ())]):
            blocks = np.array(
                [[[c.logs[place] for c in arm[r]] for arm in (one, other)] for r in rounds]
            ).reshape(-1, 2, PER_ARM)
            blocks = blocks[~np.isnan(blocks).any(axis=(1, 2))]
            found.append(Series(case, metric, blocks[:, 0], blocks[:, 1]))
    return found


def unpaired_series(current: pd.DataFrame, baseline: pd.DataFrame) -> list[Series]:
    """As paired_series(), of two runs: every launch counts by itself."""
    ours, theirs = launch_costs(current), launch_costs(baseline)
    found = []
    for case in dict.fromkeys([*ours, *theirs]):
        one, other = ours.get(case, []), theirs.get(case, [])
        for place, metric in _metrics_of(case, [*one, *other]):
            logs = [np.array([c.logs[place] for c in arm], dtype=np.float64) for arm in (one, other)]
            kept = [values[~np.isnan(values)][:, np.newaxis] for values in logs]
            found.append(Series(case, metric, *kept))
    return found


def _by_round(launches: Iterable[LaunchCost]) -> Mapping[int, Sequence[LaunchCost]]:
    rounds: dict[int, list[LaunchCost]] = {}
    for launch in launches:
        rounds.setdefault(launch.round, []).append(launch)
    return rounds


def _metrics_of(case: CaseKey, launches: Sequence[LaunchCost]) -> list[tuple[int, Metric]]:
    """Those of its benchmark that it has; the main one always, so that a case that never succeeded is not
    forgotten."""
    own = metrics_of(benchmark_of(case))
    places = [(METRICS.index(metric), metric) for metric in own]
    return [
        (place, metric)
        for place, metric in places
        if metric is own[0] or any(not np.isnan(launch.logs[place]) for launch in launches)
    ]
