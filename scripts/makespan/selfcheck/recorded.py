# SPDX-License-Identifier: Apache-2.0
"""A recording as arrays: what every arm of every case cost in every round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from makespan.arms import BASELINE, CURRENT, Arm, arm_run_id
from makespan.casekey import CaseKey, benchmark_of
from makespan.errors import InputError, UsageError
from makespan.files import read_json_object
from makespan.metrics import MAKESPAN, METRICS
from makespan.pairing import PER_ARM, LaunchCost, launch_costs
from makespan.ranks import Floats
from makespan.samples import read_samples
from makespan.thresholds import MinEffects

from .injection import Injection

_PLACE = METRICS.index(MAKESPAN)


@dataclass(frozen=True)
class Recorded:
    """`logs` holds for every arm the mean logarithm of the makespans of its launches in a block, of shape
    (cases, rounds); NaN where a case has no such arm. `rounds` counts whole rounds only. `injections` are
    by their arm, in the order of the recording."""

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
        """The minimum effect of each case, as the gate has it by default."""
        effects = MinEffects()
        return np.log1p([effects.of(benchmark_of(case)) for case in self.cases])

    def has(self, arm: Arm) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which cases have this arm."""
        found: np.ndarray[Any, np.dtype[np.bool_]] = ~np.isnan(self.logs[arm]).all(axis=1)
        return found

    def differences(self, arm: Arm = CURRENT) -> Floats:
        """Of every block, of shape (cases, rounds): this arm against the baseline where a case has it, and
        otherwise the plain build against the baseline."""
        logs = np.where(self.has(arm)[:, np.newaxis], self.logs[arm], self.logs[CURRENT])
        result: Floats = logs - self.logs[BASELINE]
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
    record = environment.get("run")
    run_id = str(record.get("run_id", "")) if isinstance(record, Mapping) else ""
    arms = (CURRENT, BASELINE, *injections)
    costs = {arm: launch_costs(frame[frame["run_id"] == arm_run_id(run_id, arm)]) for arm in arms}
    cases = tuple(costs[CURRENT])
    rounds = _whole_rounds(costs)
    if not cases or not rounds:
        what = f"no whole round of run {run_id or 'without an id'}"
        raise InputError(samples, 2, what, "the samples that env.json tells of")
    logs = {arm: _table(costs[arm], cases, rounds) for arm in arms}
    return Recorded(folder, environment, cases, injections, logs, len(frame))


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


def _whole_rounds(costs: Mapping[Arm, Mapping[CaseKey, list[LaunchCost]]]) -> int:
    """Rounds that every arm of every case has; a failed launch is there, too."""
    counts = [len(launches) for arm in costs.values() for launches in arm.values()]
    return min((count // PER_ARM for count in counts), default=0)


def _table(costs: Mapping[CaseKey, list[LaunchCost]], cases: tuple[CaseKey, ...], rounds: int) -> Floats:
    """NaN where not both launches of a block have a makespan."""
    sums = np.zeros((len(cases), rounds))
    counts = np.zeros((len(cases), rounds), dtype=np.int64)
    for place, case in enumerate(cases):
        for cost in costs.get(case, ()):
            if cost.round <= rounds:
                sums[place, cost.round - 1] += cost.logs[_PLACE]
                counts[place, cost.round - 1] += 1
    return np.where(counts == PER_ARM, sums / PER_ARM, np.nan)
