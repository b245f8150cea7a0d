# SPDX-License-Identifier: Apache-2.0
"""Pools of worker processes, which are there before the batch: multiprocessing.Pool and concurrent.futures."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import partial

from makespan.python_reference.linux import die_with_parent
from makespan.python_reference.model import ModelInfo, Shape, each_process, each_worker
from makespan.python_reference.results import FORK
from makespan.python_reference.work import Result, Work, run_named


class Pool:
    def __init__(self, work: Work, shape: Shape) -> None:
        self._work = work
        self._workers = shape.processes
        self._pool = FORK.Pool(shape.processes, initializer=die_with_parent)

    def run(self, tasks: int) -> list[Result]:
        one = partial(run_named, self._work)
        return self._pool.map(one, range(tasks), chunksize=_chunksize(tasks, self._workers))

    def close(self) -> None:
        self._pool.close()
        self._pool.join()


class Executor:
    """It forks its workers at the first submit: here in setup, as the other pools do."""

    def __init__(self, work: Work, shape: Shape) -> None:
        self._work = work
        self._workers = shape.processes
        self._pool = ProcessPoolExecutor(shape.processes, mp_context=FORK, initializer=die_with_parent)
        self._pool.submit(int).result()

    def run(self, tasks: int) -> list[Result]:
        one = partial(run_named, self._work)
        chunksize = _chunksize(tasks, self._workers)
        return list(self._pool.map(one, range(tasks), chunksize=chunksize))

    def close(self) -> None:
        self._pool.shutdown()


def _chunksize(tasks: int, workers: int) -> int:
    """Many tasks travel together, as the manual advises, but no more than a hundredth of a worker's share: with the
    default of a quarter some workers would wait for others (10 sleeps on 2 workers take 6 sleeps, not 5)."""
    return max(1, tasks // (100 * workers))


def _processes(_tasks: int, asked: Shape) -> Shape:
    return Shape(asked.workers, 1)


MODELS = (
    ModelInfo(
        "python_pool",
        "",
        "multiprocessing.Pool, map with chunks",
        "workers",
        Pool,
        _processes,
        each_worker,
        each_process,
        forks=True,
    ),
    ModelInfo(
        "python_futures_processes",
        "",
        "concurrent.futures.ProcessPoolExecutor, map with chunks",
        "workers",
        Executor,
        _processes,
        each_worker,
        each_process,
        forks=True,
    ),
)
