# SPDX-License-Identifier: Apache-2.0
"""One case of the grid, of whatever benchmark: what it is called, what its row says beforehand, how it is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from makespan.python_reference.columns import Columns
from makespan.python_reference.experiment import Experiment
from makespan.python_reference.limits import Need


@dataclass(frozen=True)
class Trial:
    """`flags` select just this case. `described` has the columns that are known beforehand. `allowance_ns` is how long
    the work may take beyond what its bound tells, before a limit that nobody has set ends it."""

    name: str
    flags: tuple[str, ...]
    described: Columns
    need: Need
    allowance_ns: int
    make: Callable[[], Experiment]
    left_out: str = ""

    @property
    def bound_ns(self) -> int | None:
        bound = self.described.get("model_bound_ns")
        return bound if isinstance(bound, int) else None


def joined(*parts: str) -> str:
    """Parts of a variant, without those that are empty."""
    return "+".join(filter(None, parts))
