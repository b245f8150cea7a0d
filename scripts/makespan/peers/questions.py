# SPDX-License-Identifier: Apache-2.0
"""What is asked: the rows of the table, and which rows of samples.csv answer them.

A question is answered by one batch that all sides did, so that it is the same work for all; METG and memory per task
are read off several batches, as the tables of their own do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd

from makespan.batch import Batch
from makespan.columns import FOOTPRINT
from makespan.roles import PYTHON, Role, role_of


class Side(StrEnum):
    """Who answers: a model of the suite, a library of C++, Python's own concurrency, or what cannot be done without."""

    OURS = "ours"
    PEER = "peer"
    PYTHON = "Python"
    FLOOR = "floor"


class Kind(StrEnum):
    """How a figure is made: from the column of each row, or from the rows of a sweep."""

    ROW = "row"
    METG = "METG"
    SLOPE = "slope"


@dataclass(frozen=True)
class Question:
    """`formula` is the figure in terms of columns of samples.csv, in ns or bytes. `models` are those that can
    answer, in any variant or as model/variant, model/default; all if there are none. `floor` is model and variant
    of what has another role elsewhere. `workers`: in this many processes × threads only; `processes` too. `presets`
    measure it. `nobody` says of a side why nothing of it ever answers, `without` of a model why the presets leave
    it out."""

    name: str
    title: str
    benchmark: str
    formula: str
    kind: Kind = Kind.ROW
    presets: tuple[str, ...] = ("peers",)
    models: frozenset[str] = frozenset()
    floor: tuple[str, str] | None = None
    workers: int | None = None
    processes: int | None = None
    of: Callable[[Batch], bool] = lambda batch: True
    nobody: Mapping[Side, str] = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)

    def side(self, model: str, own: str) -> Side | None:
        """That of a model in this variant of its own; None if it cannot answer."""
        if self.models and not self.models & {model, f"{model}/{own or 'default'}"}:
            return None
        if model.startswith(PYTHON):
            return Side.PYTHON
        role = Role.FLOOR if (model, own) == self.floor else role_of(model, own)
        return {Role.OWN: Side.OURS, Role.PEER: Side.PEER, Role.FLOOR: Side.FLOOR}[role]

    def fits(self, shape: tuple[int, int] | None) -> bool:
        """Whether a case of this many processes of threads is asked for; None where there are no such."""
        if shape is None:
            return self.workers is None and self.processes is None
        processes, threads = shape
        return self.workers in (None, processes * threads) and self.processes in (None, processes)

    def takes(self, batch: Batch) -> bool:
        """Whether a batch of the benchmark asks this: tasks of one size, one sender and one receiver, the usual text, no
        other scheduling."""
        plain = batch.sizes == "constant" and (batch.producers, batch.consumers) == (1, 1)
        return plain and not batch.text and not batch.scheduling and self.of(batch)


def shape_of(row: Mapping[str, object]) -> tuple[int, int] | None:
    processes, threads = row["processes"], row["threads"]
    if pd.isna(processes) or pd.isna(threads):
        return None
    return int(str(processes)), int(str(threads))


def _million(batch: Batch) -> bool:
    return batch.tasks == 1_000_000 and batch.sleep_ns > 0


def _empty(batch: Batch) -> bool:
    return batch.tasks > 0 and batch.sleep_ns == 0


_PER_TASK = "makespan_ns / tasks"
_PER_MESSAGE = "1e9 / messages_per_second"
_TALK = ("peers", "quick", "talk")
_NO_FLOOR = {Side.FLOOR: "there is no floor of bare system calls for it"}
_NO_PYTHON = {Side.PYTHON: "the Python reference has no counterpart of it"}
_NO_PEER = {Side.PEER: "none of the libraries does it"}
# One process each: what several of ours could share, one loop of theirs could not.
_SLEEPERS = frozenset({"event_loop", "asio_coroutines", "uv_loop", "boost_fiber", "python_asyncio"})
_NO_FIBERS = {"boost_fiber": "a million stacks take more memory than most machines have"}

#: In the order of the table.
QUESTIONS: tuple[Question, ...] = (
    Question(
        "sleep_makespan",
        "a million sleeps, makespan",
        "sleep",
        "makespan_ns",
        models=_SLEEPERS,
        processes=1,
        of=_million,
        nobody=_NO_FLOOR,
        without=_NO_FIBERS,
    ),
    Question(
        "sleep_cpu",
        "a million sleeps, CPU time",
        "sleep",
        "user_cpu_ns + system_cpu_ns",
        models=_SLEEPERS,
        processes=1,
        of=_million,
        nobody=_NO_FLOOR,
        without=_NO_FIBERS,
    ),
    Question(
        "thread_pool_each",
        "empty task to a thread pool, handed over one by one",
        "sleep",
        _PER_TASK,
        models=frozenset(
            {
                *("tbb_pool/submit", "tbb_pool/bare_submit"),
                *("asio_pool", "openmp/default", "taskflow", "uv_loop"),
                "python_futures_threads/submit",
            }
        ),
        workers=2,
        processes=1,
        of=_empty,
    ),
    Question(
        "thread_pool_range",
        "empty task to a thread pool, range known beforehand",
        "sleep",
        _PER_TASK,
        models=frozenset(
            {
                *("tbb_pool/default", "tbb_pool/bare", "openmp/taskloop", "openmp/for"),
                *("python_futures_threads/default", "python_thread_pool"),
            }
        ),
        workers=2,
        processes=1,
        of=_empty,
    ),
    Question(
        "process_pool_each",
        "empty task to a process pool, handed over one by one",
        "sleep",
        _PER_TASK,
        models=frozenset({"process_pool", "python_pool/submit", "python_futures_processes/submit"}),
        workers=2,
        of=_empty,
        nobody={**_NO_PEER, **_NO_FLOOR},
    ),
    Question(
        "process_pool_chunks",
        "empty task to a process pool, many at once",
        "sleep",
        _PER_TASK,
        models=frozenset({"process_pool", "python_pool/default", "python_futures_processes/default"}),
        workers=2,
        of=_empty,
        nobody={**_NO_PEER, **_NO_FLOOR},
    ),
    Question(
        "metg_50",
        "METG(50 %) on 2 workers",
        "compute",
        "METG(50 %) over tasks, of makespan_ns, compute_iterations and the bounds",
        kind=Kind.METG,
        presets=("peers", "granularity"),
        workers=2,
        nobody={Side.PYTHON: "efficiency is told by the kernel of C++, of which the interpreter reaches some 2 %"},
    ),
    Question(
        "process_message",
        "message between processes",
        "messages",
        _PER_MESSAGE,
        presets=_TALK,
        models=frozenset({"processes", "python_queue"}),
    ),
    Question(
        "thread_message",
        "message between threads",
        "messages",
        _PER_MESSAGE,
        presets=_TALK,
        models=frozenset({"threads"}),
        nobody={**_NO_PYTHON, **_NO_FLOOR},
    ),
    Question(
        "coroutine_hop",
        "hop between coroutines",
        "ring",
        _PER_MESSAGE,
        presets=_TALK,
        models=frozenset({"event_loop", "asio_coroutines"}),
        nobody={**_NO_PYTHON, **_NO_FLOOR},
    ),
    Question(
        "pipeline_stage",
        "line through a stage of a pipeline",
        "pipeline",
        f"{_PER_MESSAGE} / stages",
        presets=_TALK,
        models=frozenset({"serial", "coroutines", "threads", "processes", "tbb_pool", "python_generators"}),
        floor=("serial", ""),
        nobody=_NO_PEER,
    ),
    Question(
        "thread_creation",
        "thread, to create and to end",
        "sleep",
        _PER_TASK,
        models=frozenset({"threads", "std_async", "python_threading"}),
        of=_empty,
    ),
    Question(
        "process_creation",
        "process, to create and to end",
        "sleep",
        _PER_TASK,
        models=frozenset({"processes", "python_process"}),
        of=_empty,
        nobody=_NO_PEER,
    ),
    Question(
        "waiting_memory",
        "memory per waiting task",
        FOOTPRINT,
        "slope of pss_bytes + kernel_bytes over tasks",
        kind=Kind.SLOPE,
        presets=("peers", "footprint"),
        nobody={**_NO_PYTHON, **_NO_FLOOR},
    ),
)
