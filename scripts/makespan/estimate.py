# SPDX-License-Identifier: Apache-2.0
"""How long the launches that are left will take: from what their batches should, then from what was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from statistics import fmean

from makespan.plan import EXPECTED_OVERHEAD_S, Case, Launch


class Estimate:
    """Expected times of launches, in seconds.

    A case that was launched before is expected to take what it took on average; another one what its
    batches are expected to, and the mean overhead of all launches so far.
    """

    def __init__(self, launches: Iterable[Launch]) -> None:
        self._left = Counter(launch.case for launch in launches)
        self._seen: dict[Case, list[float]] = {}
        self._overheads: list[float] = []

    def ended(self, case: Case, seconds: float) -> None:
        self._left[case] -= 1
        self._seen.setdefault(case, []).append(seconds)
        self._overheads.append(max(0.0, seconds - case.batches_s))

    def of(self, case: Case) -> float:
        if case in self._seen:
            return fmean(self._seen[case])
        overhead = fmean(self._overheads) if self._overheads else EXPECTED_OVERHEAD_S
        return case.batches_s + overhead

    def remaining(self) -> float:
        return sum(count * self.of(case) for case, count in self._left.items() if count)
