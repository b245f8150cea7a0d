# SPDX-License-Identifier: Apache-2.0
"""Made-up yet plausible run folders for the chart tests: a closed-form machine of two CPUs, seeded noise, no clock read."""

import csv
import json
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

SAMPLES_HEADER = (
    "schema_version,run_id,git_sha,launch,round,sequence,timestamp_utc,benchmark,model,tasks,processes,threads,sleep_ns,"
    "compute_ns,compute_iterations,payload_bytes,stages,variant,status,error,setup_ns,makespan_ns,teardown_ns,model_bound_ns,"
    "machine_bound_ns,max_in_flight,mean_in_flight,user_cpu_ns,system_cpu_ns,voluntary_switches,involuntary_switches,"
    "minor_faults,start_latency_p50_ns,start_latency_p99_ns,start_latency_max_ns,overshoot_p50_ns,overshoot_p99_ns,"
    "overshoot_max_ns,peak_rss_bytes,pss_bytes,kernel_bytes,messages_per_second,round_trip_p50_ns,round_trip_p99_ns,steal_ns,"
    "checksum"
).split(",")
TRACE_HEADER = (
    "run_id,sequence,benchmark,model,variant,tasks,processes,threads,sleep_ns,compute_ns,task,start_ns,end_ns,process,thread,cpu"
).split(",")
RUN_ID = "20250131T120000Z-made-up"
CPUS = 2
MS = 1_000_000

ENVIRONMENT = {
    "host": "paper",
    "cpu_model": "Imaginary Xeon(R) 8000 @ 2.70GHz",
    "cpus_usable": CPUS,
    "cpus_usable_why": "affinity mask",
    "hypervisor": "KVM",
    "kernel": "Linux 6.1.0",
}
#: cost of starting a task, cost of setting a worker's task going, both in ns of CPU time
COST = {"serial": 60, "threads": 14_000, "processes": 160_000, "process_pool": 2_600, "tbb_pool": 900, "hybrid": 1_400, "event_loop": 350}


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
    def at_once(self) -> int:
        """Concurrency that model and shape allow: `c` of the bounds."""
        per_task = self.model == "event_loop" or "loop" in self.variant
        return self.tasks if per_task else min(self.tasks, self.shape[0] * self.shape[1])

    @property
    def computing(self) -> int:
        """Workers that can compute at once: `p` of the bounds."""
        workers = self.shape[0] if "loop" in self.variant else self.shape[0] * self.shape[1]
        return min(CPUS, workers, self.tasks)

    def bounds(self) -> tuple[float, float]:
        """Model bound and machine bound in ns."""
        one, total = self.sleep_ns + self.compute_ns, self.tasks * self.compute_ns
        return max(math.ceil(self.tasks / self.at_once) * one, total / self.computing), max(one, total / CPUS)


def shapes(model: str, tasks: int, workers: Iterable[int]) -> list[tuple[int, int]]:
    if model in ("serial", "event_loop"):
        return [(1, 1)]
    if model == "threads":
        return [(1, tasks)]
    if model == "processes":
        return [(tasks, 1)]
    split = {"process_pool": lambda w: (w, 1), "tbb_pool": lambda w: (1, w)}.get(model, lambda w: (CPUS, max(1, w // CPUS)))
    return sorted({split(w) for w in [*workers, tasks]})


def grid(tasks: Iterable[int] = (1, 10, 100, 1_000, 10_000), workers: Iterable[int] = (2, 8), models: Iterable[str] = tuple(COST)) -> Iterator[Job]:
    """The default grid of a two-CPU machine; serial stops where its bound passes 60 s."""
    loads = [("sleep", MS, 0), ("sleep", 10 * MS, 0), ("compute", 0, 10_000), ("compute", 0, MS), ("mixed", 9 * MS, MS), ("mixed", 5 * MS, 5 * MS)]
    for benchmark, sleep_ns, compute_ns in loads:
        for count in tasks:
            for model in models:
                for shape in shapes(model, count, workers):
                    job = Job(benchmark, model, count, shape, sleep_ns, compute_ns)
                    both = [job, replace(job, variant="loop", shape=(CPUS, 1))] if model == "hybrid" and shape[1] == 1 else [job]
                    yield from (one for one in both if one.bounds()[0] <= 60_000 * MS)


def measured(job: Job, dice: random.Random) -> dict[str, object]:
    """The columns of one successful batch."""
    bound, machine_bound = job.bounds()
    cost = COST.get(job.model, 1_000) * (1.0 + (0.15 * math.log2(job.at_once) if job.compute_ns else 0.0))
    lost = job.tasks * cost / (job.computing if "pool" in job.model or job.model == "hybrid" else 1)
    wake = 70_000 if job.sleep_ns else 4_000
    waves = math.ceil(job.tasks / job.at_once)
    noise = 1 + abs(dice.gauss(0, 0.012)) + (0.3 if dice.random() < 0.02 else 0)
    makespan = (bound + lost + wake * (waves if job.sleep_ns else 1)) * noise
    cpu = min(job.tasks * (job.compute_ns + cost), makespan * CPUS * 0.998)
    stretch = 1.0 if job.model in ("serial", "event_loop") else 1.0 + 0.04 * job.at_once**0.5
    flying = min(job.at_once, max(1.0, job.tasks * (job.sleep_ns + job.compute_ns * stretch) / makespan))
    flying = min(flying, job.tasks * (job.sleep_ns + job.compute_ns) / makespan) if job.at_once == 1 else flying
    return {
        "makespan_ns": round(makespan), "max_in_flight": min(job.at_once, math.ceil(flying) + 1), "mean_in_flight": round(flying, 4),
        "user_cpu_ns": round(cpu * 0.9), "system_cpu_ns": round(cpu * 0.1), "setup_ns": 40_000, "teardown_ns": 20_000,
        "start_latency_p50_ns": round(lost / 2), "overshoot_p50_ns": 60_000 if job.sleep_ns else "", "steal_ns": 0,
        "overshoot_p99_ns": 90_000 if job.sleep_ns else "", "peak_rss_bytes": 4_000_000, "checksum": 12345,
    }  # fmt: skip


def rows(jobs: Iterable[Job], rounds: int, seed: int = 1) -> Iterator[dict[str, object]]:
    """One row a job and round, in order of `sequence`."""
    dice, sequence = random.Random(seed), 0
    every = list(jobs)
    for launch in range(rounds):
        for job in every:
            bound, machine_bound = job.bounds()
            row: dict[str, object] = {
                "schema_version": 1, "run_id": RUN_ID, "git_sha": "0123abc", "launch": launch, "round": launch, "sequence": sequence,
                "timestamp_utc": "2025-01-31T12:00:00Z", "benchmark": job.benchmark, "model": job.model, "tasks": job.tasks,
                "processes": job.shape[0], "threads": job.shape[1], "sleep_ns": job.sleep_ns, "compute_ns": job.compute_ns,
                "compute_iterations": job.compute_ns, "variant": job.variant, "status": job.status, "error": job.error,
                "model_bound_ns": round(bound), "machine_bound_ns": round(machine_bound),
            }  # fmt: skip
            yield row | (measured(job, dice) if job.status == "ok" else {})
            sequence += 1


def schedule(job: Job, dice: random.Random) -> Iterator[tuple[int, int, int, int, int]]:
    """(task, start_ns, end_ns, process, thread) for a sleeping job."""
    slots = [0.0] * job.at_once
    own_process = job.model in ("processes", "process_pool")
    for task in range(job.tasks):
        slot = min(range(len(slots)), key=lambda index: (slots[index], index))
        start = slots[slot] + 3_000 + COST.get(job.model, 1_000) * (task + 1 if slots[slot] == 0 else 1)
        slots[slot] = start + job.sleep_ns + job.compute_ns + abs(dice.gauss(70_000, 20_000))
        loop = job.model == "event_loop" or "loop" in job.variant
        process = slot if own_process else slot // job.shape[1] if job.model == "hybrid" and not loop else slot % job.shape[0]
        thread = process if own_process or loop else slot
        yield task, round(start), round(slots[slot]), 4_000 + process, 4_000 + thread


def class8(sleep_ms: int = 5_000, tasks: int = 10) -> list[Job]:
    """The reference scenario: every model in its class8 shapes."""
    base = Job("sleep", "serial", tasks, (1, 1), sleep_ms * MS)
    wanted = [("serial", (1, 1), ""), ("threads", (1, tasks), ""), ("processes", (tasks, 1), ""), ("process_pool", (2, 1), ""), ("tbb_pool", (1, 2), ""),
              ("tbb_pool", (1, tasks), ""), ("hybrid", (2, tasks // 2), ""), ("hybrid", (2, 1), "loop"), ("event_loop", (1, 1), "")]  # fmt: skip
    return [replace(base, model=model, shape=shape, variant=variant) for model, shape, variant in wanted]


def write_csv(path: Path, header: list[str], lines: Iterable[dict[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, header, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(lines)


def write_run(folder: Path, jobs: Iterable[Job], rounds: int = 7, trace: Iterable[Job] = ()) -> Path:
    """A run folder with samples.csv, env.json and, for jobs that are also in `trace`, trace.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    every, traced = list(jobs), list(trace)
    write_csv(folder / "samples.csv", SAMPLES_HEADER, rows(every, rounds))
    (folder / "env.json").write_text(json.dumps(ENVIRONMENT), encoding="utf-8")
    dice = random.Random(2)
    lines = [
        {"run_id": RUN_ID, "sequence": launch * len(every) + every.index(job), "benchmark": job.benchmark, "model": job.model, "variant": job.variant,
         "tasks": job.tasks, "processes": job.shape[0], "threads": job.shape[1], "sleep_ns": job.sleep_ns, "compute_ns": job.compute_ns,
         "task": task, "start_ns": start, "end_ns": end, "process": process, "thread": thread, "cpu": thread % CPUS}
        for launch in range(rounds) for job in traced if job.status == "ok"
        for task, start, end, process, thread in schedule(job, dice)
    ]  # fmt: skip
    if lines:
        write_csv(folder / "trace.csv", TRACE_HEADER, lines)
    return folder
