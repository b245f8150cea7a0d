# SPDX-License-Identifier: Apache-2.0
"""Notes on cases that gave no time, so that no chart leaves one out silently."""

from __future__ import annotations

from collections.abc import Iterable

from .cases import Case
from .text import listed, shortened

MOST_NOTES = 6
REASON_LENGTH = 110


def failure_notes(cases: Iterable[Case]) -> list[str]:
    """One line per series, workload, status and reason, with the numbers of tasks it concerns; cut after MOST_NOTES."""
    groups: dict[tuple[str, ...], list[Case]] = {}
    for case in cases:
        for failure in case.failures:
            lost = "" if case.median is None else f" in {failure.count} of {case.n + sum(f.count for f in case.failures)} launches"
            key = (case.series.name, f"{case.workload.benchmark} {case.workload.task}", failure.status + lost, failure.error)
            groups.setdefault(key, []).append(case)
    notes = [note(*key, group) for key, group in groups.items()]
    left = len(notes) - MOST_NOTES
    return notes if left <= 0 else [*notes[:MOST_NOTES], f"× … and {left} more; samples.csv has the reason of each (columns status, error)."]


def note(name: str, workload: str, status: str, reason: str, cases: list[Case]) -> str:
    counts = listed([f"{tasks:,}" for tasks in sorted({case.tasks for case in cases})])
    because = f" ({shortened(reason, REASON_LENGTH)})" if reason else ""
    return f"× {shortened(name, 40)}, {workload}, {counts} task{'' if counts == '1' else 's'}: {status}{because}"


def failed(cases: Iterable[Case]) -> list[Case]:
    return [case for case in cases if case.median is None]
