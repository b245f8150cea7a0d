# SPDX-License-Identifier: Apache-2.0
"""Rows of a trace, and what a viewer would make of them."""

from __future__ import annotations

import io
from pathlib import Path

from conftest import ROOT
from makespan.columns import TRACE_COLUMNS, names
from makespan.tracing.batches import read_batches
from makespan.tracing.events import MOST_LANES, write_events
from trace_rules import Process, validated

EXAMPLE = ROOT / "reports" / "example"
HEADER = ",".join(names(TRACE_COLUMNS))
#: Batches of the reference scenario, ten tasks that sleep 50 ms, and how many bars each of their lanes has.
REFERENCE = {
    " threads 1 × 10, 10 tasks": [1] * 10,
    " process_pool 2 × 1, 10 tasks": [5, 5],
    " tbb_pool 1 × 2, 10 tasks": [5, 5],
    " hybrid 2 × 5, 10 tasks": [1] * 10,
}
#: A batch of 100 tasks that sleep 50 µs on the event loop.
LOOP: dict[str, object] = {
    "run_id": "r",
    "sequence": 1,
    "benchmark": "sleep",
    "model": "event_loop",
    "variant": "",
    "tasks": 100,
    "processes": 1,
    "threads": 1,
    "sleep_ns": 50_000,
    "compute_ns": "",
    "process": 7,
    "thread": 7,
    "cpu": 0,
    "overshoot_ns": "",
}


def line(task: int, start: int, end: int, **changes: object) -> str:
    """One row of LOOP; `changes` sets columns by name."""
    row = {**LOOP, "task": task, "start_ns": start, "end_ns": end, **changes}
    return ",".join(str(row[name]) for name in names(TRACE_COLUMNS))


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return path


def side_by_side(lanes: list[int]) -> tuple[list[int], bool, int]:
    """What lanes_of() says if these lanes are all busy at once from the first."""
    return lanes, True, len(lanes)


def lanes_of(process: Process) -> tuple[list[int], bool, int]:
    """How many bars each lane has, whether the first ones of all lanes overlap, how many tasks were in flight at most."""
    every = list(process.threads.values())
    overlap = max(bars[0].start for bars in every) < min(bars[0].end for bars in every)
    return [len(bars) for bars in every], overlap, max(value for _, value in process.counters["in flight"])


def shown(source: Path, most: int = MOST_LANES) -> list[Process]:
    """The processes of the trace-event file, which must be as the format has it."""
    file = io.BytesIO()
    write_events(file, read_batches(source), most)
    return validated(file.getvalue())
