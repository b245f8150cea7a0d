# SPDX-License-Identifier: Apache-2.0
"""Which cases of a run belong to its sweeps of the granularity, and to its map."""

from __future__ import annotations

from makespan.batch import Batch
from makespan.granularity.cases import Key
from makespan.granularity.sweeps import Sweep
from makespan.maps.points import point_of

from .cases import Case, Series
from .data import RunData

Place = tuple[Series, int, int, int, int]  # series, tasks, processes, threads, computing time in ns


def place_of(sweep: Sweep, key: Key) -> Place:
    series = Series(sweep.model, sweep.variant)
    return series, key.tasks, key.processes, key.threads, key.compute_ns


def swept_cases(data: RunData) -> dict[Place, Case]:
    """The cases of all sweeps, also those that gave no time."""
    places = {
        place_of(sweep, key)
        for sweep in data.sweeps
        for key in (*(point.key for point in sweep.points), *sweep.missing)
    }
    found = {}
    for case in data.cases:
        work = case.workload
        if work.benchmark == "compute" and work.sizes == "constant":
            place = case.series, case.tasks, case.processes, case.threads, work.compute_ns
            if place in places:
                found[place] = case
    return found


def beside_sweeps(data: RunData) -> list[Case]:
    """All cases but those of workloads that are there for a sweep only: each would be one more panel,
    with one batch in it. All, if there is nothing else. Those of a map, of which there may be fifty, are
    for its own chart only."""
    every = [case for case in data.cases if not in_map(data, case)]
    swept = set(swept_cases(data).values())
    kept = {case.workload for case in every if case not in swept}
    return [case for case in every if case.workload in kept or not kept]


def in_map(data: RunData, case: Case) -> bool:
    work = case.workload
    batch = Batch(work.benchmark, case.tasks, work.sleep_ns, work.compute_ns, sizes=work.sizes)
    return point_of(batch) in data.field.verdicts
