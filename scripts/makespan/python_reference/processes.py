# SPDX-License-Identifier: Apache-2.0
"""Models that fork for a batch: a process per task, and processes × threads or × event loops."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from threading import Thread

from makespan.python_reference.linux import shared_numbers
from makespan.python_reference.model import ModelInfo, Shape, all_tasks, as_asked, each_process, each_worker
from makespan.python_reference.results import FORK, SharedResults, started
from makespan.python_reference.threads import gather_tasks
from makespan.python_reference.work import Result, TaskError, Work, run_named


class Processes:
    def __init__(self, work: Work, _shape: Shape) -> None:
        self._work = work

    def run(self, tasks: int) -> list[Result]:
        results = SharedResults(self._work, tasks)
        processes = started(_run_one, ((self._work, task, results) for task in range(tasks)))
        return results.collect(processes, "the process of task")

    def close(self) -> None:
        pass


def _run_one(work: Work, task: int, results: SharedResults) -> None:
    try:
        results.store(run_named(work, task))
    except TaskError as error:
        results.fail(error)


class Hybrid:
    """P processes of T threads; every thread takes tasks from one counter."""

    def __init__(self, work: Work, shape: Shape) -> None:
        self._work = work
        self._shape = shape

    def run(self, tasks: int) -> list[Result]:
        results = SharedResults(self._work, tasks)
        counter = _Counter(tasks)
        share = (self._work, self._shape.threads, counter, results)
        processes = started(_run_threads, (share for _ in range(self._shape.processes)))
        return results.collect(processes, "process")

    def close(self) -> None:
        pass


class _Counter:
    """Hands out the numbers of the tasks to threads of several processes."""

    def __init__(self, tasks: int) -> None:
        self._tasks = tasks
        self._next = shared_numbers(1)
        self._lock = FORK.Lock()

    def __iter__(self) -> Iterator[int]:
        while True:
            with self._lock:
                task = self._next[0]
                self._next[0] = task + 1
            if task >= self._tasks:
                return
            yield task


def _run_threads(work: Work, threads: int, counter: _Counter, results: SharedResults) -> None:
    def take_tasks() -> None:
        for task in counter:
            _run_one(work, task, results)

    others = [Thread(target=take_tasks) for _ in range(threads - 1)]  # beside the one that is there
    for thread in others:
        thread.start()
    take_tasks()
    for thread in others:
        thread.join()


class HybridLoop:
    """P processes, each with an event loop for its share of the tasks."""

    def __init__(self, work: Work, shape: Shape) -> None:
        self._work = work
        self._processes = shape.processes

    def run(self, tasks: int) -> list[Result]:
        results = SharedResults(self._work, tasks)
        shares = (range(first, tasks, self._processes) for first in range(self._processes))
        processes = started(_run_loop, ((self._work, share, results) for share in shares))
        return results.collect(processes, "process")

    def close(self) -> None:
        pass


def _run_loop(work: Work, share: range, results: SharedResults) -> None:
    try:
        for result in asyncio.run(gather_tasks(work, share)):
            results.store(result)
    except TaskError as error:
        results.fail(error)


MODELS = (
    ModelInfo(
        "python_process",
        "",
        "a multiprocessing.Process per task, forked for the batch and joined; results through shared memory",
        "none",
        Processes,
        lambda tasks, _asked: Shape(max(tasks, 1), 1),
        each_worker,
        each_process,
        forks=True,
    ),
    ModelInfo(
        "python_hybrid",
        "",
        "P processes of T threads, forked for the batch; every thread takes tasks from one counter",
        "grid",
        Hybrid,
        as_asked,
        each_worker,
        each_process,
        forks=True,
    ),
    ModelInfo(
        "python_hybrid",
        "loop",
        "P processes, forked for the batch, each with asyncio for its share of the tasks",
        "grid",
        HybridLoop,
        lambda _tasks, asked: Shape(asked.processes, 1),
        all_tasks,
        each_process,
        forks=True,
    ),
)
