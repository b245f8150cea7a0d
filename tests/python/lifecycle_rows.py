# SPDX-License-Identifier: Apache-2.0
"""Made-up units that are created and ended, each at a price that is known."""

from __future__ import annotations

import json
import tempfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import synthetic
from makespan.charts.data import RunData
from makespan.columns import LIFECYCLE, names

#: unit, own variant -> ns for one alone, and by how much a MiB of its parent's memory makes it dearer
PRICES: dict[tuple[str, str], tuple[float, float]] = {
    ("thread", ""): (20_000, 0),
    ("thread", "bare"): (16_000, 0),
    ("async", ""): (22_000, 0),
    ("fork", ""): (200_000, 28_000),
    ("fork", "bare"): (180_000, 28_000),
    ("spawn", ""): (600_000, 0),
    ("spawn", "fork_exec"): (800_000, 28_000),
    ("spawn", "bare"): (550_000, 0),
    ("process_pool", ""): (500_000, 56_000),
    ("process_pool", "bare"): (400_000, 56_000),
    ("tbb_pool", ""): (80_000, 0),
    ("tbb_pool", "bare"): (20_000, 0),
    ("coroutine", ""): (30, 0),
    ("coroutine", "bare"): (20, 0),
    ("event_loop", ""): (1_500, 0),
    ("event_loop", "bare"): (900, 0),
}
PROCESSES = ("fork", "spawn", "process_pool")
BURSTS = 4  # of a row


def rows(
    model: str, variant: str, tasks: int, each_ns: Sequence[float], **changes: object
) -> list[synthetic.Row]:
    """One row a round: `each_ns` is what a unit took in it."""
    found = []
    for number, each in enumerate(each_ns, start=1):
        makespan = each * tasks * BURSTS
        row: dict[str, object] = {
            "schema_version": 1,
            "run_id": "20250131T120000Z-made-up",
            "launch": 1_000 * number + zlib.crc32(f"{model} {variant} {tasks}".encode()) % 1_000,
            "round": number,
            "sequence": number,
            "timestamp_utc": "2025-01-31T12:00:00Z",
            "benchmark": LIFECYCLE,
            "model": model,
            "variant": variant,
            "tasks": tasks,
            "processes": tasks if model in PROCESSES else 1,
            "threads": 1 if model in PROCESSES else tasks,
            "status": "ok",
            "setup_ns": 10_000,
            "makespan_ns": round(makespan),
            "teardown_ns": 5_000,
            "user_cpu_ns": round(makespan / 3),
            "system_cpu_ns": round(makespan / 2),
            "messages_per_second": 1e9 / each,
            "steal_ns": 0,
            **changes,
        }
        found.append({name: str(row.get(name, "")) for name in names()})
    return found


def priced(
    tasks: Iterable[int] = (1, 100), memory: Iterable[str] = (), rounds: int = 6
) -> list[synthetic.Row]:
    """Every unit in bursts, and those that are processes alone with so much memory besides."""
    found: list[synthetic.Row] = []
    for (model, own), (alone, per_mib) in PRICES.items():
        for burst in tasks:
            if model == "tbb_pool" and burst > 1:
                continue
            each = alone * (1.2 if burst > 1 else 1)
            found += rows(model, own, burst, steady(each, rounds))
        for size in memory if model in PROCESSES else ():
            mib = {"64MiB": 64, "1GiB": 1_024}[size]
            for tags, factor in ((f"resident-{size}", 1.0), (f"resident-{size}+huge", 0.1)):
                variant = f"{own}+{tags}" if own else tags
                found += rows(model, variant, 1, steady(alone + per_mib * mib * factor, rounds))
    return found


def steady(each: float, rounds: int = 6) -> list[float]:
    """Around `each`, by one per cent either way, with it as the median."""
    return [each * (1 + 0.01 * ((number % 3) - 1)) for number in range(rounds)]


def run_data(samples: Iterable[synthetic.Row]) -> RunData:
    """As the charts get it, through real files and the real reader."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        synthetic.write_samples(folder / "samples.csv", samples)
        (folder / "env.json").write_text(json.dumps(synthetic.ENVIRONMENT), encoding="utf-8")
        return RunData.load(folder)
