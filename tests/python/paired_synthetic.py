# SPDX-License-Identifier: Apache-2.0
"""Made-up runs of two builds, measured by turns or one after the other. Seeded noise, no clock read."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path

import synthetic
from makespan.arms import BASELINE, CURRENT, Arm, arm_run_id
from makespan.casekey import CaseKey
from makespan.columns import CASE_KEY
from synthetic import MS, Row, Shape

RUN_ID = "20260131T120102Z-1a2b3c4"
SERIAL, THREADS, PROCESSES, POOL, TBB_2, TBB_10, *_, LOOP = synthetic.SHAPES


@dataclass(frozen=True)
class Job:
    """A case, and by what factors the current build differs: makespan, CPU time, memory, messages a second.
    `noise` is the spread of the logarithms of a launch."""

    shape: Shape
    ratio: float = 1.0
    cpu: float = 1.0
    memory: float = 1.0
    rate: float | None = None
    noise: float = 0.01
    benchmark: str = "mixed"
    tasks: int = 10

    @property
    def key(self) -> CaseKey:
        """None where the field of the row is empty."""
        row = self.row(CURRENT, 1, 1, random.Random(0))
        texts = ("benchmark", "model", "variant")
        return tuple(row[n] if n in texts else int(row[n]) if row[n] else None for n in CASE_KEY)

    def row(self, arm: Arm, launch: int, round: int, generator: random.Random) -> Row:
        ours = arm == CURRENT

        def noisy(value: float, factor: float) -> float:
            return value * (factor if ours else 1) * exp(generator.gauss(0, self.noise))

        rate = {} if self.rate is None else {"messages_per_second": f"{noisy(1e5, self.rate):.3f}"}
        return synthetic.sample(
            self.shape,
            benchmark=self.benchmark,
            tasks=self.tasks,
            launch=launch,
            round=round,
            run_id=arm_run_id(RUN_ID, arm),
            makespan_ns=round_off(noisy(20 * MS, self.ratio)),
            user_cpu_ns=round_off(noisy(15 * MS, self.cpu)),
            system_cpu_ns=0,
            peak_rss_bytes=4096 * round_off(noisy(1000, self.memory)),
            **rate,
        )


def round_off(value: float) -> int:
    return int(value + 0.5)


def paired(
    jobs: Sequence[Job], rounds: int = 16, *, first_round: int = 1, first_launch: int = 1, seed: int = 1
) -> list[Row]:
    """A block ABBA or BAAB of every job in every round, in random order."""
    generator = random.Random(seed)
    rows: list[Row] = []
    for number in range(first_round, first_round + rounds):
        for job in generator.sample(jobs, len(jobs)):
            outer, inner = generator.sample([CURRENT, BASELINE], 2)
            for arm in (outer, inner, inner, outer):
                rows.append(job.row(arm, first_launch + len(rows), number, generator))
    return rows


def single(jobs: Sequence[Job], rounds: int, arm: Arm, seed: int) -> list[Row]:
    """A run of one build: as `arm` has it, but with the run_id of an ordinary run."""
    generator = random.Random(seed)
    rows = []
    for number in range(1, rounds + 1):
        for job in jobs:
            row = job.row(arm, len(rows) + 1, number, generator)
            rows.append({**row, "run_id": f"run-of-{arm}"})
    return rows


def write_run(folder: Path, rows: Iterable[Row], **changes: object) -> Path:
    """samples.csv and env.json; `changes` are keys of env.json, `run` those of its "run" object."""
    folder.mkdir(parents=True)
    synthetic.write_samples(folder / "samples.csv", rows)
    run = {"run_id": RUN_ID, "build": "build/release", "ns_per_iteration": 1.25, "baseline": None}
    own = changes.pop("run", {})
    assert isinstance(own, dict)
    environment = {**synthetic.ENVIRONMENT, **changes, "run": {**run, **own}}
    (folder / "env.json").write_text(json.dumps(environment), encoding="utf-8")
    return folder


def write_paired(folder: Path, rows: Iterable[Row], **run: object) -> Path:
    baseline = {"build": "build/base", "git_sha": "0" * 40}
    return write_run(folder, rows, baseline=baseline, run={"baseline": "build/base", **run})
