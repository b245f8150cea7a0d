# SPDX-License-Identifier: Apache-2.0
"""Pools whose workers are there before the batch: multiprocessing.Pool, of processes and of threads, and the executor of
processes of concurrent.futures."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing.pool import ThreadPool
from typing import Any

from makespan.python_reference.linux import die_with_parent
from makespan.python_reference.model import ModelInfo, Shape, each_process, each_worker
from makespan.python_reference.results import FORK
from makespan.python_reference.threads import of_threads
from makespan.python_reference.work import Result, Work, run_task


class Pool:
    """`make` has the pool of so many workers."""

    def __init__(self, make: Callable[[int], Any], work: Work, shape: Shape) -> None:
        self._work = work
        self._workers = shape.workers
        self._pool = make(shape.workers)

    def run(self, tasks: int) -> list[Result]:
        one = partial(run_task, self._work)
        results: list[Result] = self._pool.map(one, range(tasks), chunksize=_chunksize(tasks, self._workers))
        return results

    def close(self) -> None:
        self._pool.close()
        self._pool.join()


class PoolSubmit(Pool):
    """Each task by itself."""

    def run(self, tasks: int) -> list[Result]:
        waiting = [self._pool.apply_async(run_task, (self._work, task)) for task in range(tasks)]
        return [each.get() for each in waiting]


class Executor:
    """It forks its workers at the first submit: here in setup, as the other pools do."""

    def __init__(self, work: Work, shape: Shape) -> None:
        self._work = work
        self._workers = shape.processes
        self._pool = ProcessPoolExecutor(shape.processes, mp_context=FORK, initializer=die_with_parent)
        self._pool.submit(int).result()

    def run(self, tasks: int) -> list[Result]:
        one = partial(run_task, self._work)
        chunksize = _chunksize(tasks, self._workers)
        return list(self._pool.map(one, range(tasks), chunksize=chunksize))

    def close(self) -> None:
        self._pool.shutdown()


class ExecutorSubmit(Executor):
    """A future for each task."""

    def run(self, tasks: int) -> list[Result]:
        futures = [self._pool.submit(run_task, self._work, task) for task in range(tasks)]
        return [future.result() for future in futures]


def _chunksize(tasks: int, workers: int) -> int:
    """Many tasks travel together, as the manual advises, but no more than a hundredth of a worker's share: with the
    default of a quarter some workers would wait for others (10 sleeps on 2 workers take 6 sleeps, not 5).
    """
    return max(1, tasks // (100 * workers))


_PROCESSES = partial(FORK.Pool, initializer=die_with_parent)


def _shape_of(_tasks: int, asked: Shape) -> Shape:
    return Shape(asked.workers, 1)


_of_processes = partial(
    ModelInfo,
    choice="workers",
    shape=_shape_of,
    in_flight=each_worker,
    computing=each_process,
    forks=True,
)

MODELS = (
    of_threads(
        "python_thread_pool",
        "",
        "multiprocessing.pool.ThreadPool, map with chunks",
        make=partial(Pool, ThreadPool),
    ),
    _of_processes(
        "python_pool", "", "multiprocessing.Pool, map with chunks", make=partial(Pool, _PROCESSES)
    ),
    _of_processes(
        "python_futures_processes",
        "",
        "concurrent.futures.ProcessPoolExecutor, map with chunks",
        make=Executor,
    ),
    _of_processes(
        "python_pool",
        "submit",
        "multiprocessing.Pool, apply_async for each task",
        make=partial(PoolSubmit, _PROCESSES),
    ),
    _of_processes(
        "python_futures_processes",
        "submit",
        "concurrent.futures.ProcessPoolExecutor, a future for each task",
        make=ExecutorSubmit,
    ),
)
