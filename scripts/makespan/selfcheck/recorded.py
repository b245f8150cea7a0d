# SPDX-License-Identifier: Apache-2.0
"""A recording as arrays: what every arm of every case cost in every round, by every deciding metric."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from makespan.arms import BASELINE, CURRENT, Arm, arm_run_id
from makespan.casekey import CaseKey, benchmark_of
from makespan.decisions import Bools
from makespan.errors import InputError, UsageError
from makespan.files import read_json_object
from makespan.metrics import DECIDING, METRICS
from makespan.pairing import PER_ARM, LaunchCost, launch_costs
from makespan.ranks import Floats
from makespan.samples import read_samples
from makespan.thresholds import MinEffects

from .injection import Injection

_PLACES = [METRICS.index(metric) for metric in DECIDING]


@dataclass(frozen=True)
class Recorded:
    """`logs` holds for every arm the mean logarithm of what its launches in a block cost, of shape (series,
    rounds): all cases by the first deciding metric, then all by the next; NaN where a case has no such arm.
    `rounds` counts whole rounds only. `injections` are by their arm, in the order of the recording."""

    path: Path
    environment: Mapping[str, Any]
    cases: tuple[CaseKey, ...]
    injections: Mapping[Arm, Injection]
    logs: Mapping[Arm, Floats]
    launches: int

    @property
    def rounds(self) -> int:
        return self.logs[CURRENT].shape[1]

    @property
    def min_log(self) -> Floats:
        """The minimum effect of each series, as the gate has it by default."""
        effects = MinEffects()
        result: Floats = np.log1p([effects.of(benchmark_of(case)) for case in self.cases] * len(DECIDING))
        return result

    def has(self, arm: Arm) -> Bools:
        """Which cases have this arm."""
        found: Bools = ~np.isnan(self.logs[arm][: len(self.cases)]).all(axis=1)
        return found

    def differences(self, arm: Arm = CURRENT) -> Floats:
        """Of every block, of shape (series, rounds): this arm against the baseline where a case has it, and
        otherwise the plain build against the baseline."""
        mine = np.tile(self.has(arm), len(DECIDING))[:, np.newaxis]
        result: Floats = np.where(mine, self.logs[arm], self.logs[CURRENT]) - self.logs[BASELINE]
        return result


def read_recording(folder: Path) -> Recorded:
    """Of the folder of a recording, whose samples may be compressed (samples.csv.xz). A round that was
    interrupted does not count. Raises InputError, and UsageError if it is the folder of another run."""
    samples = folder / "samples.csv"
    if not samples.is_file():
        samples = folder / "samples.csv.xz"
    environment = read_json_object(folder / "env.json")
    injections = _injections(folder / "env.json", environment)
    frame = read_samples(samples)
    bad = ~(frame["round"] >= 1).fillna(False).to_numpy(dtype=bool)
    if bad.any():
        raise InputError(samples, int(np.flatnonzero(bad)[0]) + 2, "round is empty or below 1", "a number from 1")
    record = environment.get("run")
    run_id = str(record.get("run_id", "")) if isinstance(record, Mapping) else ""
    arms = (CURRENT, BASELINE, *injections)
    costs = {arm: launch_costs(frame[frame["run_id"] == arm_run_id(run_id, arm)]) for arm in arms}
    cases = tuple(costs[CURRENT])
    rounds = _whole_rounds(costs, injections)
    if not cases or not rounds:
        what = f"no whole round of run {run_id or 'without an id'}"
        raise InputError(samples, 2, what, "the samples that env.json tells of")
    logs = {arm: _table(costs[arm], cases, rounds) for arm in arms}
    launches = sum(len(made) for arm in costs.values() for made in arm.values())
    return Recorded(folder, environment, cases, injections, logs, launches)


def _injections(path: Path, environment: Mapping[str, Any]) -> dict[Arm, Injection]:
    arms = environment.get("arms")
    if not isinstance(arms, Mapping):
        raise UsageError(f"{path} has no arms: not a recording of selfcheck.py; allowed: a folder that it wrote")
    try:
        return {
            str(arm): Injection(str(one["kind"]), str(one["size"]), tuple(one["benchmarks"]))
            for arm, one in arms.items()
        }
    except (KeyError, TypeError) as error:
        raise InputError(path, 1, f'"arms": {error}', "as selfcheck.py writes it") from None


def _whole_rounds(
    costs: Mapping[Arm, Mapping[CaseKey, list[LaunchCost]]], injections: Mapping[Arm, Injection]
) -> int:
    """Rounds that every arm of every case has; a failed launch is there, too."""
    counts = [
        len(costs[arm].get(case, ()))
        for case in costs[CURRENT]
        for arm in costs
        if arm not in injections or benchmark_of(case) in injections[arm].benchmarks
    ]
    return min((count // PER_ARM for count in counts), default=0)


def _table(costs: Mapping[CaseKey, list[LaunchCost]], cases: tuple[CaseKey, ...], rounds: int) -> Floats:
    """NaN where not both launches of a block have a value."""
    sums = np.zeros((len(DECIDING), len(cases), rounds))
    counts = np.zeros((len(cases), rounds), dtype=np.int64)
    for place, case in enumerate(cases):
        for cost in costs.get(case, ()):
            if cost.round <= rounds:
                sums[:, place, cost.round - 1] += [cost.logs[metric] for metric in _PLACES]
                counts[place, cost.round - 1] += 1
    means: Floats = np.where(counts == PER_ARM, sums / PER_ARM, np.nan)
    return means.reshape(-1, rounds)
