# SPDX-License-Identifier: Apache-2.0
"""Notes on cases that gave no time, so that no chart leaves one out silently."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from makespan.units import one_line

from .cases import Case, Failure, Series
from .text import listed, shortened

MOST_NOTES = 6
REASON_LENGTH = 110


@dataclass(frozen=True)
class Cause:
    """Why cases of a series gave no time; `status` says in how many launches, if not in all."""

    series: str
    status: str
    reason: str


class Measured(Protocol):
    """What a note is about; `median` is None if no launch gave a time."""

    @property
    def series(self) -> Series: ...
    @property
    def n(self) -> int: ...
    @property
    def median(self) -> float | None: ...
    @property
    def failures(self) -> tuple[Failure, ...]: ...


M = TypeVar("M", bound=Measured)


def failure_notes(cases: Iterable[Case]) -> list[str]:
    """Like "× threads skipped: 1,000 tasks of 1 ms sleep (needs 1,000 threads, limit 512)"; what
    befell several series alike is one line. At most MOST_NOTES lines and one more."""
    return notes_on(cases, batches)


def notes_on(cases: Iterable[M], words: Callable[[Iterable[M]], str]) -> list[str]:
    """The same for cases of any kind; `words` says what some of them had to do."""
    causes: dict[Cause, list[M]] = {}
    for case in cases:
        launches = case.n + sum(failure.count for failure in case.failures)
        for failure in case.failures:
            share = "" if case.median is None else f" in {failure.count} of {launches} launches"
            name = shortened(case.series.name, 40)
            cause = Cause(name, failure.status + share, one_line(failure.error, REASON_LENGTH))
            causes.setdefault(cause, []).append(case)
    alike: dict[tuple[str, str], list[str]] = {}
    for cause, group in causes.items():
        reason = f" ({cause.reason})" if cause.reason else ""
        alike.setdefault((cause.status, words(group) + reason), []).append(cause.series)
    notes = [f"× {listed(names, 10)} {key[0]}: {key[1]}" for key, names in alike.items()]
    if len(notes) <= MOST_NOTES:
        return notes
    left = len(notes) - MOST_NOTES
    more = f"× … and {left} more; samples.csv gives the reasons (columns status and error)."
    return [*notes[:MOST_NOTES], more]


def batches(cases: Iterable[Case]) -> str:
    """Like "10 and 100 tasks of 1 ms CPU and 10 ms sleep"."""
    counts: dict[str, set[int]] = {}
    for case in cases:
        counts.setdefault(case.workload.task, set()).add(case.tasks)
    works: dict[str, list[str]] = {}
    for work, tasks in counts.items():
        noun = "task" if tasks == {1} else "tasks"
        words = f"{listed([f'{number:,}' for number in sorted(tasks)])} {noun}"
        works.setdefault(words, []).append(work)
    return listed([f"{tasks} of {listed(some, 4)}" for tasks, some in works.items()], 4)


def failed(cases: Iterable[M]) -> list[M]:
    """The cases without any time."""
    return [case for case in cases if case.median is None]
