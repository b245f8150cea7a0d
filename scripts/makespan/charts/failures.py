# SPDX-License-Identifier: Apache-2.0
"""Notes on cases that gave no time, so that no chart leaves one out silently."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from makespan.units import one_line

from .cases import Case
from .text import listed, shortened

MOST_NOTES = 6
REASON_LENGTH = 110


@dataclass(frozen=True)
class Cause:
    """What the cases of one note have in common; `status` says how many launches, if not all."""

    series: str
    status: str
    reason: str

    def note(self, cases: Iterable[Case]) -> str:
        """Like "× threads skipped: 1,000 tasks of 1 ms sleep (needs 1,000 threads, limit 512)"."""
        tasks: dict[str, set[int]] = {}
        for case in cases:
            tasks.setdefault(case.workload.task, set()).add(case.tasks)
        works: dict[str, list[str]] = {}
        for work, counts in tasks.items():
            noun = "task" if counts == {1} else "tasks"
            works.setdefault(f"{listed([f'{n:,}' for n in sorted(counts)])} {noun}", []).append(
                work
            )
        batches = [f"{counts} of {listed(some, 4)}" for counts, some in works.items()]
        reason = f" ({self.reason})" if self.reason else ""
        return f"× {self.series} {self.status}: {listed(batches, 4)}{reason}"


def failure_notes(cases: Iterable[Case]) -> list[str]:
    """One line per cause with the batches it concerns, at most MOST_NOTES and one more."""
    groups: dict[Cause, list[Case]] = {}
    for case in cases:
        launches = case.n + sum(failure.count for failure in case.failures)
        for failure in case.failures:
            share = "" if case.median is None else f" in {failure.count} of {launches} launches"
            name = shortened(case.series.name, 40)
            cause = Cause(name, failure.status + share, one_line(failure.error, REASON_LENGTH))
            groups.setdefault(cause, []).append(case)
    notes = [cause.note(group) for cause, group in groups.items()]
    left = len(notes) - MOST_NOTES
    if left <= 0:
        return notes
    more = f"× … and {left} more; samples.csv gives the reasons (columns status and error)."
    return [*notes[:MOST_NOTES], more]


def failed(cases: Iterable[Case]) -> list[Case]:
    """The cases without any time."""
    return [case for case in cases if case.median is None]
