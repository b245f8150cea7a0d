# SPDX-License-Identifier: Apache-2.0
"""Traces with overshoots and start latencies of a known distribution, as run folders."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import synthetic
from makespan.charts.data import RunData
from makespan.columns import TRACE_COLUMNS, names
from synthetic import MS, Row, Shape

ROUNDS = 6
MODELS = ("serial", "threads", "processes", "event_loop")


@dataclass(frozen=True)
class Load:
    """So many batches of a model; overshoots are `scale` ns × (1 + Pareto with index 2)."""

    model: str
    tasks: int = 1
    sleep_ns: int = MS
    batches: int = 300
    scale: float = 50_000.0
    variant: str = ""
    workers: int = 1

    def sample(self, sequence: int, batch: int) -> Row:
        shape = Shape(self.model, threads=self.workers)
        round = 1 + batch % ROUNDS
        numbers = {"tasks": self.tasks, "sleep_ns": self.sleep_ns, "launch": sequence, "round": round}
        return synthetic.sample(shape, variant=self.variant, **numbers)  # type: ignore[arg-type]


def usual() -> list[Load]:
    """What the preset latency measures, in small."""
    loads = [
        Load(model, tasks, sleep_ns, batches, 50_000.0 * (1 + place / 5))
        for tasks, sleep_ns, batches in ((1, MS, 300), (10, MS, 50), (100, 10 * MS, 12))
        for place, model in enumerate(MODELS)
        if tasks == 1 or model != "serial"
    ]
    return [*loads, *(Load(m, 1, MS, 300, 5_000.0, "slack-1us") for m in ("serial", "event_loop"))]


def rows(loads: Iterable[Load], seed: int = 3) -> tuple[list[Row], list[Row]]:
    """samples.csv and trace.csv."""
    dice = random.Random(seed)
    samples: list[Row] = []
    traces: list[Row] = []
    for load in loads:
        for batch in range(load.batches):
            sample = load.sample(len(samples) + 1, batch)
            samples.append(sample)
            shared = {name: sample[name] for name in names(TRACE_COLUMNS) if name in sample}
            for task in range(load.tasks):
                start = round(20_000 * dice.paretovariate(2)) + 5_000 * task
                late = round(load.scale * dice.paretovariate(2))
                times = {"task": task, "start_ns": start, "end_ns": start + load.sleep_ns + late + 300}
                place = {"process": 1, "thread": 1 + task, "cpu": 0, "overshoot_ns": late}
                traces.append({**shared, **{k: str(v) for k, v in {**times, **place}.items()}})
    return samples, traces


def write_run(folder: Path, loads: Iterable[Load]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    samples, traces = rows(loads)
    synthetic.write_samples(folder / "samples.csv", samples)
    text = synthetic.csv_text(traces, names(TRACE_COLUMNS))
    (folder / "trace.csv").write_text(text, encoding="utf-8")
    (folder / "env.json").write_text(json.dumps(synthetic.ENVIRONMENT), encoding="utf-8")
    return folder


def run_data(loads: Iterable[Load]) -> RunData:
    """The same as the charts get it, through real files and the real reader."""
    with tempfile.TemporaryDirectory() as folder:
        return RunData.load(write_run(Path(folder), loads))
