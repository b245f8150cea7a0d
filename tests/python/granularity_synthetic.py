# SPDX-License-Identifier: Apache-2.0
"""Made-up sweeps of the granularity whose METG is known: every task costs a fixed time of its CPU."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import synthetic
from makespan.charts.data import RunData
from synthetic import CPUS, Row, Shape

NS_PER_ITERATION = 1.25
SERIAL = Shape("serial", concurrency=1)
LOOP = Shape("event_loop")
THREADS = Shape("threads", cpus=CPUS)
POOL = Shape("process_pool", processes=2, concurrency=2, cpus=CPUS)
TBB = Shape("tbb_pool", threads=2, concurrency=2, cpus=CPUS)

#: Cost of a task of so much own work, in ns
Overhead = Callable[[float], float]


def steps(decades: float = 5, each: int = 4, coarsest: int = 10_000_000) -> list[int]:
    """Task lengths in ns, the longest first, of a whole number of iterations."""
    unit = 5  # four iterations
    exact = (coarsest * 10 ** (-place / each) for place in range(int(decades * each) + 1))
    return [round(length / unit) * unit for length in exact]


def sweep(
    shape: Shape = TBB,
    overhead: float | Overhead = 1_000.0,
    lengths: Sequence[int] | None = None,
    rounds: int = 6,
    noise: float = 0.0,
    seed: int = 1,
    total_ns: int = 1_000_000_000,
) -> list[Row]:
    """A row for each task length and round. Without noise makespan = tasks × (own work + overhead) ÷
    CPUs used, exactly; noise is the sigma of a log-normal factor with median 1."""
    dice = random.Random(seed)
    rows = []
    for number in range(1, rounds + 1):
        for length in steps() if lengths is None else lengths:
            tasks = round(total_ns / length)
            cost = overhead(length) if callable(overhead) else overhead
            makespan = (length + cost) * tasks / min(shape.cpus, CPUS)
            row = synthetic.sample(
                shape,
                benchmark="compute",
                tasks=tasks,
                sleep_ns=0,
                compute_ns=length,
                launch=number * 1_000 + len(rows),
                round=number,
                makespan_ns=round(makespan * dice.lognormvariate(0, noise)),
            )
            rows.append(row)
    return rows


def skipped(rows: Iterable[Row], shorter_than: int, error: str = "pids.max") -> list[Row]:
    """The rows, those of shorter tasks as a limit of the system would leave them."""
    return [
        synthetic.failed(row, "skipped", error) if int(row["compute_ns"]) < shorter_than else row
        for row in rows
    ]


def whole_run(rounds: int = 8, noise: float = 0.02) -> list[Row]:
    """Every model, with costs of the size that they have; no threads and processes beyond a limit."""
    tbb_one = Shape("tbb_pool", threads=1, concurrency=1)
    hybrid = Shape("hybrid", processes=2, threads=1, concurrency=2, cpus=CPUS)
    mixed = Shape("hybrid", processes=1, threads=2, concurrency=2, cpus=CPUS)
    loops = Shape("hybrid", processes=2, threads=1, variant="loop", cpus=CPUS)
    costs: list[tuple[Shape, float]] = [
        (SERIAL, 25),
        (LOOP, 180),
        (tbb_one, 240),
        (POOL, 1_400),
        (TBB, 480),
        (hybrid, 90),
        (mixed, 110),
        (loops, 200),
    ]
    rows = [
        row
        for seed, (shape, cost) in enumerate(costs)
        for row in sweep(shape, lambda own, cost=cost: 0.01 * own + cost, None, rounds, noise, seed)
    ]
    for seed, (shape, cost) in enumerate([(THREADS, 14_000), (Shape("processes", cpus=CPUS), 160_000)]):
        made = sweep(shape, cost, None, rounds, noise, seed + 20)
        rows += skipped(made, 17_000, "needs 100,000 of them, limit 63,000")
    return rows


def run_data(rows: Iterable[Row]) -> RunData:
    """As the charts get it, through real files and the real reader."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        synthetic.write_samples(folder / "samples.csv", rows)
        (folder / "env.json").write_text(json.dumps(synthetic.ENVIRONMENT), encoding="utf-8")
        return RunData.load(folder)
