# SPDX-License-Identifier: Apache-2.0
"""Stores as many runs would have left them, from formulas and a seed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import synthetic
from makespan.columns import CASE_KEY
from makespan.history.machine import MachineClass, class_of_run
from makespan.history.store import Entry, Store
from makespan.metrics import MAKESPAN, Metric

MS = synthetic.MS
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
MACHINE = class_of_run(Path("env.json"), synthetic.ENVIRONMENT)

#: number of the case and number of the commit -> factor on the time
Effect = Callable[[int, int], float]


def commit(number: int) -> str:
    return hashlib.sha1(str(number).encode()).hexdigest()


def time_of(number: int) -> str:
    return (START + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def key(number: int = 0, **changes: object) -> tuple[object, ...]:
    """Cases that differ in their number of tasks."""
    fields: dict[str, object] = dict.fromkeys(CASE_KEY)
    fields |= {"benchmark": "sleep", "model": "threads", "tasks": 10 + number, "processes": 1}
    fields |= {"threads": 10, "sleep_ns": 10 * MS, "variant": "", **changes}
    return tuple(fields.values())


def entry(number: int = 0, **changes: object) -> Entry:
    """The line of the numbered commit."""
    fields: dict[str, object] = {
        "time_utc": time_of(number),
        "commit": commit(number),
        "run_id": f"run-{number}",
        "key": key(),
        "iterations": None,
        "metric": MAKESPAN,
        "n": 6,
        "median": 10.0 * MS,
        "low": 9.9 * MS,
        "high": 10.2 * MS,
    }
    return Entry(**{**fields, **changes})  # type: ignore[arg-type]


def entries(
    commits: int = 30,
    cases: int = 4,
    effect: Effect = lambda case, number: 1.0,
    *,
    metric: Metric = MAKESPAN,
    noise: float = 0.01,
    seed: int = 1,
    **changes: object,
) -> list[Entry]:
    """One line for each commit and case, with heavy-tailed noise; `changes` are of the key."""
    generator = np.random.default_rng(seed)
    found = []
    for number in range(commits):
        for case in range(cases):
            value = 10 * MS * effect(case, number) * np.exp(noise * generator.standard_t(4))
            place = {"median": value, "low": value * 0.99, "high": value * 1.02}
            found.append(entry(number, key=key(case, **changes), metric=metric, **place))
    return found


def store(path: Path, lines: Sequence[Entry], machine: MachineClass = MACHINE) -> Store:
    result = Store(path)
    result.add(machine, lines)
    return result


def write_run(
    folder: Path,
    rows: Sequence[synthetic.Row],
    environment: Mapping[str, object] | None = None,
    **run: object,
) -> Path:
    """A run folder with samples.csv and env.json; `run` changes its "run" object."""
    folder.mkdir(parents=True, exist_ok=True)
    synthetic.write_samples(folder / "samples.csv", rows)
    record = {
        "run_id": rows[0]["run_id"],
        "started_utc": "2026-01-31T12:01:02.000Z",
        "finished_utc": "2026-01-31T12:05:00.000Z",
    }
    about = {**synthetic.ENVIRONMENT, **(environment or {}), "run": {**record, **run}}
    (folder / "env.json").write_text(json.dumps(about), encoding="utf-8")
    return folder
