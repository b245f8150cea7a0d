# SPDX-License-Identifier: Apache-2.0
"""The batches of a trace file: what each was, and the records of its tasks. Times in ns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from makespan.arms import CURRENT, arm_of
from makespan.batch import Batch
from makespan.case_name import case_name
from makespan.casekey import CaseKey, batch_of_key, contender_of_key, fields_of
from makespan.columns import CASE_KEY, TRACE_COLUMNS, names, split_variant
from makespan.errors import UsageError
from makespan.lanes import Lane, lanes_of
from makespan.samples import read_samples, read_trace_parts
from makespan.theme import rank
from makespan.units import count

#: Columns of one task; those before them say of which batch.
RECORD = ("task", "start_ns", "end_ns", "process", "thread", "cpu", "overshoot_ns")
_BATCH = [name for name in names(TRACE_COLUMNS) if name not in RECORD]
UNKNOWN = -1  # in place of an empty process, thread, cpu or overshoot


@dataclass(frozen=True)
class TracedBatch:
    """`records` has the columns RECORD as int64, one row a task, by task. `number` is that of the row in
    samples.csv where the file has each once, else a place in the file. `run` tells apart the runs of a file
    that has several. Makespan and bound are known from samples.csv, and only from there."""

    run_id: str
    key: CaseKey
    records: pd.DataFrame
    sequence: int | None
    number: int = 0
    run: str = ""
    makespan_ns: float | None = None
    bound_ns: float | None = None

    @property
    def batch(self) -> Batch:
        return batch_of_key(self.key)

    @property
    def fields(self) -> dict[str, Any]:
        """Column -> value, None for not applicable."""
        return fields_of(self.key)

    @property
    def piece(self) -> str:
        """What one record is."""
        return "round trip" if self.batch.benchmark == "ping_pong" else "task"

    @property
    def work(self) -> str:
        """What had to be done, like "10 tasks × sleep 50 ms"; a trace does not tell the size of messages."""
        batch = self.batch
        if batch.talks and not batch.payload_bytes:
            return f"{batch.benchmark.replace('_', '-')}, {count(self.expected, self.piece)}"
        return str(batch)

    @property
    def title(self) -> str:
        """Like "hybrid 2 × 5, 10 tasks × sleep 50 ms"."""
        return f"{contender_of_key(self.key)}, {self.work}" + (f", {self.run}" if self.run else "")

    @property
    def name(self) -> str:
        """As the binaries call the case."""
        return case_name(self.key)

    @property
    def expected(self) -> int:
        """How many records a whole batch has."""
        return self.batch.tasks // 2 if self.batch.benchmark == "ping_pong" else self.batch.tasks

    @property
    def asleep_ns(self) -> int | None:
        """What every task was asked to take, where all do the same and nothing but sleep: that tells the
        overshoot in traces that do not."""
        batch = self.batch
        plain = batch.sleep_ns and not batch.compute_ns and batch.sizes == "constant"
        return batch.sleep_ns if plain else None

    @property
    def end_ns(self) -> int:
        """The end of the last task."""
        return int(self.records["end_ns"].max())

    def lanes(self) -> list[Lane]:
        return lanes_of(self.records)


def trace_file(source: Path) -> Path:
    """The trace itself; `source` is one, or the folder of a run. Raises UsageError."""
    if not source.is_dir():
        return source
    path = source / "trace.csv"
    if not path.is_file():
        allowed = "the folder of a run with traced cases, or a file that --trace wrote"
        raise UsageError(f"{source} has no trace.csv; allowed: {allowed}")
    return path


def read_batches(source: Path) -> list[TracedBatch]:
    """The batches of a trace, or of a run folder with what its samples.csv knows of them: by benchmark and
    size, then as charts list the models. Raises InputError and UsageError."""
    pieces: dict[tuple[Any, ...], list[pd.DataFrame]] = {}
    for part in read_trace_parts(trace_file(source)):
        for values, rows in part.groupby(_BATCH, sort=False, dropna=False):
            own = rows[list(RECORD)].fillna(UNKNOWN).astype("int64")
            pieces.setdefault(tuple(map(_plain, values)), []).append(own)
    found = [
        TracedBatch(str(key["run_id"]), tuple(map(key.get, CASE_KEY)), records, key["sequence"])
        for key, frames in ((dict(zip(_BATCH, values)), own) for values, own in pieces.items())
        for records in _launches(pd.concat(frames, ignore_index=True))
    ]
    samples = source / "samples.csv"
    if source.is_dir() and samples.is_file():
        found = list(_measured(found, samples))
    return sorted(_numbered(found), key=_order)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    return None if pd.isna(value) else int(value)


def _launches(records: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """A task that comes again is of another launch, which was given the same run and number."""
    launch = records.groupby("task").cumcount()
    for number in range(int(launch.max()) + 1):
        yield records[launch == number].sort_values("task", ignore_index=True)


def _measured(batches: Iterable[TracedBatch], samples: Path) -> Iterator[TracedBatch]:
    """With makespan, bound and the size of messages from the rows of the samples."""
    frame = read_samples(samples)
    columns = ["run_id", "sequence", "makespan_ns", "model_bound_ns", "payload_bytes"]
    rows = {row[:2]: row[2:] for row in zip(*(map(_plain, frame[name]) for name in columns))}
    for batch in batches:
        known = rows.get((batch.run_id, batch.sequence))
        if known is None:
            yield batch
        else:
            key = {**batch.fields, "payload_bytes": known[2]}
            yield replace(
                batch, key=tuple(key.values()), makespan_ns=known[0], bound_ns=known[1]
            )


def _numbered(batches: list[TracedBatch]) -> Iterator[TracedBatch]:
    numbers = [batch.sequence or 0 for batch in batches]
    if len(set(numbers)) < len(numbers) or min(numbers, default=1) < 1:
        numbers = list(range(1, len(batches) + 1))
    runs = {batch.run_id for batch in batches}
    paired = len({run.removesuffix(f"+{arm_of(run)}") for run in runs}) == 1
    for batch, number in zip(batches, numbers):
        arm = arm_of(batch.run_id)
        run = "" if len(runs) == 1 else arm if paired else batch.run_id
        yield replace(batch, number=number, run="" if run == CURRENT else run)


def _order(batch: TracedBatch) -> tuple[Any, ...]:
    fields = batch.fields
    shape = int(fields["processes"] or 1), int(fields["threads"] or 1)
    own = split_variant(str(fields["variant"])).own
    workers = shape[0] * shape[1]
    return batch.batch.sort_key, rank(str(fields["model"])), own, workers, shape, batch.number
