# SPDX-License-Identifier: Apache-2.0
"""What is asked: the rows of the table, and which rows of samples.csv answer them.

A question is answered by one batch that all sides did, so that it is the same work for all; METG and memory per task
are read off several batches, as the tables of their own do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

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
    """`formula` is the figure in terms of columns of samples.csv, in ns or bytes. `models` are those that can answer;
    all if there are none. `floor` is model and variant of what has another role elsewhere. `workers`: in this many
    processes × threads only. `presets` measure it. `nobody` says of a side why nothing of it ever answers.
    """

    name: str
    title: str
    benchmark: str
    formula: str
    kind: Kind = Kind.ROW
    presets: tuple[str, ...] = ("peers",)
    models: frozenset[str] = frozenset()
    floor: tuple[str, str] | None = None
    workers: int | None = None
    of: Callable[[Batch], bool] = lambda batch: True
    nobody: Mapping[Side, str] = field(default_factory=dict)

    def side(self, model: str, own: str) -> Side | None:
        """That of a model in this variant of its own; None if it cannot answer."""
        if self.models and model not in self.models:
            return None
        if model.startswith(PYTHON):
            return Side.PYTHON
        role = Role.FLOOR if (model, own) == self.floor else role_of(model, own)
        return {Role.OWN: Side.OURS, Role.PEER: Side.PEER, Role.FLOOR: Side.FLOOR}[role]

    def takes(self, batch: Batch) -> bool:
        """Whether a batch of the benchmark asks this: tasks of one size, one sender and one receiver, the usual text, no
        other scheduling."""
        plain = batch.sizes == "constant" and (batch.producers, batch.consumers) == (1, 1)
        return plain and not batch.text and not batch.scheduling and self.of(batch)


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

#: In the order of the table.
QUESTIONS: tuple[Question, ...] = (
    Question(
        "sleep_makespan",
        "a million sleeps, makespan",
        "sleep",
        "makespan_ns",
        of=_million,
        nobody=_NO_FLOOR,
    ),
    Question(
        "sleep_cpu",
        "a million sleeps, CPU time",
        "sleep",
        "user_cpu_ns + system_cpu_ns",
        of=_million,
        nobody=_NO_FLOOR,
    ),
    Question(
        "thread_pool",
        "empty task to a thread pool",
        "sleep",
        _PER_TASK,
        models=frozenset(
            {"tbb_pool", "asio_pool", "openmp", "taskflow", "uv_loop", "python_futures_threads"}
        ),
        workers=2,
        of=_empty,
    ),
    Question(
        "process_pool",
        "empty task to a process pool",
        "sleep",
        _PER_TASK,
        models=frozenset({"process_pool", "python_pool", "python_futures_processes"}),
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
