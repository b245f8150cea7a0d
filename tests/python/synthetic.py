# SPDX-License-Identifier: Apache-2.0
"""Samples and traces as the binaries would write them, from formulas and a seed."""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from makespan.columns import COLUMNS, TRACE_COLUMNS, names

MS = 1_000_000
CPUS = 2

Row = dict[str, str]

ENVIRONMENT: dict[str, object] = {
    "host": "bench-host",
    "cpu_model": "Example CPU @ 2.00GHz",
    "cpus_usable": CPUS,
    "cpus_usable_why": "affinity mask",
    "cgroup_quota": None,
    "hypervisor": "none",
    "governor": "performance",
    "kernel": "6.1.0",
    "clock_source": "tsc",
    "clock_cost_ns": 25,
    "clock_resolution_ns": 1,
    "timer_slack_ns": 50000,
    "limits": {"processes": 63000, "threads": 126000, "open_files": 1024},
    "memory_bytes": 8 << 30,
    "transparent_hugepages": "madvise",
    "load_1m": 0.1,
    "compiler": "GNU 12.2.0",
    "compiler_flags": "-O3 -DNDEBUG",
    "build_type": "Release",
    "libraries": {"benchmark": "1.7.1", "onetbb": "2021.8", "fmt": "9.1.0"},
    "git_sha": "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d",
    "git_dirty": False,
    "calibration": {"ns_per_iteration": 1.25, "uncertainty": 0.002, "recording_ns_per_task": 60},
}


@dataclass(frozen=True)
class Shape:
    """A model in a shape; `concurrency` None means one slot per task."""

    model: str
    processes: int = 1
    threads: int = 1
    variant: str = ""
    concurrency: int | None = None
    cpus: int = 1  # CPUs it can compute on at once

    def of(self, tasks: int) -> tuple[int, int]:
        if self.model == "threads":
            return 1, tasks
        return (tasks, 1) if self.model == "processes" else (self.processes, self.threads)


SHAPES: tuple[Shape, ...] = (
    Shape("serial", concurrency=1),
    Shape("threads", cpus=CPUS),
    Shape("processes", cpus=CPUS),
    Shape("process_pool", processes=2, concurrency=2, cpus=CPUS),
    Shape("tbb_pool", threads=2, concurrency=2, cpus=CPUS),
    Shape("tbb_pool", threads=10, concurrency=10, cpus=CPUS),
    Shape("hybrid", processes=2, threads=5, concurrency=10, cpus=CPUS),
    Shape("hybrid", processes=2, threads=5, variant="loop", concurrency=None, cpus=CPUS),
    Shape("event_loop"),
)


def bounds(shape: Shape, tasks: int, sleep_ns: int, compute_ns: int) -> tuple[int, int]:
    """Model bound and machine bound of DESIGN.md, in ns."""
    if tasks == 0:
        return 0, 0
    waves = math.ceil(tasks / (shape.concurrency or tasks))
    model = max(waves * (sleep_ns + compute_ns), tasks * compute_ns // min(shape.cpus, tasks))
    machine = max(sleep_ns + compute_ns, tasks * compute_ns // CPUS)
    return model, machine


def sample(
    shape: Shape,
    *,
    benchmark: str = "sleep",
    tasks: int = 10,
    sleep_ns: int = 10 * MS,
    compute_ns: int = 0,
    launch: int = 1,
    round: int = 1,
    slower: float = 1.01,
    **changes: object,
) -> Row:
    """One row that is ok; `slower` is makespan / model bound; `changes` sets columns by name."""
    processes, threads = shape.of(tasks)
    model_bound, machine_bound = bounds(shape, tasks, sleep_ns, compute_ns)
    makespan = int(model_bound * slower) + 1000
    in_flight = min(shape.concurrency or tasks, tasks)
    row: dict[str, object] = {
        "schema_version": 1,
        "run_id": "20260131T120102Z-1a2b3c4",
        "git_sha": ENVIRONMENT["git_sha"],
        "launch": launch,
        "round": round,
        "sequence": launch,
        "timestamp_utc": "2026-01-31T12:01:02.345Z",
        "benchmark": benchmark,
        "model": shape.model,
        "tasks": tasks,
        "processes": processes,
        "threads": threads,
        "sleep_ns": sleep_ns or "",
        "compute_ns": compute_ns or "",
        "compute_iterations": int(compute_ns / 1.25) or "",
        "variant": shape.variant,
        "status": "ok",
        "setup_ns": 50_000,
        "makespan_ns": makespan,
        "teardown_ns": 20_000,
        "model_bound_ns": model_bound,
        "machine_bound_ns": machine_bound,
        "max_in_flight": in_flight,
        "mean_in_flight": round_float(in_flight * 0.95),
        "user_cpu_ns": tasks * compute_ns + tasks * 2_000,
        "system_cpu_ns": tasks * 5_000,
        "voluntary_switches": tasks,
        "involuntary_switches": 0,
        "minor_faults": 100 + tasks,
        "start_latency_p50_ns": 40_000,
        "start_latency_p99_ns": 90_000,
        "start_latency_max_ns": 95_000,
        "overshoot_p50_ns": 55_000,
        "overshoot_p99_ns": 120_000,
        "overshoot_max_ns": 150_000,
        "peak_rss_bytes": 4 << 20,
        "pss_bytes": 2 << 20,
        "steal_ns": 0,
        "checksum": "18446744073709551557",
    }
    row |= changes
    return {name: str(row.get(name, "")) for name in names()}


def round_float(value: float) -> str:
    return f"{value:.3f}"


def failed(row: Mapping[str, str], status: str, error: str) -> Row:
    """The row as it would be had the case been skipped, run into its time limit or failed."""
    measured = names()[names().index("setup_ns") :]
    keep = ("model_bound_ns", "machine_bound_ns")
    empty = {name: "" for name in measured if name not in keep}
    return {**row, **empty, "status": status, "error": error}


def samples(
    rounds: int = 6,
    *,
    batches: Sequence[tuple[str, int, int, int]] = (("sleep", 10, 10 * MS, 0),),
    shapes: Sequence[Shape] = SHAPES,
    noise: float = 0.01,
    seed: int = 1,
) -> list[Row]:
    """All shapes on all batches (benchmark, tasks, sleep_ns, compute_ns), every round shuffled."""
    generator = random.Random(seed)
    rows: list[Row] = []
    cases = [(shape, batch) for batch in batches for shape in shapes]
    for number in range(1, rounds + 1):
        for shape, (benchmark, tasks, sleep_ns, compute_ns) in generator.sample(cases, len(cases)):
            rows.append(
                sample(
                    shape,
                    benchmark=benchmark,
                    tasks=tasks,
                    sleep_ns=sleep_ns,
                    compute_ns=compute_ns,
                    launch=len(rows) + 1,
                    round=number,
                    slower=1 + noise * (1 + generator.expovariate(1)),
                )
            )
    return rows


def csv_text(rows: Iterable[Mapping[str, str]], header: Sequence[str] | None = None) -> str:
    """The rows as the C++ writer prints them: LF, quotes where needed."""
    header = header or names()
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_samples(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    path.write_text(csv_text(rows), encoding="utf-8")
    return path


def trace(rows: Iterable[Mapping[str, str]]) -> list[Row]:
    """One line per task of each row: the tasks run in waves over the slots of the shape."""
    lines: list[Row] = []
    for row in rows:
        tasks = int(row["tasks"])
        length = int(row["sleep_ns"] or 0) + int(row["compute_ns"] or 0)
        slots = max(1, int(row["max_in_flight"]))
        per_process = max(1, int(row["threads"])) if row["model"] != "event_loop" else slots
        for task in range(tasks):
            start = task // slots * length + 40_000 + task % slots * 1_000
            process = 1000 + task % slots // per_process
            thread = process if row["model"] == "event_loop" else 5000 + task % slots
            own = {"task": task, "start_ns": start, "end_ns": start + length + 55_000}
            own |= {"overshoot_ns": 55_000} if row["sleep_ns"] else {}
            place = {"process": process, "thread": thread, "cpu": task % CPUS}
            shared = {name: row[name] for name in names(TRACE_COLUMNS) if name in row}
            lines.append({**shared, **{k: str(v) for k, v in {**own, **place}.items()}})
    return lines


def write_trace(path: Path, rows: Iterable[Mapping[str, str]]) -> Path:
    path.write_text(csv_text(trace(rows), names(TRACE_COLUMNS)), encoding="utf-8")
    return path


assert set(sample(SHAPES[0])) == {column.name for column in COLUMNS}
