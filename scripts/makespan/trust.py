# SPDX-License-Identifier: Apache-2.0
"""The trust grade: how much of the CPU time was taken away from us while we measured.

On a shared machine the hypervisor gives a CPU to another guest now and then; Linux counts that as
steal time, over all CPUs. The share is steal / (makespan × CPUs), over all rows in question:

    A  below 0.5 %    B  below 2 %    C  2 % and above    ?  not recorded

The grade says nothing of the noise that comes from within the machine; the intervals show that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd

_LIMITS = (("A", 0.005), ("B", 0.02))
_ORDER = "A?BC"


def grade(steal_share: float) -> str:
    """The grade of a share in [0, 1]; NaN, where steal time or the number of CPUs is not known: ?"""
    if math.isnan(steal_share):
        return "?"
    return next((name for name, limit in _LIMITS if steal_share < limit), "C")


def worst(grades: Iterable[str]) -> str:
    """The grade of a statement that rests on several cases."""
    return max(grades, key=_ORDER.index, default="?")


def run_steal_share(samples: pd.DataFrame, cpus: float | None) -> float:
    """The share over all rows that are ok; NaN if nothing is known of it."""
    steal = samples["steal_ns"].to_numpy(dtype="float64", na_value=np.nan)
    makespan = samples["makespan_ns"].to_numpy(dtype="float64", na_value=np.nan)
    known = ~np.isnan(steal) & ~np.isnan(makespan)
    time = float(makespan[known].sum()) * (cpus or 0)
    return float(steal[known].sum()) / time if time else math.nan
