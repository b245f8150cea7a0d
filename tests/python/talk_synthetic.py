# SPDX-License-Identifier: Apache-2.0
"""Run folders of made-up batches of tasks that talk, for the tests of tables and charts."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

import synthetic
from makespan.charts.data import RunData
from makespan.columns import TRACE_COLUMNS, names
from talk_rows import Talk, rows, trace


def write_run(folder: Path, talks: Iterable[Talk], rounds: int = 6, traced: bool = False) -> Path:
    """A run folder; `traced` is whether round 1 left its round trips in trace.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = rows(list(talks), rounds)
    synthetic.write_samples(folder / "samples.csv", samples)
    (folder / "env.json").write_text(json.dumps(synthetic.ENVIRONMENT), encoding="utf-8")
    lines = trace(row for row in samples if row["round"] == "1") if traced else []
    if lines:
        text = synthetic.csv_text(lines, names(TRACE_COLUMNS))
        (folder / "trace.csv").write_text(text, encoding="utf-8")
    return folder


def run_data(talks: Iterable[Talk], rounds: int = 6, traced: bool = False) -> RunData:
    """The same as the charts get it, through real files and the real reader."""
    with tempfile.TemporaryDirectory() as folder:
        return RunData.load(write_run(Path(folder), talks, rounds, traced))
