# SPDX-License-Identifier: Apache-2.0
"""Made-up yet plausible run folders for the chart tests: a closed-form machine of two CPUs on which
every model pays its own cost per task. Seeded noise, no clock read."""

from __future__ import annotations

import json
import math
import random
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import synthetic
from makespan.charts.data import RunData
from makespan.columns import COLUMNS, TRACE_COLUMNS, names

RUN_ID = "20250131T120000Z-made-up"
CPUS = synthetic.CPUS
MS = synthetic.MS

#: CPU time that a model spends on each task, in ns
COST = {
    "serial": 60,
    "threads": 14_000,
    "processes": 160_000,
    "process_pool": 2_600,
    "tbb_pool": 900,
    "hybrid": 1_400,
    "event_loop": 350,
}
LOADS = (
    ("sleep", MS, 0),
    ("sleep", 10 * MS, 0),
    ("compute", 0, 10_000),
    ("compute", 0, MS),
    ("mixed", 9 * MS, MS),
    ("mixed", 5 * MS, 5 * MS),
)


@dataclass(frozen=True)
class Job:
    """One case to be made up; `shape` is (processes, threads)."""

    benchmark: str
    model: str
    tasks: int
    shape: tuple[int, int] = (1, 1)
    sleep_ns: int = 0
    compute_ns: int = 0
    variant: str = ""
    status: str = "ok"
    error: str = ""

    @property
    def loop(self) -> bool:
        return self.model == "event_loop" or "loop" in self.variant

    @property
    def at_once(self) -> int:
        """Concurrency that model and shape allow: `c` of the bounds."""
        return self.tasks if self.loop else min(self.tasks, self.shape[0] * self.shape[1])

    @property
    def computing(self) -> int:
        """Workers that can compute at once: `p` of the bounds."""
        workers = self.shape[0] if self.loop else self.shape[0] * self.shape[1]
        return min(CPUS, workers, self.tasks)

    @property
    def bound_ns(self) -> int:
        one = self.sleep_ns + self.compute_ns
        waves = math.ceil(self.tasks / self.at_once)
        return max(waves * one, self.tasks * self.compute_ns // self.computing)

    @property
    def machine_bound_ns(self) -> int:
        return max(self.sleep_ns + self.compute_ns, self.tasks * self.compute_ns // CPUS)


def shapes(model: str, tasks: int, workers: Iterable[int]) -> list[tuple[int, int]]:
    if model in ("serial", "event_loop"):
        return [(1, 1)]
    if model == "threads":
        return [(1, tasks)]
    if model == "processes":
        return [(tasks, 1)]
    counts = sorted({*workers, tasks})
    if model == "process_pool":
        return [(count, 1) for count in counts]
    if model == "tbb_pool":
        return [(1, count) for count in counts]
    return sorted({(CPUS, max(1, count // CPUS)) for count in counts})


def grid(
    tasks: Iterable[int] = (1, 10, 100, 1_000),
    workers: Iterable[int] = (2, 8),
    models: Iterable[str] = tuple(COST),
    loads: Iterable[tuple[str, int, int]] = LOADS,
) -> Iterator[Job]:
    """The default grid of a machine with two CPUs, less what takes more than 60 s."""
    for benchmark, sleep_ns, compute_ns in loads:
        for count in tasks:
            for model in models:
                for shape in shapes(model, count, workers):
                    job = Job(benchmark, model, count, shape, sleep_ns, compute_ns)
                    jobs = [job]
                    if model == "hybrid" and shape[1] == 1:
                        jobs.append(replace(job, variant="loop", shape=(CPUS, 1)))
                    yield from (one for one in jobs if one.bound_ns <= 60_000 * MS)


def class8(sleep_ms: int = 5_000, tasks: int = 10) -> list[Job]:
    """The reference scenario: every model in its class8 shapes."""
    base = Job("sleep", "serial", tasks, (1, 1), sleep_ms * MS)
    wanted = (
        ("serial", (1, 1), ""),
        ("threads", (1, tasks), ""),
        ("processes", (tasks, 1), ""),
        ("process_pool", (2, 1), ""),
        ("tbb_pool", (1, 2), ""),
        ("tbb_pool", (1, tasks), ""),
        ("hybrid", (2, tasks // 2), ""),
        ("hybrid", (2, 1), "loop"),
        ("event_loop", (1, 1), ""),
    )
    return [replace(base, model=m, shape=shape, variant=variant) for m, shape, variant in wanted]


def measured(job: Job, dice: random.Random) -> dict[str, object]:
    """The columns of one successful batch."""
    crowding = 1 + (0.15 * math.log2(job.at_once) if job.compute_ns else 0)
    cost = COST.get(job.model, 1_000) * crowding
    shared = "pool" in job.model or job.model == "hybrid"
    lost = job.tasks * cost / (job.computing if shared else 1)
    wakes = math.ceil(job.tasks / job.at_once) * 70_000 if job.sleep_ns else 4_000
    hiccup = 0.3 if dice.random() < 0.02 else 0
    makespan = (job.bound_ns + lost + wakes) * (1 + abs(dice.gauss(0, 0.012)) + hiccup)
    cpu = min(job.tasks * (job.compute_ns + cost), makespan * CPUS * 0.998)
    stretch = 1 if job.at_once == 1 or job.model == "event_loop" else 1 + 0.04 * job.at_once**0.5
    flying = job.tasks * (job.sleep_ns + job.compute_ns * stretch) / makespan
    return {
        "setup_ns": 40_000,
        "makespan_ns": round(makespan),
        "teardown_ns": 20_000,
        "max_in_flight": min(job.at_once, math.ceil(flying) + 1),
        "mean_in_flight": round(min(job.at_once, flying), 4),
        "user_cpu_ns": round(cpu * 0.9),
        "system_cpu_ns": round(cpu * 0.1),
        "peak_rss_bytes": 4_000_000,
        "steal_ns": 0,
        "checksum": 12345,
    }


def rows(jobs: Iterable[Job], rounds: int, seed: int = 1) -> Iterator[synthetic.Row]:
    """One row a job and round, in order of `sequence`."""
    dice, every = random.Random(seed), list(jobs)
    for launch in range(rounds):
        for place, job in enumerate(every):
            row: dict[str, object] = {
                "schema_version": 1,
                "run_id": RUN_ID,
                "launch": launch,
                "round": launch,
                "sequence": launch * len(every) + place,
                "timestamp_utc": "2025-01-31T12:00:00Z",
                "compute_iterations": job.compute_ns,
                "status": job.status,
                "error": job.error,
                "model_bound_ns": job.bound_ns,
                "machine_bound_ns": job.machine_bound_ns,
                **identity(job),
                **(measured(job, dice) if job.status == "ok" else {}),
            }
            yield {name: str(row.get(name, "")) for name in names(COLUMNS)}


def identity(job: Job) -> dict[str, object]:
    """The columns that samples and traces have in common."""
    return {
        "benchmark": job.benchmark,
        "model": job.model,
        "variant": job.variant,
        "tasks": job.tasks,
        "processes": job.shape[0],
        "threads": job.shape[1],
        "sleep_ns": job.sleep_ns,
        "compute_ns": job.compute_ns,
    }


def schedule(job: Job, dice: random.Random) -> Iterator[dict[str, object]]:
    """Where and when each task of a batch ran, every one in the slot that was free first."""
    slots = [0.0] * job.at_once
    for task in range(job.tasks):
        slot = min(range(len(slots)), key=lambda index: (slots[index], index))
        begun = COST.get(job.model, 1_000) * (task + 1 if slots[slot] == 0 else 1)
        start = slots[slot] + 3_000 + begun
        late = abs(dice.gauss(70_000, 20_000))
        slots[slot] = start + job.sleep_ns + job.compute_ns + late
        process = slot % job.shape[0] if job.shape[1] == 1 else slot // job.shape[1]
        thread = process if job.loop or job.shape[1] == 1 else slot
        times = {"task": task, "start_ns": round(start), "end_ns": round(slots[slot])}
        times |= {"overshoot_ns": round(late)} if job.sleep_ns else {}
        yield {**times, "process": 4_000 + process, "thread": 4_000 + thread, "cpu": 0}


def write_run(
    folder: Path, jobs: Iterable[Job], rounds: int = 7, trace: Iterable[Job] = ()
) -> Path:
    """A run folder: samples.csv, env.json and, if `trace` names some of the jobs, trace.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    every, traced = list(jobs), [job for job in trace if job.status == "ok"]
    synthetic.write_samples(folder / "samples.csv", rows(every, rounds))
    environment = {**synthetic.ENVIRONMENT, "hypervisor": "KVM"}
    (folder / "env.json").write_text(json.dumps(environment), encoding="utf-8")
    dice = random.Random(2)
    lines = [
        {"run_id": RUN_ID, "sequence": launch * len(every) + every.index(job), **own, **times}
        for launch in range(rounds)
        for job, own in ((job, identity(job)) for job in traced)
        for times in schedule(job, dice)
    ]
    if lines:
        text = [{name: str(line.get(name, "")) for name in names(TRACE_COLUMNS)} for line in lines]
        csv_text = synthetic.csv_text(text, names(TRACE_COLUMNS))
        (folder / "trace.csv").write_text(csv_text, encoding="utf-8")
    return folder


def run_data(jobs: Iterable[Job], rounds: int = 7, trace: Iterable[Job] = ()) -> RunData:
    """The same as the charts get it, through real files and the real reader."""
    with tempfile.TemporaryDirectory() as folder:
        return RunData.load(write_run(Path(folder), jobs, rounds, trace))
