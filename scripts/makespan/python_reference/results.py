# SPDX-License-Identifier: Apache-2.0
"""How results come back from processes that were forked for a batch: through memory that they share."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from makespan.python_reference.linux import die_with_parent, shared_numbers
from makespan.python_reference.work import Result, TaskError, Work

#: The way that was Python's own on Linux until 3.13, and the fastest.
FORK = get_context("fork")
_FIELDS = 7  # of a result; one more tells how often it was stored


class SharedResults:
    """A place for the result of each task, and for what went wrong. To be made before the fork."""

    def __init__(self, work: Work, tasks: int) -> None:
        self._length = 7 if work.recording else 2
        self._tasks = tasks
        self._numbers = shared_numbers(tasks * (_FIELDS + 1))
        self._failures = FORK.SimpleQueue()

    def store(self, result: Result) -> None:
        at = result[0] * (_FIELDS + 1)
        for place, number in enumerate(result):
            self._numbers[at + place] = number
        self._numbers[at + _FIELDS] += 1

    def fail(self, error: Exception) -> None:
        """Notes what happened to a task; the message says to which."""
        self._failures.put(str(error)[:300])

    def collect(self, processes: Iterable[BaseProcess], what: str) -> list[Result]:
        """Waits for the processes. Raises TaskError with the first failure of a task, RuntimeError if a process
        died; a task that ran twice is there twice."""
        died = ""
        for number, process in enumerate(processes):
            process.join()
            if process.exitcode and not died:
                died = f"{what} {number} ended with {said_of(process.exitcode)}"
        if not self._failures.empty():
            raise TaskError(self._failures.get())
        if died:
            raise RuntimeError(died)
        return [result for task in range(self._tasks) for result in self._of(task)]

    def _of(self, task: int) -> list[Result]:
        at = task * (_FIELDS + 1)
        return [tuple(self._numbers[at : at + self._length])] * self._numbers[at + _FIELDS]


def started(target: object, arguments: Iterable[tuple[object, ...]]) -> list[BaseProcess]:
    """A process for each tuple of arguments, which dies with its parent."""
    processes = [FORK.Process(target=_to_its_end, args=(target, *each)) for each in arguments]
    for process in processes:
        process.start()
    return list(processes)


def _to_its_end(target: object, *arguments: object) -> None:
    die_with_parent()
    assert callable(target)
    target(*arguments)


def said_of(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"
