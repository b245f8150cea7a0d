# SPDX-License-Identifier: Apache-2.0
"""Fixtures for all Python tests; the rows themselves come from synthetic.py."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import synthetic
from makespan.samples import read_samples, read_trace

ROOT = Path(__file__).resolve().parents[2]

#: Every program of the suite.
BINARIES = (
    "bench_sleep",
    "bench_compute",
    "bench_mixed",
    "bench_messages",
    "bench_pipeline",
    "bench_lifecycle",
    "bench_footprint",
)

# Whoever started the tests may ignore these, as nohup and background jobs do; every program that a
# test starts would inherit it, and one that ignores Ctrl-C cannot be interrupted.
for _number, _usual in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGTERM, signal.SIG_DFL),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)


@pytest.fixture
def samples_file(tmp_path: Path) -> Callable[..., Path]:
    """samples_file(rows) -> samples.csv with these rows; without rows: all shapes, six rounds."""

    def write(rows: list[synthetic.Row] | None = None, name: str = "samples.csv") -> Path:
        rows = synthetic.samples() if rows is None else rows
        path: Path = synthetic.write_samples(tmp_path / name, rows)
        return path

    return write


@pytest.fixture
def frame(samples_file: Callable[..., Path]) -> Callable[..., pd.DataFrame]:
    """frame(rows) -> the samples as read_samples() returns them."""

    def read(rows: list[synthetic.Row] | None = None) -> pd.DataFrame:
        return read_samples(samples_file(rows))

    return read


@pytest.fixture
def trace_frame(tmp_path: Path) -> pd.DataFrame:
    """The trace of the first round over all shapes."""
    rows = synthetic.samples(rounds=1)
    return read_trace(synthetic.write_trace(tmp_path / "trace.csv", rows))


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """A finished run with samples.csv, trace.csv and env.json: three kinds of batches, six rounds."""
    ms = synthetic.MS
    batches = [
        ("sleep", 10, 10 * ms, 0),
        ("sleep", 100, 10 * ms, 0),
        ("compute", 100, 0, ms),
        ("mixed", 100, 9 * ms, ms),
    ]
    folder = tmp_path / "run"
    folder.mkdir()
    rows = synthetic.samples(batches=batches)
    synthetic.write_samples(folder / "samples.csv", rows)
    first = [row for row in rows if row["round"] == "1" and row["tasks"] == "10"]
    synthetic.write_trace(folder / "trace.csv", first)
    run = {"run_id": rows[0]["run_id"], "preset": "quick", "rounds": 6, "seed": 1}
    environment = {**synthetic.ENVIRONMENT, "run": run}
    (folder / "env.json").write_text(json.dumps(environment), encoding="utf-8")
    return folder


@dataclass(frozen=True)
class FakeBuild:
    """A build directory whose binaries are fake_bench.py, and the files that steer them."""

    directory: Path
    control: Path

    def script(self, behaviours: dict[int, str]) -> None:
        """What launches do, by number, instead of leaving an ordinary row; see fake_bench.py."""
        self._write("script.json", {str(number): what for number, what in behaviours.items()})

    def environment(self, changes: dict[str, object]) -> None:
        self._write("env.json", changes)

    def more_cases(self, tasks: dict[str, list[int]]) -> None:
        self._write("cases.json", tasks)

    def calls(self) -> list[tuple[str, dict[str, str]]]:
        """Benchmark and flags of every launch so far."""
        path = self.control / "calls.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        return [(benchmark, flags) for benchmark, flags in map(json.loads, lines)]

    def _write(self, name: str, value: object) -> None:
        (self.control / name).write_text(json.dumps(value))


@pytest.fixture
def fake_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeBuild:
    """Five cases on three fake binaries, one of them left out besides, and two binaries of tasks that
    talk; the path has spaces in it."""
    directory = tmp_path / "a build" / "release"
    control = tmp_path / "control"
    (directory / "bin").mkdir(parents=True)
    control.mkdir()
    fake = ROOT / "tests" / "python" / "fake_bench.py"
    for benchmark in ("sleep", "compute", "mixed", "messages", "pipeline"):
        binary = directory / "bin" / f"bench_{benchmark}"
        binary.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "{fake}" {benchmark} "$@"\n')
        binary.chmod(0o755)
    monkeypatch.setenv("FAKE_BENCH", str(control))
    return FakeBuild(directory, control)
