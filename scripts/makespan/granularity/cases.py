# SPDX-License-Identifier: Apache-2.0
"""The computing cases of a run as sweeps need them, and the peak that all are held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from makespan.columns import split_variant

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Key:
    """What tells one computing case from another; `iterations` is the work of one task."""

    model: str
    variant: str
    tasks: int
    processes: int
    threads: int
    compute_ns: int
    iterations: int

    @property
    def work(self) -> int:
        """Kernel iterations of the whole batch."""
        return self.tasks * self.iterations

    @property
    def worker_for_each_task(self) -> bool:
        return self.processes * self.threads == self.tasks


@dataclass
class Measured:
    """The rows of a case. Times are ns: `makespans` by launch, bounds of all rows that have them."""

    makespans: dict[tuple[str, float], list[float]] = field(default_factory=dict)
    model_bounds: list[float] = field(default_factory=list)
    machine_bounds: list[float] = field(default_factory=list)

    @property
    def medians(self) -> tuple[float, ...]:
        """One makespan a launch, ascending: samples of one launch are not independent."""
        return tuple(sorted(float(np.median(rows)) for rows in self.makespans.values()))


def computing_cases(samples: pd.DataFrame) -> dict[Key, Measured]:
    """Every case of `compute` with tasks of constant size that has its bounds; of other sizes the
    useful work is not the number of tasks × that of one, and on other CPUs the reference is another."""
    frame = samples[samples["benchmark"] == "compute"]
    wanted = ("tasks", "processes", "threads", "compute_ns", "compute_iterations", "launch")
    bounds = ("makespan_ns", "model_bound_ns", "machine_bound_ns")
    numbers = zip(*(_numbers(frame, name) for name in (*wanted, *bounds)))
    texts = zip(*(map(str, frame[name]) for name in ("model", "variant", "status", "run_id")))
    found: dict[Key, Measured] = {}
    for (model, variant, status, run_id), row in zip(texts, numbers):
        *shape, launch, makespan, model_bound, machine_bound = row
        parts = split_variant(variant)
        if parts.sizes != "constant" or parts.scheduling or np.isnan(shape).any():
            continue
        if not (min(shape) > 0 and model_bound > 0 and machine_bound > 0):
            continue
        case = found.setdefault(Key(model, variant, *map(int, shape)), Measured())
        case.model_bounds.append(model_bound)
        case.machine_bounds.append(machine_bound)
        if status == "ok" and makespan > 0:
            case.makespans.setdefault((run_id, launch), []).append(makespan)
    return found


@dataclass(frozen=True)
class Reference:
    """The peak that all models are held against: so many CPUs, and the time that the calibrated kernel
    takes for one iteration on each of them."""

    cpus: float
    ns_per_iteration: float


def shared_reference(cases: dict[Key, Measured], cpus: float | None = None) -> Reference | None:
    """One reference for the whole run: the machine bound, as the median over the calibrations of all
    launches. `cpus` is that of env.json; without it the nearest whole number that the bounds tell.
    None without any case of at least as many tasks as CPUs: the bound of fewer is that of a task."""
    if cpus is None:
        apart = [
            key.tasks * key.compute_ns / bound
            for key, case in cases.items()
            for bound in case.machine_bounds
            if bound > 2 * key.compute_ns
        ]
        if not apart:
            return None
        cpus = float(max(1, round(float(np.median(apart)))))
    each = [
        bound * cpus / key.work
        for key, case in cases.items()
        for bound in case.machine_bounds
        if key.tasks >= cpus
    ]
    return Reference(cpus, float(np.median(each))) if each else None


def computing_at_once(
    keys: Iterable[Key], cases: dict[Key, Measured], reference: Reference
) -> float:
    """p of the bounds, min(CPUs, workers that can compute at once): the machine bound ÷ the model
    bound is p ÷ CPUs, but for batches whose tasks do not divide evenly by the workers."""
    shares: Sequence[float] = [
        machine / model
        for key in keys
        for machine, model in zip(cases[key].machine_bounds, cases[key].model_bounds)
    ]
    cpus = reference.cpus * max(shares)
    return min((reference.cpus, float(max(1, round(cpus)))), key=lambda p: abs(p - cpus))


def _numbers(frame: pd.DataFrame, name: str) -> list[float]:
    numbers: Floats = frame[name].to_numpy(dtype="float64", na_value=np.nan)
    return [float(number) for number in numbers]
