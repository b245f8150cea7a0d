# SPDX-License-Identifier: Apache-2.0
"""The overshoots and start latencies of a trace, by load and model. Times in ns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from makespan.batch import Batch, batch_of
from makespan.ccdf import Floats
from makespan.columns import TALKS, split_variant
from makespan.roles import with_peer

#: Tasks of one model under one load that make a distribution.
MANY = 100
#: A share of fewer tasks than this is known badly: of 10 that are expected, 5 to 18 are seen in 95 % of all
#: cases (Poisson).
FEW = 10
#: Shares that are told.
QUANTILES = (0.5, 0.99, 0.999)

#: A run's id and the number of a round in it.
Round = tuple[str, int]

_CASE = ["benchmark", "model", "variant", "tasks", "processes", "threads", "sleep_ns", "compute_ns"]


@dataclass(frozen=True)
class Late:
    """All traced tasks of a model, or of a variant of its `own`, under one load: both ascending. No
    overshoots where the trace does not tell them. `rounds`: the overshoots of each run and round, if known."""

    batch: Batch
    model: str
    own: str
    processes: int
    threads: int
    overshoots: Floats
    starts: Floats
    rounds: Mapping[Round, Floats] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return len(self.starts)

    @property
    def name(self) -> str:
        return with_peer(f"{self.model} {self.own}".strip(), self.model, self.own)


def distributions(trace: pd.DataFrame, samples: pd.DataFrame | None = None) -> list[Late]:
    """Of every load that tasks sleep under, and model, at least MANY tasks of all launches together; of
    several shapes the one with most workers. In the order of the loads. The rounds are told by the samples."""
    if not len(trace):
        return []
    sleeping = trace[(trace["sleep_ns"] > 0).fillna(False) & ~trace["benchmark"].isin(TALKS)]
    if samples is not None:
        sleeping = _with_rounds(sleeping, samples)
    best: dict[tuple[Batch, str, str], Late] = {}
    for values, frame in sleeping.groupby(_CASE, dropna=False, sort=True):
        if len(frame) >= MANY:
            late = _late(dict(zip(_CASE, values)), frame)
            key = late.batch, late.model, late.own
            if key not in best or _workers(best[key]) < _workers(late):
                best[key] = late
    return sorted(best.values(), key=lambda late: late.batch.sort_key)


def _with_rounds(trace: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    row = ["run_id", "sequence"]
    rows = samples[[*row, "round"]].dropna().drop_duplicates(row, keep=False)  # what is told twice is not known
    return trace.merge(rows, how="left", on=row)


def _workers(late: Late) -> int:
    return late.processes * late.threads


def _late(row: Mapping[str, Any], frame: pd.DataFrame) -> Late:
    unknown = ("payload_bytes", "stages")
    processes, threads = (1 if pd.isna(row[name]) else int(row[name]) for name in ("processes", "threads"))
    own = split_variant(str(row["variant"])).own
    known = frame["overshoot_ns"].dropna()
    rounds = {}
    if "round" in frame:
        rounds = {
            (str(run), int(number)): np.sort(known[rows.index].to_numpy(dtype="float64"))
            for (run, number), rows in frame.loc[known.index].groupby(["run_id", "round"])
        }
    overshoots, starts = (
        np.sort(column.to_numpy(dtype="float64")) for column in (known, frame["start_ns"])
    )
    batch = batch_of(dict(row) | dict.fromkeys(unknown))
    return Late(batch, str(row["model"]), own, processes, threads, overshoots, starts, rounds)
