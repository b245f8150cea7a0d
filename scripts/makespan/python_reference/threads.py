# SPDX-License-Identifier: Apache-2.0
"""Models within one process: a plain loop, a thread per task, a pool of threads, an event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, Thread

from makespan.python_reference.model import (
    ModelInfo,
    Shape,
    all_tasks,
    each_process,
    each_worker,
    one_thread,
)
from makespan.python_reference.work import Result, TaskError, Work, run_task, run_task_async


class Serial:
    def __init__(self, work: Work, _shape: Shape) -> None:
        self._work = work

    def run(self, tasks: int) -> list[Result]:
        return [run_task(self._work, task) for task in range(tasks)]

    def close(self) -> None:
        pass


class Threads:
    def __init__(self, work: Work, _shape: Shape) -> None:
        self._work = work
        self._results: list[Result] = []
        self._failures: list[TaskError] = []

    def run(self, tasks: int) -> list[Result]:
        threads = [Thread(target=self._run_one, args=(task,)) for task in range(tasks)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._failures:
            raise self._failures[0]
        return self._results

    def _run_one(self, task: int) -> None:
        try:
            self._results.append(run_task(self._work, task))
        except TaskError as error:
            self._failures.append(error)

    def close(self) -> None:
        pass


class ThreadPool:
    """The executor makes its threads when they are first needed: here in setup, as the other pools do."""

    def __init__(self, work: Work, shape: Shape) -> None:
        self._work = work
        self._pool = ThreadPoolExecutor(shape.threads)
        all_there = Barrier(shape.threads)
        list(self._pool.map(lambda _: all_there.wait(), range(shape.threads)))

    def run(self, tasks: int) -> list[Result]:
        return list(self._pool.map(partial(run_task, self._work), range(tasks)))

    def close(self) -> None:
        self._pool.shutdown()


class ThreadPoolSubmit(ThreadPool):
    """A future for each task."""

    def run(self, tasks: int) -> list[Result]:
        futures = [self._pool.submit(run_task, self._work, task) for task in range(tasks)]
        return [future.result() for future in futures]


class EventLoop:
    def __init__(self, work: Work, _shape: Shape) -> None:
        self._work = work
        self._runner = asyncio.Runner()
        self._runner.get_loop()

    def run(self, tasks: int) -> list[Result]:
        return self._runner.run(gather_tasks(self._work, range(tasks)))

    def close(self) -> None:
        self._runner.close()


async def gather_tasks(work: Work, tasks: range) -> list[Result]:
    """These tasks at once on the running loop."""
    return await asyncio.gather(*(run_task_async(work, task) for task in tasks))


def _thread_per_task(tasks: int, _asked: Shape) -> Shape:
    return Shape(1, max(tasks, 1))


def _threads(_tasks: int, asked: Shape) -> Shape:
    return Shape(1, asked.workers)


#: A model that is a pool of threads.
of_threads = partial(
    ModelInfo, choice="workers", shape=_threads, in_flight=each_worker, computing=each_process
)

MODELS = (
    ModelInfo(
        "python_serial",
        "",
        "one task after the other: the control",
        "none",
        Serial,
        one_thread,
        each_worker,
        each_process,
    ),
    ModelInfo(
        "python_threading",
        "",
        "a threading.Thread per task, started for the batch and joined",
        "none",
        Threads,
        _thread_per_task,
        each_worker,
        each_process,
    ),
    of_threads(
        "python_futures_threads",
        "",
        "concurrent.futures.ThreadPoolExecutor, map",
        make=ThreadPool,
    ),
    of_threads(
        "python_futures_threads",
        "submit",
        "concurrent.futures.ThreadPoolExecutor, a future for each task",
        make=ThreadPoolSubmit,
    ),
    ModelInfo(
        "python_asyncio",
        "",
        "asyncio: one thread, a task of the loop per task, gather",
        "none",
        EventLoop,
        one_thread,
        all_tasks,
        each_process,
    ),
)
