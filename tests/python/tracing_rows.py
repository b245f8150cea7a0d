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


def shown(source: Path, most: int = MOST_LANES) -> list[Process]:
    """The processes of the trace-event file, which must be as the format has it."""
    file = io.BytesIO()
    write_events(file, read_batches(source), most)
    return validated(file.getvalue())
