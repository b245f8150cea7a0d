# SPDX-License-Identifier: Apache-2.0
"""HOW a batch is run: what every model offers, and what is known of it beforehand."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from makespan.python_reference.work import Result, Work

#: Threads of one process compute one after the other, unless the interpreter was built without the lock.
GIL: bool = getattr(sys, "_is_gil_enabled", lambda: True)()


@dataclass(frozen=True)
class Shape:
    """Processes, and threads of each."""

    processes: int = 1
    threads: int = 1

    @property
    def workers(self) -> int:
        return self.processes * self.threads


class Model(Protocol):
    """Constructor = setup, run = work, close = teardown; each phase is timed apart."""

    def run(self, tasks: int) -> list[Result]:
        """Every task exactly once, the results in any order. Raises TaskError if one failed, OSError or
        RuntimeError if the system refuses a thread or a process."""

    def close(self) -> None:
        """Ends the workers."""


@dataclass(frozen=True)
class ModelInfo:
    """`choice`: which part of its shape the user chooses. `shape` is what a model makes of that for so many tasks.
    `in_flight` and `computing` are the c and p of its bound, p before the CPUs limit it."""

    name: str
    variant: str
    summary: str
    choice: Literal["none", "workers", "grid"]
    make: Callable[[Work, Shape], Model]
    shape: Callable[[int, Shape], Shape]
    in_flight: Callable[[int, Shape], int]
    computing: Callable[[int, Shape], int]
    forks: bool = False


def each_worker(_tasks: int, shape: Shape) -> int:
    """Tasks in flight, if every worker has one."""
    return shape.workers


def all_tasks(tasks: int, _shape: Shape) -> int:
    """Tasks in flight, if waiting takes no worker."""
    return tasks


def each_process(_tasks: int, shape: Shape) -> int:
    """Tasks that compute at once."""
    return shape.processes if GIL else shape.workers


def one_thread(_tasks: int, _asked: Shape) -> Shape:
    return Shape()


def as_asked(_tasks: int, asked: Shape) -> Shape:
    return asked
